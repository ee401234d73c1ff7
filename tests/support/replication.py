"""A primary and its standby of a test's own, reached by their sockets, either of which can hang."""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import asyncpg

from gateway.embedded import postmaster
from gateway.embedded.binaries import Binaries, database_account, find_binaries, run_program
from gateway.embedded.postmaster import DATABASE, PORT, Cluster, PidFile
from tests.support.postgres import QUICK
from tests.support.processes import until

STANDBY_NAME = "second"
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(slots=True)
class Server:
    """One of the two."""

    cluster: Cluster
    process: postmaster.Process | None = None

    @property
    def dsn(self) -> str:
        return dsn_of(self)

    async def start(self) -> None:
        self.process = postmaster.spawn(self.cluster)
        await until(self._is_ready, 30)

    def _is_ready(self) -> bool:
        state = PidFile.read(self.cluster.directory)
        return (
            state is not None
            and self.process is not None
            and state.pid == self.process.pid
            and state.status
            in {
                "ready",
                "standby",
            }
        )

    def signal(self, number: signal.Signals) -> None:
        """To the postmaster and all that it has started."""
        assert self.process is not None
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in (pid, *map(int, children)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, number)

    def hang(self) -> None:
        self.signal(signal.SIGSTOP)

    async def execute(self, statement: str) -> Any:
        conn = await asyncpg.connect(self.dsn)
        try:
            return await conn.fetchval(statement)
        finally:
            await conn.close()

    async def wait_for(self, standby: "Server") -> None:
        """Until the standby has all that this server has now."""
        at = await self.execute("SELECT pg_current_wal_lsn()::text")
        await until(lambda: standby.execute(f"SELECT pg_last_wal_replay_lsn() >= '{at}'::pg_lsn"))

    async def stop(self) -> None:
        """Whatever state it is in."""
        if self.process is None or self.process.poll() is not None:
            return
        self.signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGQUIT)
        await asyncio.to_thread(self.process.wait)


def dsn_of(*servers: Server, query: str = "") -> str:
    """One URL for all of them."""
    hosts = ",".join(str(server.cluster.sockets) for server in servers)
    return f"postgresql://postgres@/{DATABASE}?host={quote(hosts, safe='')}&port={PORT}{query}"


@asynccontextmanager
async def primary_and_standby(
    directory: Path, *, settings: Mapping[str, str] = NOTHING
) -> AsyncIterator[tuple[Server, Server]]:
    """Both run, and the second has all that the first has; `settings` are those of the first."""
    account = database_account(None)
    binaries = find_binaries(None, account, copies=directory / "programs")
    first = Server(_cluster(directory / "first", binaries, settings))
    postmaster.make_cluster(binaries, account, first.cluster.directory)
    await first.start()
    second = Server(_cluster(directory / "second", binaries, NOTHING))
    try:
        await asyncio.to_thread(_copy, first, second)
        await second.start()
        yield first, second
    finally:
        await second.stop()
        await first.stop()


def _cluster(directory: Path, binaries: Binaries, settings: Mapping[str, str]) -> Cluster:
    account = database_account(None)
    sockets = directory / "run"
    directory.mkdir(mode=0o711)
    directory.chmod(0o711)
    if account is not None:
        shutil.chown(directory, account.uid, account.gid)
    postmaster.own_directory(sockets, account)
    log = directory / "postgres.log"
    log.touch()
    return Cluster(
        binaries=binaries,
        account=account,
        directory=directory / "data",
        sockets=sockets,
        log=log,
        settings={**QUICK, "wal_level": "replica", "hot_standby": "on", **settings},
    )


def _copy(first: Server, second: Server) -> None:
    program = first.cluster.binaries.directory / "pg_basebackup"
    source = f"host={first.cluster.sockets} port={PORT} user=postgres application_name={STANDBY_NAME}"
    command = [str(program), "-d", source, "-D", str(second.cluster.directory), "-R", "-c", "fast", "-X", "stream"]
    done = run_program(command, first.cluster.account)
    assert done.returncode == 0, done.stderr
