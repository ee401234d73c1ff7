"""What calls of some durations cost, for people who compare."""

from decimal import Decimal

from gateway.domain.rates.prices import DEFAULT_SECONDS, PriceOf, prices_of
from tests.unit.domain.make import rate


def test_r6_prices_are_compared_by_a_minute_five_minutes_and_an_hour() -> None:
    assert DEFAULT_SECONDS == (60, 300, 3600)
    assert [each.price for each in prices_of(rate("0.0270"))] == [Decimal("0.027"), Decimal("0.135"), Decimal("1.62")]


def test_r6_a_call_without_a_rate_is_free() -> None:
    assert prices_of(None, [61]) == [PriceOf(seconds=61, price=Decimal(0))]
