"""Replies that repeats get again are kept for thirty days; links, tries and sessions, an hour after they are over."""

from datetime import timedelta
from typing import Final

from gateway.context import Context
from gateway.postgres.access import idempotency, links, sessions

KEPT: Final = timedelta(days=30)
# Links, sessions and challenges, and tries that limit nobody any more.
OVER: Final = timedelta(hours=1)
BATCH: Final = 1000
INTERVAL_S: Final = 600.0


async def forget(context: Context) -> bool:
    """Delete some that are older; whether there may be more."""
    now = context.clock.now()
    async with context.pool.acquire() as conn:
        replies = await idempotency.forget(conn, before=now - KEPT, limit=BATCH)
        over = await links.forget(conn, before=now - OVER, limit=BATCH)
        expired = await sessions.forget(conn, before=now - OVER, limit=BATCH)
    return BATCH in (replies, over, expired)
