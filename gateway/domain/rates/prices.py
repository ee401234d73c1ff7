"""What calls of some durations cost, as people compare prices by them (R6)."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import ZERO
from gateway.domain.rates.rate import Rate, price

DEFAULT_SECONDS = (60, 300, 3600)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceOf:
    seconds: int
    price: Decimal


def prices_of(rate: Rate | None, durations: Iterable[int] = DEFAULT_SECONDS) -> list[PriceOf]:
    """The price of each duration as it would be charged; a call without a rate is free."""
    return [PriceOf(seconds=each, price=ZERO if rate is None else price(rate, each)) for each in durations]
