"""The API's own connections: what it asks may be slow, and never takes a connection from a call."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Final, TypeVar

from gateway.domain.errors import DatabaseAway, NotFound
from gateway.postgres.errors import is_database_away, is_retryable
from gateway.postgres.pool import REPORT_SETTINGS, give_back, open_pool
from gateway.postgres.replication import replica_lag
from gateway.postgres.session import LAG_MAX, translated_errors
from gateway.postgres.types import PgConnection, Pool

R = TypeVar("R")
SIZE: Final = 4
STATEMENT_TIMEOUT: Final = timedelta(seconds=2)
LOCK_TIMEOUT: Final = timedelta(seconds=1)
# How long a request waits for a connection that others have.
TURN_S: Final = 2.0
# For how long what was found out about the replica is believed.
_BELIEVED_S: Final = 1.0


class ApiDatabase:
    """Pools that open their connections when they are needed: a gateway whose API nobody asks has none.

    With a replica, what only reads is asked there as long as it follows closely.
    """

    def __init__(self, pool: Pool, replica: "Pool | None" = None) -> None:
        self._pool = pool
        self._replica = replica
        self._is_fresh = False
        self._asked_at = float("-inf")

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[PgConnection]:
        """A connection for one request; DatabaseAway where there is none to be had, or none that answers."""
        async with _borrowed(self._pool) as conn:
            yield conn

    async def read(self, ask: Callable[[PgConnection], Awaitable[R]]) -> R:
        """What the replica says, where there is one that is close behind; else, or where it does not have it, this one.

        What is not there yet may have been written a moment ago.
        """
        try:
            async with self.replica() as conn:
                if conn is not None:
                    return await ask(conn)
        except (NotFound, DatabaseAway):
            pass
        except Exception as error:
            if not (is_database_away(error) or is_retryable(error)):
                raise
        async with self.connection() as conn:
            return await ask(conn)

    @asynccontextmanager
    async def replica(self) -> "AsyncIterator[PgConnection | None]":
        """The same at the replica; None where there is none, or none that is close behind."""
        if self._replica is None or not await self._follows_closely(self._replica):
            yield None
            return
        async with _borrowed(self._replica) as conn:
            yield conn

    async def _follows_closely(self, replica: Pool) -> bool:
        now = asyncio.get_running_loop().time()
        if now - self._asked_at > _BELIEVED_S:
            self._asked_at = now
            try:
                async with _borrowed(replica) as conn:
                    lag = await replica_lag(conn)
                self._is_fresh = lag is not None and lag <= LAG_MAX
            except Exception:  # noqa: BLE001 - whatever it is, nothing is asked there
                self._is_fresh = False
        return self._is_fresh


@asynccontextmanager
async def open_api_database(dsn: str, read_url: str | None) -> AsyncIterator[ApiDatabase]:
    async with AsyncExitStack() as stack:
        pool = await stack.enter_async_context(_open(dsn))
        replica = None if read_url is None else await stack.enter_async_context(_open(read_url))
        yield ApiDatabase(pool, replica)


@asynccontextmanager
async def _open(dsn: str) -> AsyncIterator[Pool]:
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
        yield pool
    finally:
        pool.terminate()


@asynccontextmanager
async def _borrowed(pool: Pool) -> AsyncIterator[PgConnection]:
    """What the driver raises of a statement passes: whoever answers the request knows what it says."""
    try:
        async with asyncio.timeout(TURN_S):
            with translated_errors():
                conn = await pool.acquire()
    except TimeoutError as error:
        raise DatabaseAway("all connections of the API are busy") from error
    try:
        yield conn
    finally:
        await give_back(pool, conn)
