"""Queries about ledger entries (sql/queries/accounts/ledger.sql)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import asyncpg

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


class EntryKind(StrEnum):
    CALL = "call"
    RENT = "rent"
    SETUP = "setup"
    CONNECTOR = "connector"
    TOP_UP = "top_up"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryRow:
    id: int
    account_id: int
    currency: str
    kind: EntryKind
    amount: Decimal
    balance_after: Decimal
    call_id: int | None
    line_id: int | None
    external_id: str | None
    note: str | None
    booked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPlace:
    """Where a list of entries goes on that is newest first: after this one."""

    booked_at: datetime
    id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFilters:
    """What entries must be to be shown; None or empty: whatever. `until` is exclusive."""

    since: datetime | None = None
    until: datetime | None = None
    kinds: tuple[EntryKind, ...] = ()
    call_id: int | None = None

    @property
    def kinds_or_none(self) -> list[str] | None:
        """As a query is asked."""
        return [kind.value for kind in self.kinds] or None


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSum:
    """What the entries of a kind add up to."""

    kind: EntryKind
    entries: int
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRefunds:
    """What a call cost, None while it is not over, and what of that has been given back."""

    charge: Decimal | None
    refunded: Decimal


async def book(
    conn: PgConnection,
    *,
    account_id: int,
    kind: EntryKind,
    amount: Decimal,
    key: str,
    now: datetime,
    external_id: str | None = None,
    note: str | None = None,
    call_id: int | None = None,
) -> EntryRow | None:
    """Write an entry and move the balance; None where the key has been booked before. The account must be locked."""
    row = await conn.fetchrow(sql("ledger_book"), account_id, kind.value, amount, key, external_id, note, now, call_id)
    return None if row is None else read_entry(row)


async def refunded(conn: PgConnection, *, call_id: int, account_id: int) -> CallRefunds | None:
    """What a call of a locked account cost, and what of that has been given back; None where it has no such call."""
    row = await conn.fetchrow(sql("ledger_refunded"), call_id, account_id)
    return None if row is None else CallRefunds(**row)


async def payment_owner(conn: PgConnection, *, external_id: str, account_id: int) -> int | None:
    """Another account than this that a payment was booked for."""
    owner: int | None = await conn.fetchval(sql("ledger_payment_owner"), external_id, account_id)
    return owner


async def find(conn: PgConnection, *, key: str) -> EntryRow | None:
    row = await conn.fetchrow(sql("ledger_find"), key)
    return None if row is None else read_entry(row)


async def page(conn: PgConnection, *, account_id: int, after: int, limit: int, filters: EntryFilters) -> list[EntryRow]:
    rows = await conn.fetch(
        sql("ledger_list"),
        account_id,
        after,
        limit,
        filters.since,
        filters.until,
        filters.kinds_or_none,
        filters.call_id,
    )
    return [read_entry(row) for row in rows]


async def newest(
    conn: PgConnection, *, account_id: int, before: EntryPlace | None, limit: int, filters: EntryFilters
) -> list[EntryRow]:
    """A page of an account's entries that fit, newest first."""
    rows = await conn.fetch(
        sql("ledger_page"),
        account_id,
        None if before is None else before.booked_at,
        None if before is None else before.id,
        limit,
        filters.since,
        filters.until,
        filters.kinds_or_none,
        filters.call_id,
    )
    return [read_entry(row) for row in rows]


async def besides_calls(
    conn: PgConnection, *, account_id: int | None, before: int | None, limit: int, filters: EntryFilters
) -> list[EntryRow]:
    """A page of what moved money besides calls, of all accounts or of one, the last booked first."""
    rows = await conn.fetch(
        sql("ledger_besides_calls"),
        before,
        limit,
        account_id,
        filters.kinds_or_none,
        filters.since,
        filters.until,
    )
    return [read_entry(row) for row in rows]


async def balances(
    conn: PgConnection, *, account_id: int, since: datetime | None, until: datetime | None
) -> tuple[Decimal, Decimal]:
    """What an account had before a span of time, and at its end."""
    [row] = await conn.fetch(sql("ledger_balances"), account_id, since, until)
    return row["opening"], row["closing"]


async def sums(conn: PgConnection, *, account_id: int, filters: EntryFilters) -> list[KindSum]:
    """How many entries fit, and what they add up to, by kind."""
    rows = await conn.fetch(
        sql("ledger_sums"), account_id, filters.since, filters.until, filters.kinds_or_none, filters.call_id
    )
    return [KindSum(kind=EntryKind(row["kind"]), entries=row["entries"], amount=row["amount"]) for row in rows]


async def rents(conn: PgConnection, *, account_id: int, since: datetime, until: datetime) -> dict[str, Decimal]:
    """What the entries of an account's lines add up to, by the names of the lines."""
    rows = await conn.fetch(sql("ledger_rents"), account_id, since, until)
    return {row["line"]: row["amount"] for row in rows}


def read_entry(row: asyncpg.Record) -> EntryRow:
    return EntryRow(**{**row, "kind": EntryKind(row["kind"])})
