"""Queries about our accounts at providers (sql/queries/provider_accounts.sql)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class DuePull:
    """An account that is ours to pull until `until`; `suspects` are lines that the provider says it has taken away."""

    payments_from: datetime
    payments_until: datetime
    suspects: list[str]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderBalance:
    """What our account at the provider of a connection has left, and when that was told; a frozen one pays nothing."""

    connection: str
    balance: Decimal
    currency: str
    is_frozen: bool
    balance_at: datetime


async def open_account(conn: PgConnection, *, connection: str, now: datetime) -> None:
    await conn.execute(sql("provider_account_open"), connection, now)


async def poke(conn: PgConnection, *, connection: str, suspects: Iterable[str], now: datetime) -> None:
    await conn.execute(sql("provider_account_poke"), connection, list(suspects), now)


async def claim(conn: PgConnection, *, connection: str, now: datetime, until: datetime) -> list[DuePull]:
    """Claim an account, if it is time to pull it: one or none."""
    rows = await conn.fetch(sql("provider_account_claim"), connection, now, until)
    return [DuePull(**row, until=until) for row in rows]


async def pulled(
    conn: PgConnection, *, connection: str, claimed_until: datetime, now: datetime, due_at: datetime
) -> None:
    await conn.execute(sql("provider_account_pulled"), connection, claimed_until, now, due_at)


async def keep_balance(conn: PgConnection, balance: ProviderBalance) -> None:
    await conn.execute(
        sql("provider_account_keep_balance"),
        balance.connection,
        balance.balance,
        balance.currency,
        balance.is_frozen,
        balance.balance_at,
    )


async def balances(conn: PgConnection, connections: Iterable[str]) -> list[ProviderBalance]:
    """Of those connections whose providers have told it."""
    rows = await conn.fetch(sql("provider_account_balances"), list(connections))
    return [ProviderBalance(**row) for row in rows]


async def paid_until(conn: PgConnection, *, connection: str, until: datetime) -> None:
    await conn.execute(sql("provider_account_paid"), connection, until)


async def lines(conn: PgConnection, *, connection: str, since: datetime) -> Mapping[str, datetime]:
    """The numbers that a provider has had for us, and when it was seen to have them."""
    rows = await conn.fetch(sql("provider_lines"), connection, since)
    return {row["name"]: row["seen_at"] for row in rows}


async def keep_lines(
    conn: PgConnection, *, connection: str, names: Iterable[str], settled: Iterable[str], now: datetime
) -> None:
    await conn.execute(sql("provider_lines_keep"), connection, list(names), list(settled), now)
