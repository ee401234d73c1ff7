"""One call: why it was decided as it was, what would have allowed it, what it cost, and what can be done about it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

from gateway.domain.access.actions import Action
from gateway.domain.calls.refusals import Refusal
from gateway.domain.events import Direction
from gateway.domain.money import ZERO
from gateway.postgres.crm import CrmState
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.resources.call_detail import Call
from gateway.web.pages.account_names import account_names
from gateway.web.pages.asking import filled, require_tick, required, worded
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

PATH: Final = "/calls/{call}"
# What is said once something was done.
_DONE: Final = ("cut", "refunded", "blocked", "caller_blocked", "prefix_blocked", "closed", "told_again")
# Refusals whose reason stands on the page of a number.
_OF_A_NUMBER: Final = {Refusal.NUMBER_SUSPENDED: "callee", Refusal.NO_MAIN_NUMBER: "line"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Something that happened to a call, and how long after the moment before."""

    name: str
    at: datetime
    after_s: int | None


async def show_call(visit: PageVisit) -> Shown:
    call = await call_of(visit)
    explained = call.explanation or []
    return Shown(
        values={
            "call": call,
            "reason": next((each.text for each in explained if each.code == "explanation.refused"), ""),
            "explained": [each.text for each in explained if not each.code.startswith("would_need.")],
            "allowed_by": "" if call.counterfactual is None else worded(visit, call.counterfactual),
            "left": (call.charge or ZERO) - call.refunded,
            "moments": list(moments(call)),
            "number_to_see": _number_to_see(call),
            "quote_href": _quote_href(visit, call),
            "may_cut": visit.may(Action.CALLS_CUT) and call.live is not None and call.live.cut_next_at is not None,
            "may_close": visit.may(Action.CALLS_CLOSE)
            and call.live is not None
            and call.live.must_end_at <= visit.visit.now,
            "may_try_again": visit.may(Action.CRM_CHANGE) and any(each.state is CrmState.GIVEN_UP for each in call.crm),
            "may_refund": visit.may(Action.MONEY_REFUND)
            and bool(call.charge)
            and call.refunded < (call.charge or ZERO),
            "may_block": visit.may(Action.ACCOUNTS_BLOCK) and call.account_id is not None,
            "may_block_more": visit.may(Action.CAPS_TIGHTEN) and call.account_id is not None,
            "prefix": _prefix(call),
            "account_names": await account_names(visit, [call.account_id]),
            "done": done if (done := visit.query.get("done", "")) in _DONE else "",
        },
        api=f"/calls/{call.id}?include=explanation,entries,hooks",
        command=f"gateway calls show {call.id}",
    )


def moments(call: Call) -> Iterator[Moment]:
    """What happened to it and when, in that order."""
    happened = [
        ("started", call.started_at),
        ("answered", call.answered_at),
        ("must_end", None if call.live is None else call.live.must_end_at),
        ("ended", call.ended_at),
        *((f"booked_{each.kind}", each.booked_at) for each in call.entries or ()),
    ]
    before: datetime | None = None
    for name, at in sorted(((name, at) for name, at in happened if at is not None), key=lambda each: each[1]):
        yield Moment(name=name, at=at, after_s=None if before is None else round((at - before).total_seconds()))
        before = at


async def cut(visit: PageVisit) -> str:
    await visit.do("cut_call", path={"call": visit.path["call"]})
    if visit.form.get("from") == "live":
        return f"{visit.own}/calls/live?done=cut"
    return back(visit, "cut")


async def refund(visit: PageVisit) -> str:
    call = await call_of(visit)
    await visit.do(
        "refund",
        path={"account_id": str(call.account_id or 0)},
        body={"amount": required(visit, "amount"), "call_id": call.id} | filled(note=visit.form.get("note")),
    )
    return back(visit, "refunded")


async def block(visit: PageVisit) -> str:
    require_tick(visit)
    call = await call_of(visit)
    await visit.do(
        "block_account",
        path={"account_id": str(call.account_id or 0)},
        body={"reason": required(visit, "reason"), "cut": visit.form.get("cut") == "yes"},
    )
    return back(visit, "blocked")


async def call_of(visit: PageVisit) -> Call:
    """With all that is known of it; on the pages of an account only what is its own."""
    call: Call = await visit.ask(
        "show_call",
        path={"call": visit.path["call"]},
        query={"include": "explanation,entries,hooks", "language": visit.language},
    )
    if visit.account_id not in (None, call.account_id):
        raise Declined(code=ErrorCode.NOT_FOUND, detail="")
    return call


def back(visit: PageVisit, done: str) -> str:
    return f"{visit.own}/calls/{visit.path['call']}?done={done}"


def _number_to_see(call: Call) -> str:
    """The number whose life is the reason of a refusal, where its page may be seen."""
    if call.account_id is None or call.reason not in list(_OF_A_NUMBER):
        return ""
    return str(getattr(call, _OF_A_NUMBER[Refusal(call.reason)]))


def _prefix(call: Call) -> str:
    """What to block so that no call goes there any more: all that is charged alike, else the number; not who calls."""
    if call.direction == Direction.INBOUND or not call.callee:
        return ""
    return f"+{call.rate.prefix}" if call.rate is not None and call.rate.prefix else call.callee


def _quote_href(visit: PageVisit, call: Call) -> str:
    """Where the same call is asked for once more, as if it came now; none for one that came in."""
    if call.direction == Direction.INBOUND or not call.line or not call.callee:
        return ""
    asked: dict[str, Any] = {"line": call.line, "callee": call.callee}
    return f"{visit.own}/quotes?{urlencode(asked)}"


PAGES: Final = (
    Page(path=PATH, name="calls.one", action=Action.CALLS_READ, show=show_call),
    Page(path=f"{OWN}{PATH}", name="calls.one", action=Action.CALLS_READ, show=show_call),
)
DEEDS: Final[tuple[Deed, ...]] = tuple(
    Deed(path=f"{side}{PATH}/{verb}", page=f"{side}{PATH}", action=action, do=do)
    for side in ("", OWN)
    for verb, action, do in (
        ("cut", Action.CALLS_CUT, cut),
        ("refund", Action.MONEY_REFUND, refund),
        ("block", Action.ACCOUNTS_BLOCK, block),
    )
)
