"""Queries about accounts (sql/queries/accounts/accounts.sql)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import asyncpg

from gateway.domain.accounts.funds import Funds
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.errors import NotFound
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAccount:
    """`unavailable_allow_s`: how long a call may last that starts while the database is away; 0: none may (R34)."""

    name: str
    currency: str
    email: str
    time_zone: str
    language: str
    main_number: str | None
    credit_limit: Decimal
    free_inbound_needs_balance: bool
    unavailable_allow_s: int
    when_withheld: WhenWithheld


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountRow:
    id: int
    name: str
    currency: str
    email: str
    time_zone: str
    language: str
    main_number: str | None
    funds: Funds
    owed: Decimal
    free_inbound_needs_balance: bool
    unavailable_allow_s: int
    when_withheld: WhenWithheld
    live_calls: int
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedAccount:
    """An account whose money nobody else moves until the transaction ends."""

    id: int
    time_zone: str
    currency: str
    funds: Funds


async def create(conn: PgConnection, new: NewAccount, *, now: datetime) -> int:
    account_id: int = await conn.fetchval(
        sql("account_create"),
        new.name,
        new.currency,
        new.email,
        new.time_zone,
        new.language,
        new.main_number,
        new.credit_limit,
        new.free_inbound_needs_balance,
        new.unavailable_allow_s,
        new.when_withheld,
        now,
    )
    return account_id


async def find(conn: PgConnection, *, account_id: int) -> AccountRow | None:
    row = await conn.fetchrow(sql("account_find"), account_id)
    return None if row is None else _read(row)


async def require(conn: PgConnection, *, account_id: int) -> AccountRow:
    """An account that somebody named, or NotFound."""
    account = await find(conn, account_id=account_id)
    if account is None:
        raise NotFound(f"there is no account {account_id}")
    return account


async def page(conn: PgConnection, *, after: int, limit: int) -> list[AccountRow]:
    return [_read(row) for row in await conn.fetch(sql("account_list"), after, limit)]


async def lock(conn: PgConnection, *, account_id: int) -> LockedAccount | None:
    """Lock the account until the transaction ends."""
    row = await conn.fetchrow(sql("account_lock"), account_id)
    return None if row is None else read_locked(row)


async def knows_time_zone(conn: PgConnection, *, name: str) -> bool:
    """Whether the database can reckon with a time zone."""
    is_known: bool = await conn.fetchval(sql("account_time_zone_known"), name)
    return is_known


def read_locked(row: asyncpg.Record) -> LockedAccount:
    return LockedAccount(**_with_funds(row))


def _read(row: asyncpg.Record) -> AccountRow:
    columns = _with_funds(row)
    return AccountRow(**{**columns, "when_withheld": WhenWithheld(columns["when_withheld"])})


def _with_funds(row: asyncpg.Record) -> dict[str, Any]:
    """The columns of an account, those of its money as its funds."""
    columns = dict(row)
    money = {name: columns.pop(name) for name in ("balance", "held", "credit_limit")}
    return {**columns, "funds": Funds(**money)}
