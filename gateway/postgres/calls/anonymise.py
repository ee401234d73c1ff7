"""The queries that take digits from numbers of old calls (sql/queries/calls/anonymise.sql)."""

from datetime import datetime

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


async def anonymise(conn: PgConnection, *, before: datetime, limit: int, now: datetime) -> int:
    """Anonymise the next calls that began before an instant; how many were looked at, none where another does it."""
    async with conn.transaction():
        if await conn.fetchval(sql("anonymise_begin")) is None:
            return 0
        count: int = await conn.fetchval(sql("calls_anonymise"), before, limit, now)
    return count
