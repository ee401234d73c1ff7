"""What a world keeps its calls in: one server on a machine of its own, or a cluster that Patroni keeps."""

import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import parse_qs, urlsplit

from tests.chaos.proxy import Target
from tests.support.cluster import Away, OwnCluster, own_cluster
from tests.support.patroni import PASSWORD, Member, PatroniCluster, patroni_cluster
from tests.support.processes import until

MEMBERS: Final = ("one", "two")
WHOLE_WITHIN_S: Final = 90.0


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
async def open_database(directory: Path, *, is_on_patroni: bool) -> AsyncIterator[Database]:
    if not is_on_patroni:
        async with own_cluster(directory / "cluster") as cluster:
            yield OneServer(cluster)
        return
    async with patroni_cluster(directory, MEMBERS) as members:
        leader = await members.leader()
        assert leader is not None, "a cluster that is whole has a leader"
        yield OnPatroni(members, leader)
