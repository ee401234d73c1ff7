"""Queries about accounts (sql/queries/accounts/accounts.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import asyncpg

from gateway.domain.accounts.account_state import AccountState
from gateway.domain.accounts.funds import Funds
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.errors import Conflict, NotFound
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountSettings:
    """What is set of an account.

    `unavailable_allow_s`: how long a call may last that starts while the database is away; 0: none may (R34).
    """

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
    state: AccountState
    blocked_reason: str | None
    created_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedAccount:
    """An account whose money nobody else moves until the transaction ends."""

    id: int
    time_zone: str
    currency: str
    state: AccountState
    funds: Funds


async def create(conn: PgConnection, new: AccountSettings, *, now: datetime) -> int:
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
        raise NotFound("there is no account {account}", account=account_id)
    return account


async def page(conn: PgConnection, *, after: int, limit: int) -> list[AccountRow]:
    return [_read(row) for row in await conn.fetch(sql("account_list"), after, limit)]


async def search(
    conn: PgConnection,
    *,
    text: str | None,
    number: str | None,
    state: AccountState | None,
    account_id: int | None,
    ids: Sequence[int] | None,
    after: int,
    limit: int,
) -> list[AccountRow]:
    """Accounts with a text in their name or address, or with a line or main number of this name, by their ids."""
    rows = await conn.fetch(sql("account_search"), after, limit, text, number, state, account_id, ids)
    return [_read(row) for row in rows]


async def running_out(conn: PgConnection, *, since: date, share: Decimal, due_on: date, limit: int) -> list[int]:
    """Open accounts with no more than a share of what calls have cost since a day, and rents due until another."""
    return [row["id"] for row in await conn.fetch(sql("account_running_out"), since, share, due_on, limit)]


async def lock(conn: PgConnection, *, account_id: int) -> LockedAccount | None:
    """Lock the account until the transaction ends."""
    row = await conn.fetchrow(sql("account_lock"), account_id)
    return None if row is None else read_locked(row)


async def lock_living(conn: PgConnection, *, account_id: int) -> LockedAccount:
    """Lock an account for what a closed one cannot have done to it; NotFound or Conflict where that cannot be."""
    account = await lock(conn, account_id=account_id)
    if account is None:
        raise NotFound("there is no account {account}", account=account_id)
    if account.state is AccountState.CLOSED:
        raise Conflict("account {account} is closed", account=account_id)
    return account


async def change(conn: PgConnection, settings: AccountSettings, *, account_id: int) -> None:
    """Change the settings of an account that is locked; its currency stays."""
    await conn.execute(
        sql("account_change"),
        account_id,
        settings.name,
        settings.email,
        settings.time_zone,
        settings.language,
        settings.main_number,
        settings.credit_limit,
        settings.free_inbound_needs_balance,
        settings.unavailable_allow_s,
        settings.when_withheld,
    )


async def block(conn: PgConnection, *, account_id: int, reason: str | None) -> None:
    """Block an account that is locked and not closed, for a reason; None: let it call again."""
    await conn.execute(sql("account_block"), account_id, reason)


async def close(conn: PgConnection, *, account_id: int, now: datetime) -> None:
    """Close an account that is locked, for ever."""
    await conn.execute(sql("account_close"), account_id, now)


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
    columns = dict(row) | {"state": AccountState(row["state"])}
    money = {name: columns.pop(name) for name in ("balance", "held", "credit_limit")}
    return {**columns, "funds": Funds(**money)}
