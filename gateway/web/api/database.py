"""The API's own connections: what it asks may be slow, and never takes a connection from a call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from gateway.domain.errors import DatabaseAway
from gateway.postgres.pool import REPORT_SETTINGS, give_back, open_pool
from gateway.postgres.session import translated_errors
from gateway.postgres.types import PgConnection, Pool

SIZE: Final = 4
STATEMENT_TIMEOUT: Final = timedelta(seconds=2)
LOCK_TIMEOUT: Final = timedelta(seconds=1)
# How long a request waits for a connection that others have.
TURN_S: Final = 2.0


class ApiDatabase:
    """A pool that opens its connections when they are needed: a gateway whose API nobody asks has none."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[PgConnection]:
        """A connection for one request; DatabaseAway where there is none to be had, or none that answers."""
        with translated_errors():
            try:
                async with asyncio.timeout(TURN_S):
                    conn = await self._pool.acquire()
            except TimeoutError as error:
                raise DatabaseAway("all connections of the API are busy") from error
            try:
                yield conn
            finally:
                await give_back(self._pool, conn)

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[PgConnection]:
        """The same, for a request that changes something: all of it or nothing."""
        async with self.connection() as conn, conn.transaction():
            yield conn


@asynccontextmanager
async def open_api_database(dsn: str) -> AsyncIterator[ApiDatabase]:
    pool = await open_pool(
        dsn,
        size=SIZE,
        opened_at_once=0,
        application_name="gateway/api",
        statement_timeout=STATEMENT_TIMEOUT,
        lock_timeout=LOCK_TIMEOUT,
        planner=REPORT_SETTINGS,
    )
    try:
        yield ApiDatabase(pool)
    finally:
        pool.terminate()
