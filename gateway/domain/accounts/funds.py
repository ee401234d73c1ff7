"""An account's money, as far as its rents are concerned."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.money import ZERO


@dataclass(slots=True, kw_only=True)
class Purse:
    """An account's money while its rents are paid one after the other."""

    balance: Decimal
    held: Decimal
    credit_limit: Decimal

    @property
    def available(self) -> Decimal:
        return self.balance + self.credit_limit - self.held

    def covers(self, amount: Decimal) -> bool:
        """Whether an amount can be paid; nothing always can."""
        return not amount or amount <= self.available

    def facts(self, needed: Decimal) -> dict[str, object]:
        """What a mail says of the money where so much is needed and not available."""
        missing = ZERO if needed <= self.available + self.held else needed - self.available
        return {"available": str(self.available), "missing": str(missing), "held": str(self.held)}
