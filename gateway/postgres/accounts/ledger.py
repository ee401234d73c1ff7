"""Queries about ledger entries (sql/queries/accounts/ledger.sql)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

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
    kind: str
    amount: Decimal
    balance_after: Decimal
    call_id: int | None
    line_id: int | None
    external_id: str | None
    note: str | None
    booked_at: datetime


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
    return None if row is None else EntryRow(**row)


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
    return None if row is None else EntryRow(**row)


async def page(conn: PgConnection, *, account_id: int, after: int, limit: int) -> list[EntryRow]:
    return [EntryRow(**row) for row in await conn.fetch(sql("ledger_list"), account_id, after, limit)]
