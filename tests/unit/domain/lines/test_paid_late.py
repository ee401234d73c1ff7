"""Overdue rents: what a credit pays, in which order, and what held money does not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.lines.rent_state import Disconnected, NotRented
from tests.support.rents import awake, berlin, calendar, charged, given_up, kept, price, rented, told, unpaid

A = unpaid(date(2026, 6, 1), line_id=1, rent="8")
B = unpaid(date(2026, 6, 10), line_id=2, rent="3")
C = unpaid(date(2026, 7, 1), line_id=3, rent="4")
PAID_AT = berlin(7, 15, 10)


def settled(*lines: object, balance: str, **more: str) -> list[tuple[int, str, str]]:
    made = calendar(PAID_AT, *lines, balance=balance, **more)
    made.settle_overdue()
    return charged(made)


def test_r25_the_oldest_that_is_covered_is_paid_and_others_are_skipped() -> None:
    assert settled(C, B, A, balance="8") == [(1, "rent", "8")]
    assert settled(C, B, balance="8") == [(2, "rent", "3"), (3, "rent", "4")]
    assert settled(C, B, A, balance="7") == [(2, "rent", "3"), (3, "rent", "4")]
    assert settled(C, B, A, balance="3") == [(2, "rent", "3")]
    assert settled(C, B, A, balance="2.999999") == []


def test_r25_r27_only_what_is_suspended_rented_and_not_given_up_is_overdue() -> None:
    not_rented = replace(C, state=NotRented(is_suspended=True))
    gone = replace(C, state=Disconnected(disconnected_at=PAID_AT, before=C.state))

    assert settled(C, balance="50") == [(3, "rent", "4")]
    for line in (rented(date(2026, 7, 1)), given_up(C, berlin(7, 16)), not_rented, gone):
        assert settled(line, balance="50") == []


def test_r25_on_one_day_the_cheaper_then_the_lower_id() -> None:
    day = date(2026, 6, 1)
    lines = [unpaid(day, line_id=line_id, rent=rent) for line_id, rent in ((1, "3"), (2, "2"), (3, "2"))]

    assert [line_id for line_id, *_ in settled(*lines, balance="6")] == [2, 3]


def test_r25_what_is_cheaper_now_counts() -> None:
    dear_once = replace(unpaid(date(2026, 6, 1), line_id=1, rent="9"), rates=(price("1"),))

    assert settled(dear_once, unpaid(date(2026, 6, 1), line_id=2, rent="2"), balance="2.5") == [(1, "rent", "1")]


def test_r25_the_new_month_counts_from_the_payment() -> None:
    made = calendar(PAID_AT, C, balance="4")
    made.settle_overdue()

    line = made.lines[3]
    assert (line.line_state, line.rent.due_on, line.rent.anchor_day) == (LineState.ACTIVE, date(2026, 8, 15), 15)
    assert (line.reserved_until, line.calendar_due_at) == (None, berlin(8, 12))
    assert [charge.key for charge in made.charges] == ["rent:3:2026-07-15"]
    [notice] = made.notices
    assert (notice.kind, notice.key) == ("line_restored", "line_restored:3:2026-08-15")
    assert notice.facts == {"line": "+493055503", "line_kind": "number", "rent": "4", "due_on": "2026-08-15"}


def test_r26_a_connector_is_revived_a_year_later() -> None:
    line = unpaid(date(2025, 7, 1), kind=LineKind.CONNECTOR, rent="49")

    assert settled(line, balance="49") == [(1, "connector", "49")]


def test_r25_held_money_is_not_spent_on_rents() -> None:
    assert settled(B, balance="5", held="2.01") == []
    assert settled(B, balance="5", held="2") == [(2, "rent", "3")]


def test_r25_a_rent_that_only_waits_for_held_money_is_tried_again_soon() -> None:
    made = calendar(PAID_AT, A, B, C, balance="5", held="2.5")
    made.settle_overdue()

    # A is dearer than all that could be released.
    assert {line_id: line.calendar_due_at for line_id, line in made.changed.items()} == {
        2: berlin(7, 15, 10, 1),
        3: berlin(7, 15, 10, 1),
    }
    again = kept(berlin(7, 15, 10, 1), *made.lines.values(), balance="4.5")
    assert charged(again) == [(2, "rent", "3")]
    assert again.lines[2].rent.due_on == date(2026, 8, 15)
    assert again.lines[3].calendar_due_at == berlin(8, 18)


def test_r25_held_money_is_waited_for_where_it_covers_the_rent_to_the_cent() -> None:
    enough, too_little = (
        kept(berlin(7, 1), rented(date(2026, 7, 1), rent="4"), balance=balance, held="1.5")
        for balance in ("4", "3.999999")
    )

    assert enough.lines[1].calendar_due_at == berlin(7, 1, 0, 1)
    assert too_little.lines[1].calendar_due_at == berlin(8, 18)


def test_r25_where_nothing_is_held_no_rent_is_waited_for() -> None:
    made = kept(berlin(7, 1), rented(date(2026, 7, 1), rent="4"), balance="3.999999")

    assert made.lines[1].calendar_due_at == berlin(8, 18)


def test_r24_at_the_due_date_held_money_suspends_and_is_tried_again() -> None:
    line = rented(date(2026, 7, 1))

    made = kept(berlin(7, 1, 0, 0, 2), line, balance="5", held="2")
    again = kept(berlin(7, 1, 0, 1), made.lines[1], balance="5", held="2")
    paid = kept(berlin(7, 1, 0, 2), again.lines[1], balance="4.5")

    assert (made.lines[1].line_state, made.lines[1].calendar_due_at) == (LineState.SUSPENDED, berlin(7, 1, 0, 1))
    assert again.lines[1].calendar_due_at == berlin(7, 1, 0, 2)
    assert (told(again), charged(paid)) == ([], [(1, "rent", "4")])


def test_r25_lines_that_wait_for_held_money_are_tried_together_oldest_first() -> None:
    older = kept(berlin(7, 1, 0, 0, 40), rented(date(2026, 7, 1), line_id=9), balance="5", held="2").lines[9]
    late = replace(A.state, rent=replace(A.rent, due_on=date(2026, 7, 2)))
    newer = kept(berlin(7, 1, 0, 0, 20), replace(A, state=late), balance="9", held="2").lines[1]
    cheap = replace(newer.state, rent=replace(newer.rent, month=Decimal(4)))
    newer = replace(newer, calendar_due_at=older.calendar_due_at, state=cheap)

    assert charged(kept(berlin(7, 1, 0, 5), newer, older, balance="5")) == [(9, "rent", "4")]


def test_r24_31_waiting_for_held_money_hides_no_reminder() -> None:
    waiting = replace(C, calendar_due_at=berlin(8, 17, 23, 59))

    made = kept(berlin(8, 18), waiting, balance="5", held="2")

    assert told(made) == ["disconnection_near"]


def test_r24_a_reserve_that_is_over_cannot_be_paid_whatever_was_tried_before() -> None:
    """Held money was to be tried on 31 August; nobody did, and on 1 September it is free."""
    made = kept(berlin(9, 1), replace(C, calendar_due_at=berlin(8, 31, 23, 59)), balance="50")
    late = calendar(berlin(9, 1), C, balance="50")
    late.settle_overdue()

    assert (made.charges, made.lines[3].line_state) == ([], LineState.DISCONNECTED)
    assert late.charges == []


def test_r25_paid_in_the_last_second_of_the_reserve() -> None:
    made = calendar(berlin(8, 31, 23, 59, 59), C, balance="4")
    made.settle_overdue()
    line = made.lines[3]
    later = kept(berlin(9, 30), line, balance="4")

    assert (line.line_state, line.rent.due_on) == (LineState.ACTIVE, date(2026, 9, 30))
    assert later.lines[3].rent.due_on == date(2026, 10, 31)


def test_r27_what_is_given_up_is_not_paid() -> None:
    assert settled(awake(given_up(B, berlin(7, 16)), None), balance="50") == []


def test_r26_a_connector_that_waits_for_held_money_is_tried_until_it_is_released() -> None:
    made = calendar(PAID_AT, unpaid(date(2026, 7, 1), kind=LineKind.CONNECTOR), balance="5", held="2")
    made.settle_overdue()
    again = kept(berlin(7, 15, 10, 1), made.lines[1], balance="5", held="2")
    paid = kept(berlin(7, 15, 10, 2), again.lines[1], balance="4")
    spent = kept(berlin(7, 15, 10, 2), again.lines[1], balance="3.9")

    assert again.lines[1].calendar_due_at == berlin(7, 15, 10, 2)
    assert charged(paid) == [(1, "connector", "4")]
    assert (told(again), spent.lines[1].calendar_due_at) == ([], None)


def test_r25_38_a_clock_that_is_a_little_behind_takes_no_day_from_the_month() -> None:
    """One machine saw the due date come and suspended; another takes the payment and has yesterday still."""
    made = calendar(berlin(6, 30, 23, 59, 59), C, balance="4")
    made.settle_overdue()

    assert made.lines[3].rent.due_on == date(2026, 8, 1)
