"""Lines through their months: renewed, suspended, reminded of, disconnected, in the order in which it was due."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from gateway.domain.lines.charge import Ending
from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.lines.rent_calendar import RentCalendar
from gateway.domain.lines.rent_state import NotRented
from gateway.domain.mail.notices import NoticeKind
from tests.support.rents import awake, berlin, calendar, charged, given_up, kept, price, rented, told, unpaid

DUE_ON = date(2026, 7, 1)
DUE = berlin(7, 1)


def test_r23_a_month_that_is_over_is_charged_and_the_next_begins() -> None:
    made = kept(DUE, rented(DUE_ON), balance="4")

    [line] = made.changed.values()
    assert (line.line_state, line.rent.due_on, line.calendar_due_at) == (
        LineState.ACTIVE,
        date(2026, 8, 1),
        berlin(7, 29),
    )
    assert made.funds.balance == 0
    [charge] = made.charges
    assert (charge.account_id, charge.line_id, charge.key) == (7, 1, "rent:1:2026-07-01")
    assert charge.note == "+493055501 from 2026-07-01 to 2026-08-01"
    assert told(made) == []


def test_r23_nothing_is_charged_before_the_month_is_over() -> None:
    made = kept(DUE - timedelta(microseconds=1), rented(DUE_ON), balance="4")

    assert (made.charges, told(made)) == ([], [])


def test_r23_downtime_changes_no_period() -> None:
    late = kept(berlin(4, 20), rented(date(2026, 1, 31)), balance="100")

    assert [charge.key for charge in late.charges] == ["rent:1:2026-01-31", "rent:1:2026-02-28", "rent:1:2026-03-31"]
    assert late.lines[1].rent.due_on == date(2026, 4, 30)
    assert told(late) == []


def test_r28_each_month_of_a_downtime_has_the_price_of_its_beginning() -> None:
    rates = [price("4", until=DUE), price("5", since=DUE, until=berlin(8, 15)), price("6", since=berlin(8, 15))]

    made = kept(berlin(8, 20), rented(date(2026, 6, 1), rates=rates), balance="100")

    assert charged(made) == [(1, "rent", "4"), (1, "rent", "5"), (1, "rent", "5")]
    assert made.lines[1].rent.month == 5


def test_r23_a_free_month_is_no_charge_and_needs_no_money() -> None:
    made = kept(DUE, rented(DUE_ON, rent="0"), balance="-3")

    assert made.charges == []
    assert made.lines[1].rent.due_on == date(2026, 8, 1)


def test_r24_too_little_money_suspends_and_reserves_for_two_months_from_the_due_date() -> None:
    made = kept(berlin(7, 3), rented(DUE_ON), balance="3.999999")

    line = made.lines[1]
    assert (line.line_state, line.rent.due_on, line.reserved_until) == (LineState.SUSPENDED, DUE_ON, berlin(9, 1))
    assert (made.charges, line.calendar_due_at) == ([], berlin(8, 18))
    [notice] = made.notices
    assert (notice.account_id, notice.kind, notice.key) == (7, "line_suspended", "line_suspended:1:2026-07-01")
    assert notice.facts == {
        "line": "+493055501",
        "line_kind": "number",
        "rent": "4",
        "due_on": "2026-07-01",
        "available": "3.999999",
        "missing": "0.000001",
        "held": "0",
        "reserved_until": "2026-08-31T22:00:00+00:00",
    }


def missing(made: RentCalendar) -> list[tuple[object, object, object]]:
    """Line, what is missing and what is held, of each suspension."""
    suspended = [each.facts for each in made.notices if each.kind is NoticeKind.LINE_SUSPENDED]
    return [(facts["line"], facts["missing"], facts["held"]) for facts in suspended]


def test_r24_31_what_is_missing_counts_the_overdue_rents_that_are_paid_first() -> None:
    cheap, dear = rented(DUE_ON, rent="2"), rented(DUE_ON, line_id=2, rent="5")
    before, after = unpaid(date(2026, 6, 30), line_id=3, rent="8"), unpaid(date(2026, 7, 2), line_id=4, rent="9")
    ending = given_up(unpaid(date(2026, 6, 1), line_id=5), berlin(7, 2))

    alone = kept(DUE, cheap, dear, balance="1")
    made = calendar(DUE, cheap, dear, balance="1", overdue=[before, after, ending])
    made.run_until(DUE)

    assert missing(alone) == [("+493055501", "1", "0"), ("+493055502", "6", "0")]
    assert missing(made) == [("+493055501", "9", "0"), ("+493055502", "14", "0")]


def test_r24_31_an_overdue_line_that_is_looked_at_itself_counts_as_it_is_now() -> None:
    before = replace(unpaid(date(2026, 6, 1), line_id=2, rent="3"), calendar_due_at=berlin(6, 30))
    made = calendar(DUE, rented(DUE_ON), before, balance="3", overdue=[before])

    made.run_until(DUE)

    assert charged(made) == [(2, "rent", "3")]
    assert missing(made) == [("+493055501", "4", "0")]


@pytest.mark.parametrize(
    ("money", "expected"),
    [
        ({"balance": "10", "held": "8"}, ("0.000000", "8")),
        ({"balance": "3.99", "held": "3"}, ("3.01", "3")),
        ({"balance": "-5", "credit_limit": "8"}, ("1", "0")),
    ],
)
def test_r24_31_money_that_calls_hold_is_not_missing_but_held(money: dict[str, str], expected: object) -> None:
    [(_, *told)] = missing(kept(DUE, rented(DUE_ON), **money))

    assert tuple(told) == expected


def test_r24_a_credit_limit_pays_rents_too() -> None:
    assert charged(kept(DUE, rented(DUE_ON), balance="-1", credit_limit="5")) == [(1, "rent", "4")]
    assert charged(kept(DUE, rented(DUE_ON), balance="-1", credit_limit="4.99")) == []


def test_r26_a_connector_is_charged_as_such_and_has_no_reserve() -> None:
    line = rented(DUE_ON, kind=LineKind.CONNECTOR, rent="49")

    assert charged(kept(DUE, line, balance="49")) == [(1, "connector", "49")]
    made = kept(berlin(7, 1, year=2027), line, balance="48")
    assert (made.lines[1].line_state, made.lines[1].reserved_until) == (LineState.SUSPENDED, None)
    assert made.lines[1].calendar_due_at is None
    assert (told(made), made.notices[0].facts["reserved_until"]) == (["line_suspended"], None)


def test_r24_31_reminders_come_14_and_3_days_before_the_end_each_once() -> None:
    suspended = unpaid(DUE_ON)

    first = kept(berlin(8, 18), suspended)
    second = kept(berlin(8, 29), first.lines[1])

    assert [(notice.kind, notice.facts["days"]) for notice in first.notices] == [("disconnection_near", 14)]
    assert [(notice.kind, notice.facts["days"]) for notice in second.notices] == [("disconnection_near", 3)]
    assert first.notices[0].facts["reserved_until"] == "2026-08-31T22:00:00+00:00"
    assert first.notices[0].key != second.notices[0].key
    assert second.lines[1].calendar_due_at == berlin(9, 1)


@pytest.mark.parametrize(
    ("now", "kinds"),
    [
        (berlin(8, 17, 23, 59), ["line_suspended"]),
        (berlin(8, 20), ["line_suspended", "disconnection_near"]),
        (berlin(8, 30), ["line_suspended", "disconnection_near"]),
        (berlin(9, 1), ["line_suspended", "line_disconnected"]),
    ],
)
def test_r31_what_is_noticed_late_is_told_only_while_it_is_news(now: object, kinds: list[str]) -> None:
    assert told(kept(now, rented(DUE_ON))) == kinds


def test_r24_31_a_reminder_comes_even_if_the_calendar_comes_back_later_than_it_should() -> None:
    """As after an account that failed was postponed."""
    made = kept(berlin(8, 18, 0, 5), replace(unpaid(DUE_ON), calendar_due_at=berlin(8, 18, 0, 5)))

    assert told(made) == ["disconnection_near"]
    assert made.lines[1].calendar_due_at == berlin(8, 29)


def test_r24_a_number_is_gone_when_its_reserve_ends() -> None:
    before = kept(berlin(9, 1) - timedelta(microseconds=1), unpaid(DUE_ON))
    made = kept(berlin(9, 1, 8), unpaid(DUE_ON))

    assert before.lines[1].line_state is LineState.SUSPENDED
    line = made.lines[1]
    assert (line.line_state, line.state.disconnected_at, line.calendar_due_at) == (
        LineState.DISCONNECTED,
        berlin(9, 1),
        None,
    )
    assert told(made) == ["line_disconnected"]
    assert made.notices[-1].facts["why"] == "unpaid"


def test_r24_a_number_of_a_month_without_a_31st_is_reserved_until_its_last() -> None:
    made = kept(berlin(12, 31, year=2025), rented(date(2025, 12, 31)))

    assert made.lines[1].reserved_until == berlin(2, 28)


def test_r23_what_is_due_first_is_paid_first_then_the_cheaper_then_the_older() -> None:
    dear, cheap, twin = (
        rented(DUE_ON, rent="5"),
        rented(DUE_ON, line_id=3, rent="2"),
        rented(DUE_ON, line_id=2, rent="2"),
    )
    earlier = rented(date(2026, 6, 30), line_id=4, rent="4")

    made = kept(berlin(7, 2), dear, cheap, twin, earlier, balance="8.5")

    assert [line_id for line_id, *_ in charged(made)] == [4, 2, 3]
    assert made.lines[1].line_state is LineState.SUSPENDED


def test_r23_a_month_of_one_line_waits_for_earlier_ones_of_others() -> None:
    often, later = rented(date(2026, 6, 1)), rented(date(2026, 6, 20), line_id=2)

    made = kept(berlin(7, 2), often, later, balance="8")

    assert [charge.key for charge in made.charges] == ["rent:1:2026-06-01", "rent:2:2026-06-20"]
    assert made.lines[1].rent.due_on == DUE_ON
    assert made.lines[1].line_state is LineState.SUSPENDED


def test_r23_a_batch_ends_before_the_line_that_was_left_out() -> None:
    """Of a batch, a line whose reminder came first is dearer than one of the same day that is not in it."""
    dear = rented(DUE_ON, rent="9")
    first = rented(DUE_ON, line_id=2, rent="1")
    made = calendar(
        berlin(7, 2), replace(dear, calendar_due_at=berlin(6, 28)), awake(first, berlin(6, 28)), balance="9.5"
    )

    made.run_until(berlin(7, 2), is_all=False)

    assert charged(made) == [(2, "rent", "1")]
    assert (made.lines[1].line_state, made.lines[1].calendar_due_at) == (LineState.ACTIVE, DUE)


def test_r27_what_is_given_up_is_neither_renewed_nor_reminded_of_and_ends() -> None:
    ends_at = berlin(7, 1, 15)
    line = awake(given_up(rented(DUE_ON), ends_at), None)

    before = kept(berlin(7, 1, 14), replace(line, calendar_due_at=DUE), balance="10")
    made = kept(berlin(7, 5), line, balance="10")

    assert (before.charges, before.lines[1].line_state, before.lines[1].calendar_due_at) == (
        [],
        LineState.ACTIVE,
        ends_at,
    )
    assert (made.charges, made.lines[1].line_state) == ([], LineState.DISCONNECTED)
    assert made.lines[1].state.disconnected_at == ends_at
    assert made.notices[0].facts["why"] == "given_up"


def test_r27_a_reserve_that_ends_before_is_the_end() -> None:
    line = awake(given_up(unpaid(DUE_ON), berlin(9, 1, 12)), DUE)

    made = kept(berlin(9, 2), line)

    assert (made.lines[1].state.disconnected_at, made.notices[0].facts["why"]) == (berlin(9, 1), "unpaid")


def test_r29_a_lost_line_is_gone_at_once() -> None:
    made = calendar(berlin(6, 10), rented(DUE_ON), balance="10")

    line = made.disconnect(made.lines[1], made.lines[1].state, Ending.LOST, made.now)

    assert (line.line_state, line.state.disconnected_at, line.calendar_due_at) == (
        LineState.DISCONNECTED,
        berlin(6, 10),
        None,
    )
    assert (told(made), made.notices[0].facts["why"]) == (["line_disconnected"], "lost")


def test_r23_renting_charges_setup_and_month_from_today() -> None:
    made = calendar(berlin(1, 31, 12), balance="5")

    line = made.start_rent(replace(rented(DUE_ON), state=NotRented()), month=Decimal(4), setup=Decimal(1))

    assert (line.rent.due_on, line.rent.anchor_day, line.rent.month) == (date(2026, 2, 28), 31, 4)
    assert charged(made) == [(1, "setup", "1"), (1, "rent", "4")]
    assert made.funds.balance == 0


def test_r23_what_was_postponed_takes_its_turn_by_when_it_was_due() -> None:
    postponed = berlin(7, 10)
    often = replace(rented(date(2026, 6, 1)), calendar_due_at=postponed)
    later = replace(rented(date(2026, 6, 20), line_id=2), calendar_due_at=postponed)

    made = kept(berlin(7, 10), often, later, balance="8")

    assert [charge.key for charge in made.charges] == ["rent:1:2026-06-01", "rent:2:2026-06-20"]


def test_r27_a_line_that_is_not_rented_ends_too() -> None:
    line = awake(given_up(replace(rented(DUE_ON), state=NotRented()), berlin(6, 2)), None)

    made = kept(berlin(6, 2), line)

    assert (made.lines[1].line_state, made.notices[0].facts["rent"]) == (LineState.DISCONNECTED, None)


def test_r23_r28_what_is_cheaper_from_now_on_is_paid_first() -> None:
    falls = rented(DUE_ON, line_id=2, rent="9", rates=[price("9", until=DUE), price("1", since=DUE)])

    assert charged(kept(DUE, rented(DUE_ON, rent="2"), falls, balance="2.5")) == [(2, "rent", "1")]
