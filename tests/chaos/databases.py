"""What a world keeps its calls in: one server on a machine of its own, or a cluster that Patroni keeps."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import parse_qs, urlsplit

import asyncpg

from gateway.clock import SystemClock
from gateway.postgres.migrate import migrate
from gateway.usecases.calls.months import make_months
from tests.chaos.nursery import Nursery
from tests.chaos.proxy import Target
from tests.chaos.rating import DECK
from tests.support import world as rows
from tests.support.cluster import Away, OwnCluster, own_cluster
from tests.support.patroni import PASSWORD, Member, PatroniCluster, patroni_cluster
from tests.support.postgres import throwaway_directory
from tests.support.processes import LONG_AGO, connected, until

MEMBERS: Final = ("one", "two")
WHOLE_WITHIN_S: Final = 90.0
# What the driver says of a database that is away, or that goes away meanwhile.
GONE: Final = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class Database(Protocol):
    """A database as faults strike it: `go` has it be away, `come_back` has it be as it was before."""

    @property
    def dsn(self) -> str: ...

    @property
    def targets(self) -> Sequence[Target]: ...

    def url_by(self, addresses: Sequence[str]) -> str:
        """How it is reached by links to its targets."""
        ...

    def pids(self) -> list[int]:
        """The server that decides, then its processes."""
        ...

    async def go(self, how: Away) -> None: ...

    async def come_back(self, how: Away) -> None: ...

    async def find(self) -> None:
        """See who decides now: whoever watches a server may have started it anew."""
        ...


@dataclass(slots=True)
class OneServer:
    cluster: OwnCluster

    @property
    def dsn(self) -> str:
        return self.cluster.dsn

    @property
    def targets(self) -> Sequence[Target]:
        directory = parse_qs(urlsplit(self.cluster.dsn).query)["host"][0]
        return [f"{directory}/.s.PGSQL.5432"]

    def url_by(self, addresses: Sequence[str]) -> str:
        return f"postgresql://postgres@{addresses[0]}/gateway?sslmode=disable"

    def pids(self) -> list[int]:
        return self.cluster._pids()

    async def go(self, how: Away) -> None:
        await self.cluster.go(how)

    async def come_back(self, how: Away) -> None:
        await self.cluster.come_back(how)

    async def find(self) -> None:
        for file in self.cluster.data.glob("pg[0-9]*/postmaster.pid"):
            self.cluster.pid = int(file.read_text().split("\n", 1)[0])


@dataclass(slots=True)
class OnPatroni:
    """It is away in order by a switchover, else as its leader is killed, or its machine hangs."""

    cluster: PatroniCluster
    leader: Member

    @property
    def dsn(self) -> str:
        return f"{self.cluster.dsn}&target_session_attrs=read-write"

    @property
    def targets(self) -> Sequence[Target]:
        return [("127.0.0.1", member.port) for member in self.cluster.members]

    def url_by(self, addresses: Sequence[str]) -> str:
        return f"postgresql://postgres:{PASSWORD}@{','.join(addresses)}/postgres?sslmode=disable"

    def pids(self) -> list[int]:
        return self.leader.processes()

    async def go(self, how: Away) -> None:
        await self.find()
        match how:
            case Away.STOPPED:
                await self.cluster.switch_over()
            case Away.KILLED:
                self.leader.signal(signal.SIGKILL, with_patroni=False)
            case Away.HANGS:
                self.leader.signal(signal.SIGSTOP)

    async def come_back(self, how: Away) -> None:
        if how is Away.HANGS:
            self.leader.signal(signal.SIGCONT)
        await until(self.cluster.is_whole, WHOLE_WITHIN_S)

    async def find(self) -> None:
        self.leader = await self.cluster.leader() or self.leader


@asynccontextmanager
async def open_database(
    directory: Path,
    nursery: Nursery,
    *,
    template: Path | None = None,
    older: Path | None = None,
    is_on_patroni: bool = False,
) -> AsyncIterator[Database]:
    """A database with our schema and the deck: a copy of a template, or made anew, and that by an older version."""
    async with _on_patroni(directory) if is_on_patroni else _alone(directory, nursery, template) as database:
        if template is None:
            await _make_schema(database, older)
        yield database


@asynccontextmanager
async def _alone(directory: Path, nursery: Nursery, template: Path | None) -> AsyncIterator[Database]:
    data = directory / "cluster"
    if template is not None:
        copying = await asyncio.create_subprocess_exec("cp", "--archive", str(template), str(data))
        assert await copying.wait() == 0, "a directory can be copied"
    async with own_cluster(data, nursery=nursery) as cluster:
        yield OneServer(cluster)


@asynccontextmanager
async def _on_patroni(directory: Path) -> AsyncIterator[Database]:
    async with patroni_cluster(directory, MEMBERS) as members:
        leader = await members.leader()
        assert leader is not None, "a cluster that is whole has a leader"
        yield OnPatroni(members, leader)


@contextmanager
def made_template(nursery: Nursery) -> Iterator[Path]:
    """The directory of a database that every world may begin with; to be made while the process has no loop."""

    async def make(directory: Path) -> None:
        async with open_database(directory, nursery) as database, connected(database.dsn) as conn:
            await make_months(conn, SystemClock().now().date())

    with throwaway_directory(memory=True) as directory:
        asyncio.run(make(directory))
        yield directory / "cluster"


def program_of(checkout: Path | None) -> Mapping[str, str]:
    """What has Python take the gateway from there."""
    return {} if checkout is None else {"PYTHONPATH": str(checkout), "PYTHONSAFEPATH": "1"}


async def _make_schema(database: Database, older: Path | None) -> None:
    if older is None:
        await migrate(database.dsn)
    else:
        environment = {**os.environ, **program_of(older), "GATEWAY_DATABASE_URL": database.dsn}
        migrating = await asyncio.create_subprocess_exec(sys.executable, "-m", "gateway", "migrate", env=environment)
        assert await migrating.wait() == 0, "the older version does not make its database"
    async with connected(database.dsn) as conn:
        for row in DECK:
            await rows.rate(
                conn,
                row.prefix,
                row.per_minute,
                fee=row.fee,
                first_interval_s=row.first_s,
                increment_s=row.increment_s,
                valid_from=LONG_AGO,
            )
