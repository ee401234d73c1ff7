"""What calls of some durations cost, as people compare prices by them (R6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import ZERO
from gateway.domain.rates.rate import Rate, billed_seconds, price

DEFAULT_SECONDS = (60, 300, 3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOf:
    seconds: int
    price: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Arithmetic:
    """How a price is reckoned: what talked is rounded up to the first interval, then to so many increments more.

    `price` is `connection_fee` + `per_minute` x `billed_s` / 60, rounded once.
    """

    seconds: int
    first_interval_s: int
    increments: int
    increment_s: int
    billed_s: int
    per_minute: Decimal
    connection_fee: Decimal
    price: Decimal


def arithmetic_of(rate: Rate, seconds: int) -> Arithmetic | None:
    """None of a call that did not talk: it costs nothing."""
    if seconds <= 0:
        return None
    billed_s = billed_seconds(rate, seconds)
    return Arithmetic(
        seconds=seconds,
        first_interval_s=rate.first_interval_s,
        increments=(billed_s - rate.first_interval_s) // rate.increment_s,
        increment_s=rate.increment_s,
        billed_s=billed_s,
        per_minute=rate.per_minute,
        connection_fee=rate.connection_fee,
        price=price(rate, seconds),
    )


def prices_of(rate: Rate | None, durations: Iterable[int] = DEFAULT_SECONDS) -> list[PriceOf]:
    """The price of each duration as it would be charged; a call without a rate is free."""
    return [PriceOf(seconds=each, price=ZERO if rate is None else price(rate, each)) for each in durations]
