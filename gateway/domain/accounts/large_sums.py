"""Sums so large that one operator does not move them alone: pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from gateway.domain.described import Described


class LargeSumState(Described):
    """What became of it."""

    WAITING = "waiting", "Nothing is booked until another operator approves it."
    APPROVED = "approved", "Another operator has approved it, and it is booked."
    REFUSED = "refused", "An operator has refused it, or who asked took it back; nothing was booked."


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeSums:
    """Above which amount a sum is large, by currency; `elsewhere` is of all currencies that are not named.

    None: of those none is, however much it is.
    """

    elsewhere: Decimal | None = None
    by_currency: Mapping[str, Decimal] = field(default_factory=dict)

    def has(self, amount: Decimal, currency: str) -> bool:
        """Whether so much is a large sum, given or taken."""
        above = self.by_currency.get(currency, self.elsewhere)
        return above is not None and abs(amount) > above
