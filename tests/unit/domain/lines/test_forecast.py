"""What becomes of an account if nobody pays in."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.domain.accounts.funds import Funds
from gateway.domain.lines.forecast import Forecast, LineStep, foresee, unpaid_lines
from gateway.domain.lines.line import LineKind
from gateway.domain.lines.rent_calendar import RentCalendar
from gateway.domain.lines.rent_dates import midnight
from gateway.domain.lines.rent_state import Active, Rent, Suspended
from gateway.domain.lines.subscription import Subscription
from tests.support.rents import price

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 6, 20, 12, 0, tzinfo=UTC)


def _line(line_id: int, name: str, due_on: date, rent: str) -> Subscription:
    return Subscription(
        id=line_id,
        kind=LineKind.NUMBER,
        name=name,
        state=Active(rent=Rent(month=Decimal(rent), anchor_day=due_on.day, due_on=due_on)),
        calendar_due_at=midnight(due_on, BERLIN),
    )


def _foresee(balance: str, *lines: Subscription, a_day: str = "0", days: int = 90) -> Forecast:
    funds = Funds(balance=Decimal(balance), held=Decimal(0), credit_limit=Decimal(0))
    calendar = RentCalendar(account_id=1, zone=BERLIN, funds=funds, lines=lines, now=NOW)
    return foresee(calendar, a_day=Decimal(a_day), days=days)


def _stops(forecast: Forecast) -> list[tuple[str, str, date]]:
    return [(each.what.value, each.line, each.on) for each in forecast.expected if each.what is not LineStep.CHARGED]


def test_money_that_nobody_spends_lasts() -> None:
    assert _foresee("10") == Forecast(until=date(2026, 9, 18), money_gone_on=None, expected=[])


def test_calls_spend_the_money_day_by_day() -> None:
    forecast = _foresee("10", a_day="3")

    # 20, 21 and 22 June are paid for; on the 23rd one dollar is left.
    assert date(2026, 6, 23) == forecast.money_gone_on


def test_rents_are_paid_while_the_money_lasts_then_the_number_stops_and_is_lost() -> None:
    forecast = _foresee("5", _line(1, "+493023125101", date(2026, 7, 1), "4"))

    charged, *_ = forecast.expected
    assert (date(2026, 7, 1), LineStep.CHARGED, Decimal(4), Decimal(1)) == (
        charged.on,
        charged.what,
        charged.amount,
        charged.balance,
    )
    assert [("suspended", "+493023125101", date(2026, 8, 1))] == _stops(forecast)
    assert [
        ("suspended", "+493023125101", date(2026, 8, 1)),
        ("disconnected", "+493023125101", date(2026, 10, 1)),
    ] == _stops(_foresee("5", _line(1, "+493023125101", date(2026, 7, 1), "4"), days=120))


def test_calls_take_what_the_rent_would_have_needed() -> None:
    forecast = _foresee("5", _line(1, "+493023125101", date(2026, 7, 1), "4"), a_day="0.2")

    assert ("suspended", "+493023125101", date(2026, 7, 1)) == _stops(forecast)[0]
    assert date(2026, 7, 15) == forecast.money_gone_on


def test_a_rent_that_takes_the_last_money_is_the_end_of_it() -> None:
    forecast = _foresee("4", _line(1, "+493023125101", date(2026, 7, 1), "4"))

    assert date(2026, 7, 1) == forecast.money_gone_on


def test_a_number_whose_rent_has_become_cheaper_works_again_and_is_not_lost() -> None:
    cheaper = price("1", since=midnight(date(2026, 7, 2), BERLIN))
    line = _line(1, "+493023125101", date(2026, 6, 1), "4")
    suspended = replace(
        line,
        state=Suspended(rent=line.rent, reserved_until=midnight(date(2026, 8, 1), BERLIN)),
        calendar_due_at=midnight(date(2026, 7, 18), BERLIN),
        rates=(cheaper,),
    )

    forecast = _foresee("2", suspended, days=40)

    assert [("restored", "+493023125101", date(2026, 7, 18))] == _stops(forecast)


def test_what_is_missing_is_what_pays_for_a_line_after_those_before_it() -> None:
    """The oldest first, then what is cheaper; what live calls hold will be there again, and nobody need pay it in."""
    lines = [
        _unpaid(1, "+493023125101", date(2026, 6, 10), "4"),
        _unpaid(2, "+493023125102", date(2026, 6, 1), "3"),
        _line(3, "+493023125103", date(2026, 7, 1), "9"),
    ]
    funds = Funds(balance=Decimal(5), held=Decimal(3), credit_limit=Decimal(0))
    calendar = RentCalendar(account_id=1, zone=BERLIN, funds=funds, lines=lines, now=NOW)

    unpaid = unpaid_lines(calendar, funds)

    assert [(each.line, each.rent, each.missing) for each in unpaid] == [
        ("+493023125102", Decimal(3), Decimal(0)),
        ("+493023125101", Decimal(4), Decimal(5)),
    ]


def _unpaid(line_id: int, name: str, due_on: date, rent: str) -> Subscription:
    state = Suspended(rent=Rent(month=Decimal(rent), anchor_day=due_on.day, due_on=due_on), reserved_until=None)
    return Subscription(id=line_id, kind=LineKind.NUMBER, name=name, state=state)
