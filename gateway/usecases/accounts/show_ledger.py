"""Show what moved the money of an account, in a span of time, of some kinds or of one call, and add it up."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.domain.money import ZERO
from gateway.postgres.accounts import accounts, ledger, proofs
from gateway.postgres.accounts.ledger import EntryFilters, EntryPlace, EntryRow, KindSum
from gateway.postgres.types import PgConnection

PAGE_SIZE = 1000
ALL = EntryFilters()


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSummary:
    """The balance before a span of time and at its end, and what the entries in it add up to that fit, by kind.

    Where only some entries fit, their sum is not what lies between the balances.
    """

    account_id: int
    currency: str
    since: datetime | None
    until: datetime | None
    opening_balance: Decimal
    closing_balance: Decimal
    entries: int
    amount: Decimal
    kinds: list[KindSum]


async def show_ledger(
    conn: PgConnection, *, account_id: int, after: int = 0, filters: EntryFilters = ALL
) -> AsyncIterator[EntryRow]:
    """The entries of an account that fit, after one of them, oldest first."""
    await accounts.require(conn, account_id=account_id)
    while page := await ledger.page(conn, account_id=account_id, after=after, limit=PAGE_SIZE, filters=filters):
        for entry in page:
            yield entry
        after = page[-1].id


async def page_ledger(
    conn: PgConnection, *, account_id: int, before: EntryPlace | None = None, limit: int, filters: EntryFilters = ALL
) -> list[EntryRow]:
    """A part of an account's entries that fit, newest first; `before` is the last one of the part before."""
    await accounts.require(conn, account_id=account_id)
    return await ledger.newest(conn, account_id=account_id, before=before, limit=limit, filters=filters)


async def page_besides_calls(
    conn: PgConnection, *, account_id: int | None, before: int | None, limit: int, filters: EntryFilters = ALL
) -> list[EntryRow]:
    """A part of what moved money besides calls, of all accounts or of one, the last booked first."""
    return await ledger.besides_calls(conn, account_id=account_id, before=before, limit=limit, filters=filters)


async def sum_ledger(
    conn: PgConnection, *, account_id: int, filters: EntryFilters = ALL, is_patient: bool = True
) -> LedgerSummary:
    """What an account's entries add up to, all of one moment; `is_patient`: it may take longer than a statement may."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        if is_patient:
            await proofs.begin(conn)
        account = await accounts.require(conn, account_id=account_id)
        opening, closing = await ledger.balances(conn, account_id=account_id, since=filters.since, until=filters.until)
        kinds = await ledger.sums(conn, account_id=account_id, filters=filters)
    return LedgerSummary(
        account_id=account_id,
        currency=account.currency,
        since=filters.since,
        until=filters.until,
        opening_balance=opening,
        closing_balance=closing,
        entries=sum(each.entries for each in kinds),
        amount=sum((each.amount for each in kinds), ZERO),
        kinds=kinds,
    )
