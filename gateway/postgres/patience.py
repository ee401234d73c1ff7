"""Changes of tables that calls need at every moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.postgres.errors import RETRYABLE
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

# Whoever waits for a lock has all others wait behind it: a start does so for 0.9 s, so this is for a part of that.
WAIT_MAX_MS: Final = 50
PAUSE_S: Final = 0.2


async def change_in_a_moment(conn: PgConnection, change: Callable[[], Awaitable[None]], *, tries: int) -> bool:
    """Make a change that locks tables, in a transaction; where they are in use it makes way, and comes again.

    False where they never came free: somebody reads all the time.
    """
    for _ in range(tries):
        try:
            async with conn.transaction():
                await conn.execute(sql("months_hurry"), str(WAIT_MAX_MS))
                await change()
        except RETRYABLE:
            await asyncio.sleep(PAUSE_S)
        else:
            return True
    return False
