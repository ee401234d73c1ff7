"""The account that pays for a call, as far as the decision about the call needs it."""

from dataclasses import dataclass

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.caps import Capped
from gateway.domain.accounts.funds import Funds
from gateway.domain.accounts.when_withheld import WhenWithheld


@dataclass(frozen=True, slots=True, kw_only=True)
class PayingAccount:
    """Locked while a decision is made. `main_number` is the number given by the system, which is never suspended.

    `numbers_country` is the country of most of its numbers, asked for only where a short number is dialled.
    """

    id: int
    currency: str
    funds: Funds
    main_number: str | None
    free_inbound_needs_balance: bool
    when_withheld: WhenWithheld = WhenWithheld.ANONYMOUS
    state: AccountState = AccountState.OPEN
    capped: Capped | None = None
    numbers_country: str = ""
    time_zone: str = "UTC"
