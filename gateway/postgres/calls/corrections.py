"""Queries about starts of which their providers were told otherwise than was decided (sql/queries/calls/starts.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.calls.call import Flag
from gateway.domain.events import CallEnded, Cause
from gateway.postgres.calls.starts import NewCall, row_of
from gateway.postgres.rows import rows_in
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectedCall:
    """A call that was put right on record; `ended` is what its end told that came before that."""

    ended: CallEnded | None


async def correct(conn: PgConnection, call_id: int, told: NewCall, *, now: datetime) -> CorrectedCall | None:
    """Put on record what was told of a start, instead of what was decided of it.

    None where another webhook is on record, or where what was decided has had its effect.
    """
    row = await conn.fetchrow(sql("start_correct"), call_id, rows_in([row_of(0, told)]), now)
    if row is None:
        return None
    if row["reported_s"] is None:
        return CorrectedCall(ended=None)
    ended = CallEnded(
        call_id=told.key.call.call_id,
        cause=Cause(row["cause"]),
        seconds=row["reported_s"],
        cost=row["cost"],
        cost_currency=row["cost_currency"],
    )
    return CorrectedCall(ended=ended)


async def flag_told_otherwise(conn: PgConnection, call_id: int, told: NewCall, *, now: datetime) -> list[Flag]:
    """Flag a call that stays on record otherwise than its provider was told; the flag, if it is new."""
    flagged = await conn.fetch(sql("start_told_otherwise"), call_id, told.key.started_at, told.reply, now)
    return [Flag.TOLD_OTHERWISE for _ in flagged]


async def note_asked_again(conn: PgConnection, call_ids: Sequence[int]) -> None:
    """Note that repeats of these live calls' webhooks have been told what is on record."""
    await conn.execute(sql("start_asked_again"), call_ids)
