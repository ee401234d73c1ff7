"""When a token or a session was used last: known to a minute, and worth no waiting."""

import contextlib
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

USED_EXACTLY_TO: Final = timedelta(minutes=1)


async def note_use(
    conn: PgConnection, query: str, row_id: int, *, last_used_at: datetime | None, now: datetime
) -> None:
    """Outside a transaction. Where the database takes nothing it is not noted, and nobody waits for a standby.

    Else nobody could ask a gateway what is wrong with its database.
    """
    if last_used_at is None or last_used_at < now - USED_EXACTLY_TO:
        with contextlib.suppress(asyncpg.ReadOnlySQLTransactionError):
            await conn.execute(sql(query), row_id, now)
