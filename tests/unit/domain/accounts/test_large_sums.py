"""Which sums are so large that two operators must agree."""

from decimal import Decimal

import pytest

from gateway.domain.accounts.large_sums import LargeSums

D = Decimal


@pytest.mark.parametrize("amount", ["1", "-1000000", "999999999999"])
def test_without_the_setting_none_is(amount: str) -> None:
    assert not LargeSums().has(D(amount), "USD")


@pytest.mark.parametrize(
    ("amount", "is_large"), [("1000", False), ("1000.000001", True), ("-1000", False), ("-1000.01", True)]
)
def test_what_is_above_the_amount_is_given_or_taken(amount: str, is_large: bool) -> None:
    assert LargeSums(elsewhere=D(1000)).has(D(amount), "USD") is is_large


def test_a_currency_that_is_named_has_its_own_amount() -> None:
    large = LargeSums(elsewhere=D(1000), by_currency={"JPY": D(150000)})

    assert not large.has(D(2000), "JPY")
    assert large.has(D(150001), "JPY")
    assert large.has(D(2000), "EUR")
    assert not LargeSums(by_currency={"JPY": D(150000)}).has(D(10**9), "EUR")
