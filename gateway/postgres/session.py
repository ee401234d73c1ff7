"""One connection for one command, and the driver's errors as ours."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import timedelta

import asyncpg

from gateway.domain.errors import DatabaseAway, GatewayError
from gateway.postgres.errors import is_database_away
from gateway.postgres.pool import open_pool
from gateway.postgres.types import PgConnection

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
