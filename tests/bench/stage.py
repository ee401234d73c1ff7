"""What all scenarios stand on: one database server, and gateways on databases of it."""

import contextlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import asyncpg

from gateway.embedded.server import EmbeddedServer, start_embedded
from gateway.postgres.migrate import migrate
from tests.bench.hooks import Hooks
from tests.bench.processes import Server, gateway, module
from tests.bench.rounds import Subject
from tests.bench.world import World, seed
from tests.support.postgres import throwaway_directory, with_database


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """What a database has grown to."""

    numbers: int = 1_000_000
    closed_calls: int = 50_000_000
    live_calls: int = 100_000
    listed_calls: int = 5_000_000


@dataclass(slots=True, kw_only=True)
class Stage:
    """A database server with the production launcher's settings, and the empty handler."""

    directory: Path
    database: EmbeddedServer
    empty: Server
    rounds: int
    seconds: int
    # A tenth or less of the sizes that the targets name.
    is_quick: bool
    # Of the large databases: their numbers, closed calls and live calls.
    sizes: Sizes
    worlds: dict[str, tuple[str, World]] = field(default_factory=dict)

    async def world(
        self, name: str, *, numbers: int = 10_000, closed_calls: int = 0, has_busiest: bool = False
    ) -> tuple[str, World]:
        """The DSN of a database and what is in it; made on first use."""
        if name not in self.worlds:
            conn = await asyncpg.connect(self.database.dsn)
            try:
                await conn.execute(f'CREATE DATABASE "{name}"')
            finally:
                await conn.close()
            dsn = with_database(self.database.dsn, name)
            await migrate(dsn)
            world = await seed(dsn, numbers=numbers, closed_calls=closed_calls, has_busiest=has_busiest)
            self.worlds[name] = (dsn, world)
        return self.worlds[name]

    @asynccontextmanager
    async def subject(
        self,
        name: str,
        dsn: str,
        world: World,
        *,
        control_url: str = "",
        processes: int = 1,
        environment: Mapping[str, str] = MappingProxyType({}),
        connections: str = "",
    ) -> AsyncIterator[Subject]:
        """A gateway of its own, and who calls it; `connections` are tables beside the native one."""
        control_url = control_url or f"{self.empty.url}/control"
        with gateway(
            self.directory,
            dsn,
            name=name,
            control_url=control_url,
            processes=processes,
            environment=environment,
            connections=connections,
        ) as server:
            yield Subject(
                name=name,
                server=server,
                dsn=dsn,
                postmaster=self.database.pid,
                provider=Hooks(world),
                path=self.directory / f"{name}.requests",
            )


@contextlib.contextmanager
def stage(*, rounds: int, seconds: int, is_quick: bool, sizes: Sizes) -> "contextlib._GeneratorContextManager[Stage]":
    with throwaway_directory() as directory, module(directory, "empty") as empty:
        database = start_embedded(directory / "database")
        try:
            yield Stage(
                directory=directory,
                database=database,
                empty=empty,
                rounds=rounds,
                seconds=seconds,
                is_quick=is_quick,
                sizes=sizes,
            )
        finally:
            database.stop()
