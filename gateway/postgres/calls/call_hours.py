"""What became of calls hour by hour (sql/queries/calls/call_hours.sql)."""

from dataclasses import dataclass
from datetime import datetime

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class CallHour:
    """The calls that started within an hour; `answered` and `refused` are among them, the others reached nobody yet."""

    hour: datetime
    calls: int
    answered: int
    refused: int


async def by_hour(
    conn: PgConnection, *, account_id: int | None, since: datetime, from_id: int, looked_at: int
) -> list[CallHour]:
    """The newest hour first; `from_id` is an id below which no call is that started since then."""
    return [CallHour(**row) for row in await conn.fetch(sql("calls_by_hour"), account_id, since, from_id, looked_at)]
