"""A PostgreSQL for the tests: our own launcher on a directory in memory, or the server of an environment variable.

`GATEWAY_TEST_DATABASE_URL` names a server whose account may create databases.
"""

import asyncio
import itertools
import os
import re
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from gateway.embedded.postmaster import end_leftover
from gateway.embedded.server import start_embedded
from gateway.postgres.migrate import migrate

MEMORY = Path("/dev/shm")
MEMORY_BYTES_MIN = 1 << 30
PREFIX = "gwtest"

# What makes a throwaway server fast. It is careful with its data all the same, which costs nothing in memory: a
# gateway would warn of it.
QUICK = {
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "200",
}


class Administration:
    """Statements that make and drop databases, by a connection that is kept: to open one takes half as long again.

    It belongs to the event loop that began; statements of others have connections of their own.
    """

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self._kept: asyncpg.Connection[asyncpg.Record] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._turn = asyncio.Lock()

    async def execute(self, statement: str) -> None:
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
        if self._loop is not asyncio.get_running_loop():
            await self._execute_alone(statement)
            return
        async with self._turn:
            if self._kept is None or self._kept.is_closed():
                self._kept = await asyncpg.connect(self.dsn)
            await self._kept.execute(statement)

    def close(self) -> None:
        if self._kept is not None:
            self._kept.terminate()

    async def _execute_alone(self, statement: str) -> None:
        conn = await asyncpg.connect(self.dsn)
        try:
            await conn.execute(statement)
        finally:
            await conn.close()


@dataclass(frozen=True, kw_only=True)
class DatabaseServer:
    """A server with a migrated template database, of which each test gets its own copy."""

    administration: Administration
    prefix: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def admin_dsn(self) -> str:
        return self.administration.dsn

    @property
    def template(self) -> str:
        return f"{self.prefix}_template"

    async def execute(self, statement: str) -> None:
        await self.administration.execute(statement)

    @asynccontextmanager
    async def database(self, *, template: str | None = None) -> AsyncIterator[str]:
        """Yield the DSN of a new database, a copy of the migrated one unless another template is named."""
        name = f"{self.prefix}_{next(self.numbers)}"
        source = self.template if template is None else template
        await self.execute(f'CREATE DATABASE "{name}" TEMPLATE "{source}" STRATEGY FILE_COPY')
        try:
            yield with_database(self.admin_dsn, name)
        finally:
            await self.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    async def make_template(self) -> None:
        await self.execute(f'CREATE DATABASE "{self.template}"')
        await migrate(with_database(self.admin_dsn, self.template))
        await self.execute(f'ALTER DATABASE "{self.template}" IS_TEMPLATE true')

    async def drop_template(self) -> None:
        await self.execute(f'ALTER DATABASE "{self.template}" IS_TEMPLATE false')
        await self.execute(f'DROP DATABASE "{self.template}" WITH (FORCE)')


def with_database(dsn: str, name: str) -> str:
    """The same server, another database."""
    parts = urlsplit(dsn)
    return urlunsplit(parts._replace(path=f"/{name}"))


@asynccontextmanager
async def server() -> AsyncIterator[DatabaseServer]:
    """Run the session's server; the wheel missing is a failure, so that no run is green without a database."""
    prefix = f"{PREFIX}_{os.getpid()}"
    if url := os.environ.get("GATEWAY_TEST_DATABASE_URL"):
        with closing(Administration(url)) as administration:
            external = DatabaseServer(administration=administration, prefix=prefix)
            await external.make_template()
            try:
                yield external
            finally:
                await external.drop_template()
        return
    sweep()
    with throwaway_directory(memory=True) as directory:
        running = start_embedded(directory / "data", extra_settings=QUICK)
        try:
            with closing(Administration(running.dsn)) as administration:
                own = DatabaseServer(administration=administration, prefix=prefix)
                await own.make_template()
                yield own
        finally:
            await asyncio.to_thread(running.stop)


@contextmanager
def throwaway_directory(*, memory: bool = False) -> Iterator[Path]:
    """A directory that the database's account may enter, which pytest's tmp_path is not when root runs it."""
    in_memory = memory and sys.platform == "linux" and MEMORY.is_dir()
    if in_memory and shutil.disk_usage(MEMORY).free < MEMORY_BYTES_MIN:
        in_memory = False
    parent = MEMORY if in_memory else Path(tempfile.gettempdir())
    directory = Path(tempfile.mkdtemp(prefix=f"{PREFIX}-{os.getpid()}-", dir=parent))
    directory.chmod(0o711)
    try:
        yield directory
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def sweep() -> None:
    """Remove what killed test runs left behind."""
    for parent in {MEMORY, Path(tempfile.gettempdir())}:
        for directory in parent.glob(f"{PREFIX}-*"):
            pid = re.match(rf"{PREFIX}-(\d+)-", directory.name)
            if pid is None or _is_alive(int(pid[1])):
                continue
            for cluster in directory.glob("*/pg[0-9]*"):
                end_leftover(cluster)
            shutil.rmtree(directory, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
