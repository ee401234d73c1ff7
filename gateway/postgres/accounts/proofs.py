"""Queries that find what is wrong with the books, in whole tables (sql/queries/accounts/proofs.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

import asyncpg

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

REPORT_TIMEOUT = timedelta(minutes=10)
_TIMEOUT_S = REPORT_TIMEOUT.total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something that should be equal and is not; `expected` and `found` are None where it is no figure."""

    account_id: int | None
    call_id: int | None
    entry_id: int | None = None
    line_id: int | None = None
    expected: Decimal | None = None
    found: Decimal | None = None


async def begin(conn: PgConnection) -> None:
    """Let the transaction take its time."""
    await conn.execute(sql("report_begin"), f"{_TIMEOUT_S:.0f}s")


async def count_accounts(conn: PgConnection) -> int:
    count: int = await conn.fetchval(sql("check_accounts"))
    return count


async def count_entries(conn: PgConnection) -> int:
    count: int = await conn.fetchval(sql("check_entries"), timeout=_TIMEOUT_S)
    return count


async def wrong_balances(conn: PgConnection, *, limit: int, of: Sequence[int] | None = None) -> list[Finding]:
    return _read(await conn.fetch(sql("check_balances"), limit, of, timeout=_TIMEOUT_S))


async def broken_chains(conn: PgConnection, *, limit: int, of: Sequence[int] | None = None) -> list[Finding]:
    return _read(await conn.fetch(sql("check_chain"), limit, of, timeout=_TIMEOUT_S))


async def wrong_holds(conn: PgConnection, *, limit: int) -> list[Finding]:
    return _read(await conn.fetch(sql("check_held"), limit, timeout=_TIMEOUT_S))


async def wrong_owed(conn: PgConnection, *, limit: int) -> list[Finding]:
    return _read(await conn.fetch(sql("check_owed"), limit, timeout=_TIMEOUT_S))


async def wrong_charges(conn: PgConnection, *, limit: int, of: Sequence[int] | None = None) -> list[Finding]:
    return _read(await conn.fetch(sql("check_charges"), limit, of, timeout=_TIMEOUT_S))


async def unattended_calls(conn: PgConnection, *, limit: int, of: Sequence[int] | None = None) -> list[Finding]:
    return _read(await conn.fetch(sql("check_open_calls"), limit, of, timeout=_TIMEOUT_S))


async def ghost_calls(conn: PgConnection, *, limit: int) -> list[Finding]:
    return _read(await conn.fetch(sql("check_live_calls"), limit, timeout=_TIMEOUT_S))


async def strange_rents(conn: PgConnection, *, limit: int, of: Sequence[int] | None = None) -> list[Finding]:
    return _read(await conn.fetch(sql("check_rent_entries"), limit, of, timeout=_TIMEOUT_S))


async def unpaid_lines(conn: PgConnection, *, limit: int, of: Sequence[int] | None = None) -> list[Finding]:
    return _read(await conn.fetch(sql("check_paid_lines"), limit, of, timeout=_TIMEOUT_S))


async def closed_lines(conn: PgConnection, *, limit: int) -> list[Finding]:
    return _read(await conn.fetch(sql("check_closed_lines"), limit, timeout=_TIMEOUT_S))


async def waiting_lines(conn: PgConnection, *, limit: int, before: datetime | None) -> list[Finding]:
    """None where no instant is given, before which they should have been looked at."""
    return _read(await conn.fetch(sql("check_waiting_lines"), limit, before, timeout=_TIMEOUT_S))


async def wrong_spent(conn: PgConnection, *, limit: int) -> list[Finding]:
    return _read(await conn.fetch(sql("check_spent"), limit, timeout=_TIMEOUT_S))


def _read(rows: Sequence[asyncpg.Record]) -> list[Finding]:
    return [Finding(**row) for row in rows]
