"""Brings a database to the schema of this code: numbered files, applied in order, each once, never undone."""

import hashlib
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg

from gateway.domain.errors import GatewayError
from gateway.postgres.hosts import Hosts
from gateway.postgres.sql import sql_directory
from gateway.postgres.types import PgConnection

FILE_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
OLDEST_MAJOR = 15
# Any number will do, as long as nobody else locks it: "gateway" in ASCII.
LOCK_KEY = 0x67617465776179

CREATE_TABLE = """
CREATE TABLE IF NOT EXISTS migration (
    version int PRIMARY KEY,
    name text NOT NULL,
    checksum text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
"""


class MigrationError(GatewayError):
    """The database and the files of migrations do not fit; the message is one line that says how."""

    code = "migration"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """One file. Its checksum tells whether it was edited after it had been applied somewhere."""

    version: int
    name: str
    text: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.text.encode()).hexdigest()


async def migrate(dsn: str, *, directory: Path | None = None) -> list[str]:
    """Apply what is missing and return its names. Safe to run from several processes at once: one waits."""
    migrations = load_migrations(directory)
    async with _connected(dsn) as conn:
        await conn.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        await conn.execute(CREATE_TABLE)
        missing = await _missing(conn, migrations)
        for migration in missing:
            await _apply(conn, migration)
    return [migration.name for migration in missing]


async def pending(dsn: str, *, directory: Path | None = None) -> list[str]:
    """The names of what `migrate` would apply. Changes nothing, refuses what `migrate` refuses."""
    migrations = load_migrations(directory)
    async with _connected(dsn) as conn:
        return [migration.name for migration in await _missing(conn, migrations)]


def load_migrations(directory: Path | None = None) -> Sequence[Migration]:
    """The files in order of their number, which no two may share."""
    folder = directory if directory is not None else sql_directory() / "migrations"
    if not folder.is_dir():
        raise MigrationError(f"there is no directory of migrations at {folder}")
    found: dict[int, Migration] = {}
    for path in sorted(folder.glob("*.sql")):
        parts = FILE_NAME.fullmatch(path.name)
        if parts is None:
            raise MigrationError(f"{path.name} is no name for a migration: it must be like 0001_accounts.sql")
        migration = Migration(version=int(parts[1]), name=path.stem, text=path.read_text(encoding="utf-8"))
        if migration.version in found:
            other = found[migration.version].name
            raise MigrationError(f"two migrations have one number: {other} and {migration.name}")
        found[migration.version] = migration
    return tuple(found.values())


@asynccontextmanager
async def _connected(dsn: str) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    conn = await Hosts(dsn).connect(server_settings={"application_name": "gateway-migrate", "timezone": "UTC"})
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
            raise MigrationError(
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


async def _apply(conn: "asyncpg.Connection[asyncpg.Record]", migration: Migration) -> None:
    try:
        async with conn.transaction():
            await conn.execute(migration.text)
            await conn.execute(
                "INSERT INTO migration (version, name, checksum) VALUES ($1, $2, $3)",
                migration.version,
                migration.name,
                migration.checksum,
            )
    except asyncpg.PostgresError as error:
        raise MigrationError(f"the migration {migration.name} failed: {error}") from error


async def pending_on(conn: PgConnection) -> list[str]:
    """The same as `pending`, on a connection that is there already."""
    return [migration.name for migration in await _missing(conn, load_migrations())]
