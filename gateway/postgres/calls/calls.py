"""Queries that show calls, and the one that has an operator cut them (sql/queries/calls/calls.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import asyncpg

from gateway.domain.rates.rate import Rate
from gateway.postgres.rows import read_rate
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRow:
    """What a live call holds, and its clocks by the names that scripts read.

    `cut_next_at` is None where the gateway cannot end it.
    """

    hold: Decimal
    held_s: int
    must_end_at: datetime
    cut_next_at: datetime | None
    cut_attempts: int
    extend_at: datetime | None
    sweep_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChargeRow:
    """The ledger entry of a call."""

    id: int
    amount: Decimal
    balance_after: Decimal
    booked_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    id: int
    connection: str
    provider_call_id: str
    account_id: int | None
    currency: str | None
    parent_id: int | None
    direction: str | None
    caller: str
    callee: str
    line: str
    caller_id: str
    state: str
    rule: str
    reason: str | None
    record_code: int
    sip_code: int
    available: Decimal | None
    granted_s: int
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    reported_s: int | None
    billed_s: int | None
    charge: Decimal | None
    cause: str | None
    cut_reason: str | None
    cost: Decimal | None
    cost_currency: str | None
    flags: list[str]
    rate: Rate | None
    live: LiveRow | None
    ledger_entry: ChargeRow | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CutCounts:
    """How many calls are to be ended, and how many are not that the gateway cannot end."""

    cut: int
    uncuttable: int


_PLAIN = tuple(name for name in CallRow.__dataclass_fields__ if name not in ("rate", "live", "ledger_entry"))
_LIVE = tuple(LiveRow.__dataclass_fields__)
_CHARGE = tuple(ChargeRow.__dataclass_fields__)


async def newest_ids(
    conn: PgConnection, *, account_id: int | None, is_live: bool, before: int | None, limit: int
) -> list[int]:
    """Ids of calls, newest first: of one account or all, those that are up or all."""
    if is_live:
        rows = await conn.fetch(sql("call_ids_live"), account_id, before, limit)
    elif account_id is not None:
        rows = await conn.fetch(sql("call_ids_of_account"), account_id, before, limit)
    else:
        rows = await conn.fetch(sql("call_ids"), before, limit)
    return [row["id"] for row in rows]


async def id_of_provider(conn: PgConnection, *, connection: str, provider_call_id: str) -> int | None:
    """Our id of a provider's call."""
    call_id: int | None = await conn.fetchval(sql("call_id_of_provider"), connection, provider_call_id)
    return call_id


async def started_at(conn: PgConnection, *, connection: str, provider_call_id: str) -> datetime | None:
    """When a provider's call began; None where it is not on record."""
    at: datetime | None = await conn.fetchval(sql("call_started_at"), connection, provider_call_id)
    return at


async def show(conn: PgConnection, ids: Sequence[int]) -> list[CallRow]:
    """The calls that exist of these, newest first."""
    return [_read(row) for row in await conn.fetch(sql("call_show"), ids)]


async def cut(conn: PgConnection, *, call_id: int, now: datetime) -> bool:
    """Have a live call ended at once; False where it is not live or the gateway cannot end it."""
    return await conn.fetchval(sql("call_cut"), call_id, now) is not None


async def cut_all(conn: PgConnection, *, account_id: int, now: datetime) -> CutCounts:
    """Have the calls of a locked account ended that the gateway can end; emergency calls go on."""
    [row] = await conn.fetch(sql("account_calls_cut"), account_id, now)
    return CutCounts(**row)


def _read(row: asyncpg.Record) -> CallRow:
    return CallRow(
        **{name: row[name] for name in _PLAIN},
        rate=read_rate(row["rate"]),
        live=LiveRow(**{name: row[name] for name in _LIVE}) if row["is_live"] else None,
        ledger_entry=None if row["entry_id"] is None else ChargeRow(**{name: row[f"entry_{name}"] for name in _CHARGE}),
    )
