"""A database server of a test's own, on a real disk, that can go away in every way a server goes away."""

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.chaos.nursery import Nursery
from tests.chaos.programs import Program
from tests.support.processes import Process, shared_nursery, until

STANDARD_ERROR = 2


class Away(StrEnum):
    """How a server can be away: in order, by a crash, or there and silent."""

    STOPPED = "stopped"
    KILLED = "killed"
    HANGS = "hangs"


@dataclass(slots=True)
class OwnCluster:
    data: Path
    nursery: Nursery
    # The server ends with it, as by `pg_ctl stop -m fast`; None when it has.
    owner: Process | None
    pid: int
    dsn: str

    async def go(self, how: Away) -> None:
        match how:
            case Away.STOPPED:
                await self._end_owner()
            case Away.KILLED:
                # Backends end when they notice; the ones at work are gone at once.
                if self.owner is not None:
                    self.owner.kill()
                for pid in self._pids():
                    _signal(pid, signal.SIGKILL)
                await self._end_owner()
            case Away.HANGS:
                for pid in self._pids():
                    _signal(pid, signal.SIGSTOP)

    async def come_back(self, how: Away) -> None:
        if how is Away.HANGS:
            for pid in self._pids():
                _signal(pid, signal.SIGCONT)
        else:
            self.owner, self.pid, dsn = await _start(self.data, self.nursery)
            assert dsn == self.dsn

    async def close(self) -> None:
        for pid in self._pids():
            _signal(pid, signal.SIGCONT)
        await self._end_owner()

    def _pids(self) -> list[int]:
        """The postmaster, then its processes."""
        try:
            children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        except FileNotFoundError:
            return []
        return [self.pid, *map(int, children)]

    async def _end_owner(self) -> None:
        if self.owner is not None:
            with self.owner:
                self.owner.kill()
                await asyncio.to_thread(self.owner.wait)
            self.owner = None
        await until(lambda: not Path(f"/proc/{self.pid}").exists(), 60)


@asynccontextmanager
async def own_cluster(data: Path, *, nursery: Nursery | None = None) -> AsyncIterator[OwnCluster]:
    nursery = shared_nursery() if nursery is None else nursery
    cluster = OwnCluster(data, nursery, *await _start(data, nursery))
    try:
        yield cluster
    finally:
        await cluster.close()


async def _start(data: Path, nursery: Nursery) -> tuple[Process, int, str]:
    owner = nursery.launch([str(data)], os.environ, STANDARD_ERROR, program=Program.DATABASE)
    said = await asyncio.to_thread(owner.stdout.readline)
    assert said, f"the database in {data} does not start"
    pid, dsn = said.decode().split()
    return owner, int(pid), dsn


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
