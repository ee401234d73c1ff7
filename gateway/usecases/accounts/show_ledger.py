"""Show what moved the money of an account."""

from collections.abc import AsyncIterator

from gateway.postgres.accounts import accounts, ledger
from gateway.postgres.accounts.ledger import EntryRow
from gateway.postgres.types import PgConnection

PAGE_SIZE = 1000


async def show_ledger(conn: PgConnection, *, account_id: int, after: int = 0) -> AsyncIterator[EntryRow]:
    """The entries of an account after one of them, oldest first."""
    await accounts.require(conn, account_id=account_id)
    while page := await ledger.page(conn, account_id=account_id, after=after, limit=PAGE_SIZE):
        for entry in page:
            yield entry
        after = page[-1].id
