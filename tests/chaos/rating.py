"""The deck of every scenario, and what a call costs by it: reckoned here again: nobody is their own judge."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

SIX_PLACES = Decimal("0.000001")
CALL_S_MAX = 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A price in the deck: a call is charged its first interval, then whole increments."""

    prefix: str
    per_minute: str
    fee: str
    first_s: int
    increment_s: int

    def price(self, seconds: int) -> Decimal:
        if seconds == 0:
            return Decimal(0)
        charged_s = self.first_s
        while charged_s < seconds:
            charged_s += self.increment_s
        exact = Decimal(self.fee) + Decimal(self.per_minute) * charged_s / 60
        return exact.quantize(SIX_PLACES, ROUND_HALF_UP)


BY_SECOND = Row(prefix="44", per_minute="0.6", fee="0", first_s=1, increment_s=1)
BY_MINUTE = Row(prefix="4930", per_minute="0.027", fee="0", first_s=60, increment_s=60)
IN_PARTS = Row(prefix="331", per_minute="0.0905", fee="0.013", first_s=30, increment_s=6)
DECK = (BY_SECOND, BY_MINUTE, IN_PARTS)
# A callee for each row of the deck, and the number that is connected whatever happens.
CALLEES = {"+442079460000": BY_SECOND, "+493023125101": BY_MINUTE, "+33140205050": IN_PARTS}
EMERGENCY = "911"


def charge_of(callee: str, seconds: int) -> Decimal:
    """What an outbound call costs; the emergency number nothing."""
    row = CALLEES.get(callee)
    return Decimal(0) if row is None else row.price(seconds)
