"""Queries about links that sign in, and how often somebody tries to (sql/queries/access/links.sql)."""

from datetime import datetime, timedelta

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


async def keep(
    conn: PgConnection,
    *,
    hash: bytes,  # noqa: A002 - the column's name
    person_id: int | None,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep a link of a person; of nobody, whoever opens it becomes the first operator."""
    await conn.execute(sql("login_create"), hash, person_id, now, expires_at)


async def keep_for(
    conn: PgConnection,
    *,
    hash: bytes,  # noqa: A002 - the column's name
    email: str,
    now: datetime,
    expires_at: datetime,
) -> None:
    """Keep a link of whoever has an address, if anybody has: the work is the same."""
    await conn.execute(sql("login_request"), hash, email, now, expires_at)


async def take(conn: PgConnection, *, hash: bytes, now: datetime) -> int | None:  # noqa: A002 - the column's name
    """Use a link up: whose it was, or None where it is of no use."""
    person_id: int | None = await conn.fetchval(sql("login_take"), hash, now)
    return person_id


async def take_first(conn: PgConnection, *, hash: bytes, now: datetime) -> bool:  # noqa: A002 - the column's name
    """Use the first operator's link up; False where it is of no use."""
    return await conn.fetchval(sql("login_take_first"), hash, now) is not None


async def count_try(conn: PgConnection, what: str, *, most: int, within: timedelta, now: datetime) -> bool:
    """Count a try, within a transaction; False where there were as many as may be, and it is not counted."""
    await conn.execute(sql("try_lock"), what)
    return await conn.fetchval(sql("try_count"), what, now, now - within, most) is not None


async def forget(conn: PgConnection, *, before: datetime, limit: int) -> int:
    """Delete links and tries that are over; how many links."""
    await conn.execute(sql("try_forget"), before)
    return len(await conn.fetch(sql("login_forget"), before, limit))
