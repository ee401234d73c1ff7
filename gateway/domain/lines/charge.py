"""What a line costs its account, and why it ends."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class ChargeKind(StrEnum):
    """The kinds of ledger entries that a line causes."""

    RENT = "rent"
    SETUP = "setup"
    CONNECTOR = "connector"


class Ending(StrEnum):
    """Why a line was disconnected."""

    UNPAID = "unpaid"
    GIVEN_UP = "given_up"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A debit, positive; `key` makes it happen once."""

    account_id: int
    line_id: int
    kind: ChargeKind
    amount: Decimal
    key: str
    note: str
