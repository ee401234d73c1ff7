"""An account's money, as its calls and its rents see it."""

from dataclasses import dataclass, replace
from decimal import Decimal

from gateway.domain.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """What an account has, what its live calls hold of that, and how far below nothing it may go."""

    balance: Decimal
    held: Decimal
    credit_limit: Decimal

    @property
    def available(self) -> Decimal:
        """What may be spent: balance + credit limit - holds."""
        return self.balance + self.credit_limit - self.held

    def covers(self, amount: Decimal) -> bool:
        """Whether an amount can be paid; nothing always can."""
        return not amount or amount <= self.available

    def debited(self, amount: Decimal) -> "Funds":
        """What is left once an amount is paid."""
        return replace(self, balance=self.balance - amount)

    def holding(self, amount: Decimal) -> "Funds":
        """What is left while an amount more is held."""
        return replace(self, held=self.held + amount)

    def missing(self, needed: Decimal) -> Decimal:
        """What has to be paid in where so much is needed; nothing, where it is there or only held by live calls."""
        return ZERO if needed <= self.available + self.held else needed - self.available

    def facts(self, needed: Decimal) -> dict[str, object]:
        """What a mail says of the money where so much is needed and not available."""
        return {"available": str(self.available), "missing": str(self.missing(needed)), "held": str(self.held)}
