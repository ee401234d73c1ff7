"""The query about calls that are answered (sql/queries/calls/answers.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.domain.calls.call import Clocks
from gateway.postgres.rows import span_of
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class AnsweredCall:
    """`held_s` is what the call held when its clocks were computed."""

    call_id: int
    answered_at: datetime
    provider_answered_at: datetime | None
    clocks: Clocks
    held_s: int


async def answer(conn: PgConnection, answered: Sequence[AnsweredCall]) -> set[int]:
    """Note the answers of live calls, and their clocks from then on; the ids of those that were not as known."""
    call_ids = [call.call_id for call in answered]
    rows = await conn.fetch(
        sql("answer_apply"),
        call_ids,
        [call.answered_at for call in answered],
        [call.clocks.must_end_at for call in answered],
        [call.clocks.cut_due_at for call in answered],
        [call.clocks.extend_due_at for call in answered],
        [call.clocks.reconcile_due_at for call in answered],
        [call.held_s for call in answered],
        [call.provider_answered_at for call in answered],
        *span_of(call_ids),
    )
    return {row["call_id"] for row in rows}
