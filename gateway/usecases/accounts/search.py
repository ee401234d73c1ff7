"""Find accounts by a part of their name or address, or by a number of theirs."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.domain.accounts.account_state import AccountState
from gateway.numbers.entered import entered_number
from gateway.postgres.accounts import accounts
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.show import AccountView, view

PAGE_SIZE: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSearch:
    """What accounts must be to be found; None: whatever."""

    text: str | None = None
    state: AccountState | None = None
    account_id: int | None = None
    ids: Sequence[int] | None = None


async def search_accounts(conn: PgConnection, search: AccountSearch, *, after: int, limit: int) -> list[AccountView]:
    """A part of the accounts that fit, by their ids; `after` is the id of the last one of the part before."""
    number = None if search.text is None else entered_number(search.text) or search.text
    rows = await accounts.search(
        conn,
        text=search.text,
        number=number,
        state=search.state,
        account_id=search.account_id,
        ids=search.ids,
        after=after,
        limit=limit,
    )
    return [view(row) for row in rows]


async def every_account(conn: PgConnection, search: AccountSearch) -> AsyncIterator[AccountView]:
    """All that fit, oldest first."""
    after = 0
    while page := await search_accounts(conn, search, after=after, limit=PAGE_SIZE):
        for account in page:
            yield account
        after = page[-1].id
