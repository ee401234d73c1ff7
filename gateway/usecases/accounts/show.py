"""Show accounts: what they are and what they have."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.postgres.accounts import accounts
from gateway.postgres.accounts.accounts import AccountRow
from gateway.postgres.types import PgConnection

PAGE_SIZE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """An account as it is shown: `available` is balance + credit limit - holds.

    `owed` is what is held for calls that are over, though their ends have not come: it stops no rent. `blocked_reason`
    is there while it is blocked, `closed_at` once it is closed.
    """

    id: int
    name: str
    currency: str
    email: str
    time_zone: str
    language: str
    main_number: str | None
    balance: Decimal
    held: Decimal
    owed: Decimal
    credit_limit: Decimal
    available: Decimal
    live_calls: int
    free_inbound_needs_balance: bool
    when_unavailable: str | int
    when_withheld: WhenWithheld
    state: AccountState
    blocked_reason: str | None
    created_at: datetime
    closed_at: datetime | None


async def show_account(conn: PgConnection, *, account_id: int) -> AccountView:
    """An account, or NotFound."""
    return view(await accounts.require(conn, account_id=account_id))


async def list_accounts(conn: PgConnection) -> AsyncIterator[AccountView]:
    """All accounts, oldest first."""
    after = 0
    while page := await accounts.page(conn, after=after, limit=PAGE_SIZE):
        for row in page:
            yield view(row)
        after = page[-1].id


def view(row: AccountRow) -> AccountView:
    return AccountView(
        id=row.id,
        name=row.name,
        currency=row.currency,
        email=row.email,
        time_zone=row.time_zone,
        language=row.language,
        main_number=row.main_number,
        balance=row.funds.balance,
        held=row.funds.held,
        owed=row.owed,
        credit_limit=row.funds.credit_limit,
        available=row.funds.available,
        live_calls=row.live_calls,
        free_inbound_needs_balance=row.free_inbound_needs_balance,
        when_unavailable=row.unavailable_allow_s or "reject",
        when_withheld=row.when_withheld,
        state=row.state,
        blocked_reason=row.blocked_reason,
        created_at=row.created_at,
        closed_at=row.closed_at,
    )
