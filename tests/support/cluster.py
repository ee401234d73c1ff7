"""A database server of a test's own, on a real disk, that can go away in every way a server goes away."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from tests.support.processes import until

# Owns the server until it is killed; the kernel then stops the server as by `pg_ctl stop -m fast`.
_OWNER = """
import signal, sys
from pathlib import Path
from gateway.embedded.server import start_embedded
server = start_embedded(Path(sys.argv[1]))
print(server.pid, server.dsn, flush=True)
signal.pause()
"""


class Away(StrEnum):
    """How a server can be away: in order, by a crash, or there and silent."""

    STOPPED = "stopped"
    KILLED = "killed"
    HANGS = "hangs"


@dataclass(slots=True)
class OwnCluster:
    data: Path
    owner: "subprocess.Popen[bytes]"
    pid: int
    dsn: str

    async def go(self, how: Away) -> None:
        match how:
            case Away.STOPPED:
                await self._end_owner()
            case Away.KILLED:
                # Backends end when they notice; the ones at work are gone at once.
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
            self.owner, self.pid, dsn = await _start(self.data)
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
        self.owner.kill()
        await asyncio.to_thread(self.owner.wait)
        if self.owner.stdout is not None:
            self.owner.stdout.close()
        await until(lambda: not Path(f"/proc/{self.pid}").exists(), 60)


@asynccontextmanager
async def own_cluster(data: Path) -> AsyncIterator[OwnCluster]:
    cluster = OwnCluster(data, *await _start(data))
    try:
        yield cluster
    finally:
        await cluster.close()


async def _start(data: Path) -> "tuple[subprocess.Popen[bytes], int, str]":
    owner = _spawn(data)
    assert owner.stdout is not None
    pid, dsn = (await asyncio.to_thread(owner.stdout.readline)).decode().split()
    return owner, int(pid), dsn


def _spawn(data: Path) -> "subprocess.Popen[bytes]":
    data.mkdir(parents=True, exist_ok=True)
    return subprocess.Popen([sys.executable, "-c", _OWNER, str(data)], stdout=subprocess.PIPE, start_new_session=True)


def _signal(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)
