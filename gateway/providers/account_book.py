"""What a provider can tell of our account with it: its balance, its numbers, its payments. Pure, as all adapters."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from gateway.domain.connection import Connection
from gateway.providers.base import ProviderRequest, ProviderResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountBalance:
    """`is_frozen`: the provider serves the account no more until somebody pays."""

    amount: Decimal
    currency: str
    is_frozen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberPage:
    """Numbers that an account has, and whether there are more after them."""

    names: Sequence[str]
    is_last: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """Money that came in. `id` is the provider's, unique within the account."""

    id: str
    amount: Decimal
    currency: str
    paid_at: datetime


@runtime_checkable
class AccountBook(Protocol):
    """An adapter whose provider can be asked about our account with it.

    What reads a response raises ProviderFailed where the question should be asked again.
    """

    def can_ask(self, connection: Connection) -> bool:
        """Whether the connection has what it takes to ask."""

    def ask_balance(self, connection: Connection, now: datetime) -> ProviderRequest: ...

    def read_balance(self, response: ProviderResponse) -> AccountBalance: ...

    def ask_numbers(
        self, connection: Connection, now: datetime, *, skip: int = 0, only: str | None = None
    ) -> ProviderRequest:
        """A page of the numbers, or `only` one of them, which is on no page if it is lost."""

    def read_numbers(self, response: ProviderResponse) -> NumberPage: ...

    def ask_payments(self, connection: Connection, since: datetime, now: datetime) -> ProviderRequest: ...

    def read_payments(self, response: ProviderResponse) -> Sequence[Payment]: ...
