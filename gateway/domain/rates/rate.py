"""A rate, what a call costs by it, and how long a call the money buys (R4, R14).

A price is computed from exact decimals and rounded once. The division by sixty is carried to 28 digits; as a price
in micro-units is n/60 for a whole n, it is either exactly a half or at least 1/60 away from it, so the rounding of
the division can never turn the rounding of the charge.
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from gateway.domain.money import ZERO, round_charge

# The id of a rate that is not stored yet.
NEW = 0
# The category of rates for short numbers, which are those of a country (R40).
SHORT = "short"


class RateKind(StrEnum):
    OUTBOUND = "outbound"
    INBOUND = "inbound"
    RENT = "rent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What a call is charged by. Prices are per minute; intervals are whole seconds, at least one.

    `caller_prefixes`: what the callers begin with whom it is for, separated by spaces; empty for all.
    """

    id: int
    prefix: str
    per_minute: Decimal
    connection_fee: Decimal
    first_interval_s: int
    increment_s: int
    caller_prefixes: str = ""

    @property
    def is_free(self) -> bool:
        return not self.per_minute and not self.connection_fee


@dataclass(frozen=True, slots=True, kw_only=True)
class DeckRate(Rate):
    """A rate as a deck has it: what it is for, and from when until when; `valid_until` None: open-ended.

    Country and category of an outbound rate are labels and decide nothing, but for the category `short`: such a rate is
    for the short numbers of its country, and its prefix is what is dialled, or its beginning. A rent has the price of a
    month for its price per minute, and the setup fee for its connection fee. The names are those of the table's
    columns.
    """

    kind: RateKind
    currency: str
    country: str
    category: str
    valid_from: datetime
    valid_until: datetime | None = None

    @property
    def is_short(self) -> bool:
        return self.category == SHORT

    @property
    def month(self) -> Decimal:
        return self.per_minute

    @property
    def setup_fee(self) -> Decimal:
        return self.connection_fee

    def is_valid_at(self, at: datetime) -> bool:
        return self.valid_from <= at and (self.valid_until is None or at < self.valid_until)


def rate_at(rates: Iterable[DeckRate], at: datetime) -> DeckRate | None:
    """The rate that applies at an instant, of those for a number in the order in which one goes before another.

    What is for a number, and that order, say the queries by `rates_for` (sql/README.md, "Which rate applies").
    """
    return next((rate for rate in rates if rate.is_valid_at(at)), None)


def billed_seconds(rate: Rate, seconds: int) -> int:
    """Seconds rounded up to the first interval, then to whole increments; nothing for nothing."""
    if seconds <= 0:
        return 0
    beyond = seconds - rate.first_interval_s
    if beyond <= 0:
        return rate.first_interval_s
    return rate.first_interval_s + -(-beyond // rate.increment_s) * rate.increment_s


def price(rate: Rate, seconds: int) -> Decimal:
    """Price of a finished call; 0 s costs nothing, not even the connection fee (R4)."""
    if seconds <= 0:
        return ZERO
    return round_charge(rate.connection_fee + rate.per_minute * billed_seconds(rate, seconds) / 60)


def affordable_seconds(rate: Rate, available: Decimal, limit_s: int) -> int:
    """The longest call, at most limit_s, whose price as it will be charged fits; 0 if not one increment does."""
    if price(rate, limit_s) <= available:
        return limit_s
    steps = range(-(-max(0, limit_s - rate.first_interval_s) // rate.increment_s))
    covered = bisect_right(
        steps, available, key=lambda step: price(rate, rate.first_interval_s + step * rate.increment_s)
    )
    return rate.first_interval_s + (covered - 1) * rate.increment_s if covered else 0
