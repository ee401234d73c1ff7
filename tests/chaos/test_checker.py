"""Each rule of the checker finds its breach in a world that is broken so, and nothing in one that is not."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest

from tests.chaos import call_rules, money_rules
from tests.chaos.checker import RULES, breaches
from tests.chaos.evidence import Evidence
from tests.chaos.fault_kinds import Fault, FaultKind
from tests.chaos.rating import EMERGENCY
from tests.chaos.sound import (
    a_plan,
    as_emergency,
    as_refused_for_others,
    sound_evidence,
    told,
    with_books,
    with_cap,
    with_entry,
    with_live,
    with_mail,
    with_row,
    with_story,
)
from tests.chaos.stillness import LOOKS_EVERY_S, Stillness
from tests.chaos.story import ToldEnd

D = Decimal
Break = Callable[[Evidence], Evidence]


@pytest.fixture
def sound() -> Evidence:
    return sound_evidence()


def still_for(seconds: float, *, since: float) -> Stillness:
    """A machine that had no turn for so long, and otherwise was looked at as often as it is."""
    still = Stillness()
    for look in range(400):
        at = 90.0 + look * LOOKS_EVERY_S
        still.note(at, {7: min(max(0.0, at - since), seconds)})
    return still


BROKEN: dict[str, tuple[str, Break]] = {
    "a start is lost": ("starts_kept", lambda it: with_books(it, calls=[])),
    "another reply is on record": ("starts_kept", lambda it: with_row(it, reply=b"{}")),
    "a connected call is refused on record": ("starts_kept", lambda it: with_row(it, state="refused")),
    "a repeat has another reply": (
        "replies_repeated",
        lambda it: with_story(it, starts=[*it.stories[0].starts, told({"action": "reject"})]),
    ),
    "an end is lost with its call": ("ends_kept", lambda it: with_books(it, calls=[])),
    "an end is lost": ("ends_kept", lambda it: with_row(it, state="open")),
    "an end has other seconds": ("ends_kept", lambda it: with_row(it, reported_s=9)),
    "a price is wrong": ("charges_right", lambda it: with_row(it, charge=D("0.04"))),
    "more is charged than was granted": ("charges_right", lambda it: with_row(it, billed_s=4, charge=D("0.04"))),
    "less is charged than was told": ("charges_right", lambda it: with_row(it, billed_s=2, charge=D("0.02"))),
    "a call is two": ("charged_once", lambda it: with_books(it, calls=[it.books.calls[0]] * 2)),
    "a call is charged twice": (
        "charged_once",
        lambda it: with_books(it, entries=[*it.books.entries, it.books.entries[1]]),
    ),
    "a call is not charged": ("charged_once", lambda it: with_entry(it, 1, kind="adjustment")),
    "an entry does not follow": ("books_balance", lambda it: with_entry(it, 1, balance_after=D("0.01"))),
    "the balance is not its entries": ("books_balance", lambda it: with_entry(it, 3, amount=D(-5))),
    "something is held for nothing": (
        "books_balance",
        lambda it: with_books(it, accounts=[replace(it.books.accounts[0], held=D(1))]),
    ),
    "an account is overspent": ("nothing_overspent", lambda it: with_entry(it, 1, balance_after=D("-0.01"))),
    "a call is live that is over": ("no_stray_holds", with_live),
    "a call is cut late": ("cut_in_time", lambda it: with_story(it, hung_up_at=105.1)),
    "a call is cut early": ("never_cut_early", lambda it: with_story(it, hung_up_at=101.4)),
    "a call is never cut": ("cut_in_time", lambda it: with_story(it, hung_up_at=None, ended_at=115.0)),
    "a cap is not kept": ("caps_kept", lambda it: with_cap(it, 0)),
    "a call is refused for the account of others": ("served_meanwhile", as_refused_for_others),
    "an emergency call is refused": ("emergencies_connected", as_emergency),
    "a rent is not charged": ("rents_once", lambda it: with_entry(it, 3, kind="adjustment")),
    "a rent is another": ("rents_once", lambda it: with_entry(it, 3, amount=D(-5))),
    "a payment is lost": ("payments_once", lambda it: with_entry(it, 2, external_id="q")),
    "a payment is another": ("payments_once", lambda it: with_entry(it, 2, amount=D(5))),
    "a mail is sent twice": ("mails_once", lambda it: replace(it, mails_taken={"<1>": 2})),
    "a mail is sent to nobody": ("mails_once", lambda it: replace(it, mails_taken={})),
    "a mail is given up": ("mails_once", lambda it: with_mail(it, state="given_up")),
    "a mail is written twice": ("mails_once", lambda it: with_books(it, mails=[*it.books.mails] * 2)),
    "a call that was forgotten stays open": (
        "ends_kept",
        lambda it: with_row(with_story(it, plan=a_plan(is_forgotten=True), ends=[]), state="open"),
    ),
    "garbage is taken": ("nothing_odd", lambda it: replace(it, to_garbage=[told(b"ok")])),
    "a reply says nothing": ("nothing_odd", lambda it: with_story(it, odd=[told(b"oh", 500)])),
}


def test_a_sound_world_breaks_no_rule(sound: Evidence) -> None:
    assert breaches(sound) == []


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_world_is_found(sound: Evidence, case: str) -> None:
    rule, break_it = BROKEN[case]

    found = breaches(break_it(sound))

    assert rule in {name for name, _ in found}


def test_every_rule_has_a_world_that_breaks_it() -> None:
    assert {rule for rule, _ in BROKEN.values()} == {rule.__name__ for rule in RULES}


def test_a_cap_that_is_just_reached_is_kept(sound: Evidence) -> None:
    assert list(call_rules.caps_kept(with_cap(sound, 1))) == []


def test_nobody_is_blamed_for_a_machine_that_stood_still(sound: Evidence) -> None:
    refused = with_story(as_refused_for_others(sound), replied_at=100.5)
    still = replace(refused, stillness=still_for(0.4, since=100.0))
    at_another_time = replace(refused, stillness=still_for(0.4, since=101.0))

    assert list(call_rules.served_meanwhile(still)) == []
    assert len(list(call_rules.served_meanwhile(at_another_time))) == 1


def test_what_a_machine_gave_to_others_is_no_time_of_a_gateway(sound: Evidence) -> None:
    late = with_story(sound, hung_up_at=106.0)

    assert len(list(call_rules.cut_in_time(replace(late, stillness=still_for(0.9, since=104.0))))) == 1
    assert list(call_rules.cut_in_time(replace(late, stillness=still_for(1.1, since=104.0)))) == []
    assert len(list(call_rules.cut_in_time(replace(late, stillness=still_for(1.1, since=101.0))))) == 1


def test_a_reply_that_was_late_begins_no_call(sound: Evidence) -> None:
    slow = with_story(sound, hung_up_at=102.0, first_told_at=98.0, replied_at=100.0)
    early = with_story(sound, hung_up_at=101.4)

    assert len(list(call_rules.never_cut_early(early))) == 1
    assert list(call_rules.never_cut_early(replace(slow, stillness=still_for(1.0, since=98.5)))) == []


def test_what_is_up_may_be_live(sound: Evidence) -> None:
    up = with_live(with_story(sound, ended_at=None))

    assert list(money_rules.no_stray_holds(up)) == []


def test_who_cannot_be_asked_may_overspend(sound: Evidence) -> None:
    unasked = with_row(with_entry(sound, 1, balance_after=D("-0.02")), flags=("unavailable",))

    assert list(money_rules.nothing_overspent(unasked)) == []


def test_a_call_is_cut_when_there_is_a_gateway_again(sound: Evidence) -> None:
    late = with_story(sound, hung_up_at=108.0)

    assert list(call_rules.cut_in_time(replace(late, unattended=[(101.0, 106.5)]))) == []
    assert len(list(call_rules.cut_in_time(replace(late, unattended=[(101.0, 105.5)])))) == 1


def test_a_mail_is_sent_again_where_its_answer_was_lost(sound: Evidence) -> None:
    again = replace(sound, mails_taken={"<1>": 2}, mails_unanswered={"<1>": 1})

    assert list(money_rules.mails_once(again)) == []


def test_what_is_told_of_more_than_passed_is_bounded(sound: Evidence) -> None:
    lies = with_story(sound, plan=a_plan(lie_s=3000), ends=[ToldEnd(seconds=3004, told=told(b"{}"))])
    lies.stories[0].starts[0] = told({"action": "connect", "max_seconds": 3600})
    bounded = with_row(lies, reported_s=3004, granted_s=3600, billed_s=14, charge=D("0.14"))
    too_much = with_row(bounded, billed_s=15, charge=D("0.15"))

    assert list(call_rules.charges_right(bounded)) == []
    assert len(list(call_rules.charges_right(too_much))) == 1


def test_what_only_an_end_tells_of_is_charged_as_it_tells(sound: Evidence) -> None:
    """One gateway connects an emergency call without the database; its end, with its start, is told to another one."""
    plan = a_plan(lie_s=3000, callee=EMERGENCY, tells_start_at_end=True)
    lies = with_story(sound, plan=plan, ends=[ToldEnd(seconds=3004, told=told(b"{}"))])
    lies.stories[0].starts[0] = told({"action": "connect", "max_seconds": 3600})
    known = with_row(lies, callee=EMERGENCY, reported_s=3004, granted_s=3600, billed_s=3004, charge=D(0))
    unknown = with_row(known, flags=("no_start",))

    assert len(list(call_rules.charges_right(known))) == 1
    assert list(call_rules.charges_right(unknown)) == []
    assert len(list(call_rules.charges_right(with_row(unknown, billed_s=3003)))) == 1


def test_an_end_and_a_start_on_two_disks_are_bounded_by_when_the_end_was_on_record(sound: Evidence) -> None:
    plan = a_plan(lie_s=3000, callee=EMERGENCY)
    lies = with_story(sound, plan=plan, ends=[ToldEnd(seconds=3004, told=told(b"{}"))])
    lies.stories[0].starts[0] = told({"action": "connect", "max_seconds": 3600})
    waited = with_row(lies, callee=EMERGENCY, reported_s=3004, granted_s=3600, billed_s=20, charge=D(0))
    told_late = with_row(waited, flags=("no_start", "unavailable"))

    assert len(list(call_rules.charges_right(replace(waited, looked_at=110.0)))) == 1
    assert list(call_rules.charges_right(replace(told_late, looked_at=110.0))) == []
    assert len(list(call_rules.charges_right(replace(told_late, looked_at=108.0)))) == 1


def test_by_a_wrong_clock_no_signature_is_of_now(sound: Evidence) -> None:
    ahead = Fault(kind=FaultKind.CLOCK_AHEAD, seat=0, at_s=0, lasts_s=1, amount=0)
    refused = with_story(sound, odd=[told(b"", 403)])

    assert len(list(call_rules.nothing_odd(refused))) == 1
    assert list(call_rules.nothing_odd(replace(refused, scenario=replace(sound.scenario, faults=(ahead,))))) == []
