"""A scenario in which all is as it should be, and what can be done to it: for the tests of the checker."""

import json
from dataclasses import replace
from decimal import Decimal

from gateway.domain.events import Direction
from tests.chaos.books import AccountRow, Books, CallRow, EntryRow, LiveRow, MailRow
from tests.chaos.evidence import Evidence
from tests.chaos.fault_kinds import Fault, FaultKind
from tests.chaos.rating import EMERGENCY
from tests.chaos.scenario import AccountPlan, CallPlan, Scenario
from tests.chaos.story import Story, ToldEnd
from tests.support.processes import Told

D = Decimal
LINE = "+15550000100"
REJECTED = b'{"action":"reject","call_id":"s1-0","sip_code":503,"reason":"unavailable"}'


def told(body: bytes | dict[str, object], status: int = 200) -> Told:
    return Told(status, body if isinstance(body, bytes) else json.dumps(body).encode(), 0.1)


def a_plan(**more: object) -> CallPlan:
    plan = CallPlan(
        call_id="s1-0",
        account=0,
        direction=Direction.OUTBOUND,
        callee="+442079460000",
        connection="pbx",
        starts_at_s=0,
        seats=(0, 1),
        answers_after_s=0,
        talks_s=None,
    )
    return replace(plan, **more)


def a_story() -> Story:
    """Connected for three seconds at 100.0, cut at 103.5."""
    connect: dict[str, object] = {"action": "connect", "call_id": "s1-0", "caller_id": LINE, "max_seconds": 3}
    return Story(
        a_plan(),
        LINE,
        starts=[told(connect)],
        ends=[ToldEnd(seconds=4, told=told({"call_id": "s1-0"}))],
        first_told_at=99.9,
        connected_at=100.0,
        answered_at=100.0,
        is_answer_known=True,
        hung_up_at=103.5,
        ended_at=103.6,
        last_told_at=103.7,
    )


def a_row(story: Story) -> CallRow:
    return CallRow(
        id=7,
        account_id=1,
        provider_call_id="s1-0",
        callee="+442079460000",
        state="ended",
        reason=None,
        granted_s=3,
        reply=story.starts[0].body,
        reported_s=4,
        billed_s=3,
        charge=D("0.03"),
        flags=(),
    )


def sound_evidence() -> Evidence:
    """A call, a rent, a payment and a mail, all as they should be."""
    story = a_story()
    plan = AccountPlan(line=LINE, balance="0.03", rent="4", top_ups=("4",))
    books = Books(
        accounts=[AccountRow(id=1, name="s1-0", balance=D(0), held=D(0), credit_limit=D(0))],
        calls=[a_row(story)],
        live=[],
        entries=[
            EntryRow(id=1, account_id=1, kind="adjustment", amount=D("0.03"), balance_after=D("0.03")),
            EntryRow(id=2, account_id=1, kind="call", amount=D("-0.03"), balance_after=D(0), call_id=7),
            EntryRow(id=3, account_id=1, kind="top_up", amount=D(4), balance_after=D(4), external_id="p"),
            EntryRow(id=4, account_id=1, kind="rent", amount=D(-4), balance_after=D(0), line_id=3),
        ],
        mails=[MailRow(account_id=1, kind="low_balance", key="k", message_id="<1>", state="sent")],
    )
    return Evidence(
        scenario=Scenario(seed=1, accounts=(plan,), calls=(story.plan,), faults=()),
        stories=[story],
        books=books,
        paid={"p": D(4)},
        mails_taken={"<1>": 1},
    )


def with_books(evidence: Evidence, **more: object) -> Evidence:
    return replace(evidence, books=replace(evidence.books, **more))


def with_row(evidence: Evidence, **more: object) -> Evidence:
    return with_books(evidence, calls=[replace(evidence.books.calls[0], **more)])


def with_story(evidence: Evidence, **more: object) -> Evidence:
    [story] = evidence.stories
    for name, value in more.items():
        setattr(story, name, value)
    return evidence


def with_entry(evidence: Evidence, index: int, **more: object) -> Evidence:
    entries = list(evidence.books.entries)
    entries[index] = replace(entries[index], **more)
    return with_books(evidence, entries=entries)


def with_live(evidence: Evidence) -> Evidence:
    return with_books(evidence, live=[LiveRow(call_id=7, account_id=1, provider_call_id="s1-0", hold=D(0))])


def as_emergency(evidence: Evidence) -> Evidence:
    refused = with_story(evidence, plan=a_plan(callee=EMERGENCY), starts=[told(REJECTED)])
    return with_row(refused, charge=D(0))


def as_refused_for_others(evidence: Evidence) -> Evidence:
    """The account of somebody else is locked, and a call is refused."""
    locked = Fault(kind=FaultKind.ACCOUNT_LOCKED, seat=0, at_s=0, lasts_s=1, amount=0)
    refused = with_story(evidence, plan=a_plan(account=1), starts=[told(REJECTED)])
    plans = evidence.scenario.accounts * 2
    return replace(refused, scenario=replace(evidence.scenario, faults=(locked,), accounts=plans))


def with_cap(evidence: Evidence, most: int) -> Evidence:
    [plan] = evidence.scenario.accounts
    return replace(evidence, scenario=replace(evidence.scenario, accounts=(replace(plan, live_calls_max=most),)))


def with_mail(evidence: Evidence, **more: object) -> Evidence:
    return with_books(evidence, mails=[replace(evidence.books.mails[0], **more)])
