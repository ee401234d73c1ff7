"""Brings a database to the schema of this code: numbered files, applied in order, each once, never undone."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from math import inf
from pathlib import Path

import asyncpg

from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.errors import RETRYABLE
from gateway.postgres.hosts import Connection, Hosts
from gateway.postgres.migrations import Migration, MigrationError, load_migrations
from gateway.postgres.pool import session_settings
from gateway.postgres.pooler import LOOKING, Mode, PoolerUnfit, find_lost, find_mode
from gateway.postgres.types import PgConnection

OLDEST_MAJOR = 15
# Any number will do, as long as nobody else locks it: "gateway" in ASCII.
LOCK_KEY = 0x67617465776179
MIGRATING = "gateway-migrate"
# A migration of a large database may take long; one that takes longer is waited for by hand.
WAIT_MAX = timedelta(minutes=10)
TOLD_EVERY_S = 10.0
PAUSE_S = 0.2

CREATE_TABLE = """
CREATE TABLE IF NOT EXISTS migration (
    version int PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""

# Our role may have defaults that suit webhooks (see `_keep_defaults`).
UNHURRIED = """
SET LOCAL statement_timeout = 0;
SET LOCAL lock_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL enable_seqscan = on;
SET LOCAL enable_hashjoin = on;
SET LOCAL enable_mergejoin = on
"""
# Our own last, which ends the list with itself.
END_OURS = """
SELECT pg_terminate_backend(pid)
FROM (
    SELECT pid
    FROM pg_stat_activity
    WHERE application_name = ANY($1) AND usename = current_user AND datname = current_database()
        AND (state = 'idle' OR pid = pg_backend_pid())
    ORDER BY pid = pg_backend_pid()
) AS ours
"""


class NewerDatabase(MigrationError):
    """The database has the schema of a later version than this one."""


async def migrate(dsn: str, *, directory: Path | None = None) -> list[str]:
    """Apply what is missing and return its names; from several processes at once, one works and the others wait.

    Who waits says so in the log, and gives up with MigrationError after WAIT_MAX. The lock is one of a transaction,
    since a pooler would keep one of a session after we are gone.
    """
    migrations = load_migrations(directory)
    applied: list[str] = []
    async with _connected(dsn) as conn:
        turn = _Turn()
        while True:
            # Gateways run meanwhile: a migration that met their transactions is tried again when they are over.
            with contextlib.suppress(*RETRYABLE):
                async with conn.transaction():
                    if await conn.fetchval("SELECT pg_try_advisory_xact_lock($1)", LOCK_KEY):
                        name = await _apply_next(conn, migrations)
                        if name is None:
                            break
                        applied.append(name)
                        turn = _Turn()
                        continue
            await turn.wait()
        await _keep_defaults(conn, Hosts(dsn))
    return applied


class _Turn:
    """The time that others have been migrating for."""

    def __init__(self) -> None:
        self._since = time.monotonic()
        self._told_at = -inf

    async def wait(self) -> None:
        waited_s = time.monotonic() - self._since
        if waited_s > WAIT_MAX / timedelta(seconds=1):
            raise MigrationError(
                f"another process has been migrating this database for {waited_s:.0f} s: wait for it and start again,"
                f" or end the session that holds the advisory lock {LOCK_KEY} (pg_locks says which)"
            )
        if waited_s - self._told_at >= TOLD_EVERY_S:
            self._told_at = waited_s
            logger().warning(LogEvent.MIGRATION_AWAITED, waited_s=round(waited_s))
        await asyncio.sleep(PAUSE_S)


async def _apply_next(conn: Connection, migrations: Sequence[Migration]) -> str | None:
    """Apply the first that is missing, in the transaction that holds the lock."""
    await conn.execute(UNHURRIED)
    await conn.execute(CREATE_TABLE)
    missing = await _missing(conn, migrations)
    if not missing:
        return None
    await _apply(conn, missing[0])
    return missing[0].name


async def _keep_defaults(conn: Connection, hosts: Hosts) -> None:
    """Behind a pooler that hands sessions on, what our sessions need are the defaults of our role in this database.

    Sessions begun before have the old ones: those that we used ourselves end, so that the pooler begins new ones.
    """
    pid, lost = await find_lost(conn, session_settings())
    if not lost or pid == conn.get_server_pid() or await _mode_of(hosts) is not Mode.TRANSACTION:
        return
    async with conn.transaction():
        database = await conn.fetchval("SELECT quote_ident(current_database())")
        for name, value in session_settings().items():
            await conn.execute(f"ALTER ROLE CURRENT_USER IN DATABASE {database} SET {name} = '{value}'")
    with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
        async with conn.transaction():
            await conn.fetch(END_OURS, [MIGRATING, LOOKING])


async def _mode_of(hosts: Hosts) -> Mode | None:
    """None where the pooler is unfit for calls, which who serves is told; a schema it can bring."""
    try:
        return await find_mode(hosts)
    except PoolerUnfit:
        return None


async def pending(dsn: str, *, directory: Path | None = None) -> list[str]:
    """The names of what `migrate` would apply. Changes nothing, refuses what `migrate` refuses."""
    migrations = load_migrations(directory)
    async with _connected(dsn) as conn, conn.transaction(readonly=True):
        return [migration.name for migration in await _missing(conn, migrations)]


@asynccontextmanager
async def _connected(dsn: str) -> AsyncIterator[Connection]:
    # Nothing is prepared for later, since a pooler may hand each transaction to another session.
    conn = await Hosts(dsn).connect(
        statement_cache_size=0, server_settings={"application_name": MIGRATING, "timezone": "UTC"}
    )
    try:
        version = conn.get_server_version()
        if version.major < OLDEST_MAJOR:
            raise MigrationError(
                f"PostgreSQL {OLDEST_MAJOR} or newer is needed; this server is {version.major}.{version.minor}",
            )
        yield conn
    finally:
        await conn.close()


async def _missing(conn: PgConnection, migrations: Sequence[Migration]) -> Sequence[Migration]:
    """What is not applied yet, after a check that what is applied is what the files say."""
    if await conn.fetchval("SELECT to_regclass('migration')") is None:
        return migrations
    rows = await conn.fetch("SELECT version, name, checksum FROM migration ORDER BY version")
    applied = {row["version"]: row for row in rows}
    known = {migration.version: migration for migration in migrations}
    for version, row in applied.items():
        if version not in known:
            raise NewerDatabase(
                f"the database is newer than this code: it has the migration {row['name']}, which no file has",
            )
        if row["checksum"] != known[version].checksum:
            raise MigrationError(
                f"the migration {known[version].name} was changed after it had been applied: restore the file"
                " and put the change into a new one",
            )
    missing = [migration for migration in migrations if migration.version not in applied]
    newest = max(applied, default=0)
    if late := [migration.name for migration in missing if migration.version < newest]:
        raise MigrationError(f"{late[0]} comes before migrations that are applied: give it a higher number")
    return missing


async def _apply(conn: Connection, migration: Migration) -> None:
    try:
        await conn.execute(migration.text)
        await conn.execute(
            "INSERT INTO migration (version, name, checksum) VALUES ($1, $2, $3)",
            migration.version,
            migration.name,
            migration.checksum,
        )
    except RETRYABLE:
        raise
    except asyncpg.PostgresError as error:
        raise MigrationError(f"the migration {migration.name} failed: {error}") from error


async def pending_on(conn: PgConnection) -> list[str]:
    """The same as `pending`, on a connection that is there already."""
    return [migration.name for migration in await _missing(conn, load_migrations())]
