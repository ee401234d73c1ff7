"""Queries about sums that wait for a second operator (sql/queries/accounts/large_sums.sql)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import asyncpg

from gateway.domain.accounts.large_sums import LargeSumState
from gateway.postgres.accounts.ledger import EntryKind
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class LargeSumRow:
    """A sum that waits, or waited; `entry_id` is what was booked once it was approved.

    `asked_by` and `decided_by` are whoever stands behind it: of a token, who made that.
    """

    id: int
    account_id: int
    currency: str
    kind: EntryKind
    amount: Decimal
    external_id: str
    note: str | None
    call_id: int | None
    state: LargeSumState
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None
    entry_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingSums:
    """How many wait, and since when the first does."""

    sums: int
    since: datetime | None


async def create(
    conn: PgConnection,
    *,
    account_id: int,
    kind: EntryKind,
    amount: Decimal,
    external_id: str,
    note: str | None,
    call_id: int | None,
    asked_by: str,
    now: datetime,
) -> int:
    large_sum_id: int = await conn.fetchval(
        sql("large_sum_create"), account_id, kind.value, amount, external_id, note, call_id, asked_by, now
    )
    return large_sum_id


async def find_waiting(conn: PgConnection, *, account_id: int, kind: EntryKind, external_id: str) -> LargeSumRow | None:
    row = await conn.fetchrow(sql("large_sum_waiting"), account_id, kind.value, external_id)
    return None if row is None else _read(row)


async def find(conn: PgConnection, *, large_sum_id: int) -> LargeSumRow | None:
    row = await conn.fetchrow(sql("large_sum_show"), large_sum_id)
    return None if row is None else _read(row)


async def lock(conn: PgConnection, *, large_sum_id: int) -> None:
    """Have nobody else decide on it, within the transaction."""
    await conn.execute(sql("large_sum_lock"), large_sum_id)


async def page(
    conn: PgConnection, *, account_id: int | None, state: LargeSumState | None, before: int | None, limit: int
) -> list[LargeSumRow]:
    """Newest first."""
    wanted = None if state is None else state.value
    return [_read(row) for row in await conn.fetch(sql("large_sum_list"), account_id, wanted, before, limit)]


async def count_waiting(conn: PgConnection) -> WaitingSums:
    row = await conn.fetchrow(sql("large_sum_count_waiting"))
    assert row is not None, "an aggregate gives one row"  # noqa: S101
    return WaitingSums(**row)


async def decide(conn: PgConnection, decided: LargeSumRow) -> None:
    """Note what became of one that waited, and is locked."""
    await conn.execute(
        sql("large_sum_decide"),
        decided.id,
        decided.state.value,
        decided.decided_by,
        decided.decided_at,
        decided.entry_id,
    )


def _read(row: asyncpg.Record) -> LargeSumRow:
    fields = dict(row)
    fields["kind"], fields["state"] = EntryKind(fields["kind"]), LargeSumState(fields["state"])
    return LargeSumRow(**fields)
