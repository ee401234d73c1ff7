"""How a price is reckoned is told as it is charged."""

from decimal import Decimal

import pytest

from gateway.domain.rates.prices import arithmetic_of
from gateway.domain.rates.rate import Rate, price


def rate(first_interval_s: int, increment_s: int, fee: str = "0") -> Rate:
    return Rate(
        id=1,
        prefix="44",
        per_minute=Decimal("0.027"),
        connection_fee=Decimal(fee),
        first_interval_s=first_interval_s,
        increment_s=increment_s,
    )


@pytest.mark.parametrize(
    ("asked", "seconds", "increments", "billed_s"),
    [
        (rate(60, 60), 95, 1, 120),
        (rate(60, 60), 60, 0, 60),
        (rate(30, 6, "0.01"), 31, 1, 36),
        (rate(1, 1), 7, 6, 7),
    ],
)
def test_seconds_become_the_first_interval_and_increments(
    asked: Rate, seconds: int, increments: int, billed_s: int
) -> None:
    reckoned = arithmetic_of(asked, seconds)

    assert reckoned is not None
    assert (reckoned.increments, reckoned.billed_s) == (increments, billed_s)
    assert reckoned.price == price(asked, seconds)
    assert reckoned.first_interval_s + increments * reckoned.increment_s == billed_s


def test_a_call_that_did_not_talk_is_not_reckoned() -> None:
    assert arithmetic_of(rate(60, 60), 0) is None
