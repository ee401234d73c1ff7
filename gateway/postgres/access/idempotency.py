"""Queries about replies that repeats get again (sql/queries/access/idempotency.sql)."""

from dataclasses import dataclass
from datetime import datetime

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptReply:
    """What a request was, and what it got."""

    route: str
    body_hash: bytes
    status: int
    reply: bytes


async def lock(conn: PgConnection, *, actor: str, key: str) -> bool:
    """Have a key until the transaction ends; False where a request under way has it."""
    is_mine: bool = await conn.fetchval(sql("idempotency_lock"), actor, key)
    return is_mine


async def find(conn: PgConnection, *, actor: str, key: str) -> KeptReply | None:
    row = await conn.fetchrow(sql("idempotency_find"), actor, key)
    return None if row is None else KeptReply(**row)


async def keep(conn: PgConnection, kept: KeptReply, *, actor: str, key: str, now: datetime) -> None:
    await conn.execute(sql("idempotency_keep"), actor, key, kept.route, kept.body_hash, kept.status, kept.reply, now)


async def forget(conn: PgConnection, *, before: datetime, limit: int) -> int:
    """Delete the oldest that are older than an instant; how many there were."""
    return len(await conn.fetch(sql("idempotency_forget"), before, limit))
