"""What a rented line's columns say: its price, whether a credit may pay for it, and when to look at it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.lines.rent_state import Disconnected, NotRented, Rent
from gateway.domain.lines.subscription import Subscription
from tests.support.rents import BERLIN, berlin, given_up, price, rented, unpaid

DUE_ON = date(2026, 7, 1)
DUE = berlin(7, 1)


def test_r28_the_price_of_a_month_is_the_one_valid_when_it_begins() -> None:
    old, new = price("4", until=DUE), price("5", since=DUE)
    line = rented(DUE_ON, rent="3", rates=[old, new])

    assert line.month_at(DUE - timedelta(microseconds=1)) == Decimal(4)
    assert line.month_at(DUE) == Decimal(5)


def test_r28_a_line_that_the_deck_forgot_keeps_its_price() -> None:
    assert rented(DUE_ON, rent="3").month_at(DUE) == Decimal(3)
    assert rented(DUE_ON, rent="3", rates=[price("4", until=DUE)]).month_at(DUE) == Decimal(3)
    assert rented(DUE_ON, rent="3", rates=[price("4", since=berlin(7, 2))]).month_at(DUE) == Decimal(3)


def test_a_line_that_is_not_rented_costs_nothing() -> None:
    line = Subscription(id=1, kind=LineKind.NUMBER, name="+4930555", state=NotRented())

    assert line.rate_at(DUE) is None
    assert line.month_at(DUE) == 0
    assert line.due_after(None, BERLIN) is None
    assert line.facts["rent"] is None


def test_r28_of_the_rates_for_a_line_the_first_that_is_valid_applies() -> None:
    """They come in the order in which one goes before another: what says most of the line, then the newest."""
    anywhere, country, newer = price("1"), price("2"), price("3", since=berlin(6, 1))

    assert rented(DUE_ON, rates=[country, anywhere]).rate_at(DUE) == country
    assert rented(DUE_ON, rates=[newer, country, anywhere]).rate_at(DUE) == newer
    assert rented(DUE_ON, rates=[newer, country, anywhere]).rate_at(berlin(5, 31)) == country


def test_r23_a_paid_line_is_woken_three_days_before_it_is_due_and_then() -> None:
    assert list(rented(DUE_ON).instants(BERLIN)) == [berlin(6, 28), DUE]


def test_r24_a_suspended_number_is_woken_at_its_reminders_and_its_end() -> None:
    line = unpaid(DUE_ON)

    assert sorted(line.instants(BERLIN)) == [berlin(8, 18), berlin(8, 29), berlin(9, 1)]
    assert line.calendar_due_at == berlin(8, 18)
    assert line.due_after(berlin(8, 18), BERLIN) == berlin(8, 29)
    assert line.due_after(berlin(9, 1), BERLIN) is None


def test_r26_nothing_happens_to_a_connector_that_is_not_paid() -> None:
    line = unpaid(DUE_ON, kind=LineKind.CONNECTOR)

    assert list(line.instants(BERLIN)) == []
    assert line.calendar_due_at is None


@pytest.mark.parametrize("line", [rented(DUE_ON), unpaid(DUE_ON, kind=LineKind.CONNECTOR)])
def test_r27_what_is_given_up_is_woken_at_its_end_only(line: Subscription) -> None:
    assert list(given_up(line, berlin(6, 20)).instants(BERLIN)) == [berlin(6, 20)]


def test_r27_the_reserve_of_what_is_given_up_may_end_first() -> None:
    line = given_up(unpaid(DUE_ON), berlin(9, 1, 12))

    assert line.due_after(None, BERLIN) == berlin(9, 1)


def test_what_is_disconnected_is_never_woken() -> None:
    line = unpaid(DUE_ON)

    assert list(replace(line, state=Disconnected(disconnected_at=DUE, before=line.state)).instants(BERLIN)) == []


def test_r25_a_paid_month_begins_on_its_day_with_its_anchor() -> None:
    rent = Rent.paid_from(date(2026, 8, 31), month=Decimal(5), anchor_day=31)

    assert rent == Rent(month=Decimal(5), anchor_day=31, due_on=date(2026, 9, 30))


def test_what_is_given_up_is_to_calls_what_it_was_before() -> None:
    for line in (rented(DUE_ON), unpaid(DUE_ON), replace(rented(DUE_ON), state=NotRented(is_suspended=True))):
        assert given_up(line, DUE).line_state is line.line_state
        assert given_up(line, DUE).rent == line.rent


def test_what_is_disconnected_keeps_what_it_was_before() -> None:
    line = given_up(unpaid(DUE_ON), DUE)
    gone = replace(line, state=Disconnected(disconnected_at=DUE, before=line.state))

    assert gone.line_state is LineState.DISCONNECTED
    assert (gone.rent, gone.reserved_until) == (line.rent, berlin(9, 1))
