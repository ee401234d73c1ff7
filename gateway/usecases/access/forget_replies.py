"""Replies that repeats get again are kept for thirty days."""

from datetime import timedelta
from typing import Final

from gateway.context import Context
from gateway.postgres.access import idempotency

KEPT: Final = timedelta(days=30)
BATCH: Final = 1000
INTERVAL_S: Final = 600.0


async def forget_replies(context: Context) -> bool:
    """Delete some that are older; whether there may be more."""
    async with context.pool.acquire() as conn:
        count = await idempotency.forget(conn, before=context.clock.now() - KEPT, limit=BATCH)
    return count == BATCH
