"""One connection for one command, and the driver's errors as ours."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta
from typing import Final, TypeVar

import asyncpg

from gateway.domain.errors import DatabaseAway, GatewayError
from gateway.postgres.errors import is_database_away
from gateway.postgres.migrate import pending_on
from gateway.postgres.pool import open_pool
from gateway.postgres.replication import replica_lag
from gateway.postgres.types import PgConnection

T = TypeVar("T")
# A replica that is further behind is not asked.
LAG_MAX: Final = timedelta(seconds=10)
# Nobody waits at the telephone for a command.
COMMAND_TIMEOUT = timedelta(seconds=60)
COMMAND_LOCK_TIMEOUT = timedelta(seconds=10)


@asynccontextmanager
async def connected(dsn: str, *, application_name: str) -> AsyncIterator[PgConnection]:
    """A connection with the codecs and settings of the pool's, for as long as the block lasts."""
    pool = await open_pool(
        dsn,
        size=1,
        application_name=application_name,
        statement_timeout=COMMAND_TIMEOUT,
        lock_timeout=COMMAND_LOCK_TIMEOUT,
    )
    try:
        async with pool.acquire() as conn:
            yield conn
    finally:
        pool.terminate()


async def read_replica(url: str, work: Callable[[PgConnection], Awaitable[T]]) -> T:
    """What some work that only reads gives at a replica; DatabaseAway if that cannot answer, or not as of now."""
    async with connected(url, application_name="gateway-cli") as conn:
        lag = await replica_lag(conn)
        if lag is None or lag > LAG_MAX:
            raise DatabaseAway(f"it is {'nobody knows how far' if lag is None else lag} behind")
        if await pending_on(conn):
            raise DatabaseAway("it has not the schema of this version")
        try:
            return await work(conn)
        except asyncpg.SerializationError as error:
            # What we read was changed at the primary, and the replica would not wait.
            raise DatabaseAway(" ".join(str(error).split())) from error


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn what the driver raises into one line: DatabaseAway where the database gave no answer."""
    try:
        yield
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        # A timeout has no words of its own.
        said = " ".join(str(error).split()) or "it did not answer"
        if is_database_away(error):
            raise DatabaseAway(f"the database cannot be used: {said}") from error
        raise GatewayError(f"the database refused: {said}") from error
