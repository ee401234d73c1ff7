"""An account's money, as its calls and its rents see it."""

from dataclasses import dataclass
from decimal import Decimal

from gateway.domain.accounts.caps import Capped
from gateway.domain.money import ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Funds:
    """What an account's money and its caps allow; locked while a decision is made."""

    account_id: int
    currency: str
    balance: Decimal
    held: Decimal
    credit_limit: Decimal
    main_number: str | None
    free_inbound_needs_balance: bool
    capped: Capped | None = None

    @property
    def available(self) -> Decimal:
        return self.balance + self.credit_limit - self.held


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
