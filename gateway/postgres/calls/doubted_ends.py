"""Queries about ends that are in doubt (sql/queries/calls/doubted_ends.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection
from gateway.providers.base import CallRef


@dataclass(frozen=True, slots=True, kw_only=True)
class DoubtedEnd:
    """A call that ended with nothing, of which we heard at `heard_at`; `was_up`: after that it was up, it was said.

    This is try number `tries` to ask. `is_doubted` says that it is charged nothing still.
    """

    call_id: int
    connection: str
    ref: CallRef
    heard_at: datetime
    was_up: bool
    tries: int
    is_doubted: bool


async def doubt(conn: PgConnection, doubted: Sequence[tuple[int, datetime]], *, ask_at: datetime) -> None:
    """Have the provider asked about calls, each with when its end was heard of."""
    await conn.execute(
        sql("end_doubt"), [call_id for call_id, _ in doubted], [heard_at for _, heard_at in doubted], ask_at
    )


async def claim(conn: PgConnection, *, now: datetime, until: datetime, limit: int) -> list[DoubtedEnd]:
    """Claim ends to ask about now, until their next try."""
    return [
        DoubtedEnd(
            call_id=row["call_id"],
            connection=row["connection"],
            ref=CallRef(
                call_id=row["provider_call_id"], control_url=row["control_url"], answered_at=row["answered_at"]
            ),
            heard_at=row["heard_at"],
            was_up=row["was_up"],
            tries=row["tries"],
            is_doubted=row["is_doubted"],
        )
        for row in await conn.fetch(sql("doubted_end_claim"), now, until, limit)
    ]


async def ask_later(conn: PgConnection, call_id: int, *, due_at: datetime, is_up: bool) -> None:
    await conn.execute(sql("doubted_end_later"), call_id, due_at, is_up)


async def forget(conn: PgConnection, call_id: int) -> None:
    await conn.execute(sql("doubted_end_forget"), call_id)
