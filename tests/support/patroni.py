"""A cluster that Patroni keeps: etcd, and members each with a PostgreSQL, that can be killed or hang as machines do."""

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from gateway.embedded.binaries import database_account
from gateway.embedded.postmaster import own_directory
from tests.support.processes import until

PROGRAMS = ("etcd", "patroni")
SYSTEM = "/usr/sbin:/usr/bin"
NAMES = ("one", "two", "three")
# As quick as Patroni allows; what it waits for a leader that says nothing is its time to live.
TIME_TO_LIVE_S = 8
PASSWORD = "for-tests-alone"


def missing() -> list[str]:
    """What this machine lacks for it."""
    lacking = [program for program in PROGRAMS if shutil.which(program, path=SYSTEM) is None]
    return lacking if _programs() is not None else [*lacking, "postgresql"]


def _programs() -> Path | None:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


@dataclass(slots=True)
class Member:
    """One machine: Patroni, and the server that it runs."""

    name: str
    directory: Path
    port: int
    rest_port: int
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def rest(self) -> str:
        return f"http://127.0.0.1:{self.rest_port}"

    def postmaster(self) -> int | None:
        try:
            return int((self.directory / "data/postmaster.pid").read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None

    def processes(self) -> list[int]:
        """The server, then its processes."""
        pid = self.postmaster()
        return [] if pid is None else [pid, *_children(pid)]

    def signal(self, number: signal.Signals, *, with_patroni: bool = True) -> None:
        """To the server and all its processes, and to Patroni before them."""
        pids = [self.process.pid] if with_patroni and self.process is not None else []
        for each in (*pids, *self.processes()):
            with contextlib.suppress(ProcessLookupError):
                os.kill(each, number)


def _children(pid: int) -> list[int]:
    try:
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except FileNotFoundError:
        return []


@dataclass(slots=True)
class PatroniCluster:
    directory: Path
    etcd_port: int
    members: list[Member] = field(default_factory=list)

    @property
    def dsn(self) -> str:
        """All hosts, the one that comes last in the alphabet first: the order must not matter."""
        hosts = ",".join(f"127.0.0.1:{member.port}" for member in reversed(self.members))
        return f"postgresql://postgres:{PASSWORD}@{hosts}/postgres?sslmode=disable"

    async def leader(self) -> Member | None:
        for member in self.members:
            if await _status(member, "/primary") == 200:
                return member
        return None

    async def is_whole(self) -> bool:
        """Whether there is a leader, and the others follow it."""
        statuses = [await _status(member, "/replica") for member in self.members]
        leader = await self.leader()
        if leader is None or statuses.count(200) != len(self.members) - 1:
            return False
        return await _status(leader, "/primary") == 200 and len(await self._synchronous()) > 0

    async def _synchronous(self) -> list[str]:
        return [member.name for member in self.members if await _status(member, "/sync") == 200]

    async def switch_over(self) -> None:
        leader = await self.leader()
        assert leader is not None
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{leader.rest}/switchover", json={"leader": leader.name}) as response,
        ):
            assert response.status < 300, await response.text()


async def _status(member: Member, path: str) -> int | None:
    """None from one that does not answer."""
    timeout = aiohttp.ClientTimeout(total=1)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"{member.rest}{path}") as response:
            return response.status
    except (aiohttp.ClientError, TimeoutError, OSError):
        return None


@asynccontextmanager
async def patroni_cluster(directory: Path, names: Sequence[str] = NAMES) -> AsyncIterator[PatroniCluster]:
    """From an empty directory to a leader that its standbys follow, one of them synchronously."""
    ports = free_ports(2 + 2 * len(names))
    cluster = PatroniCluster(directory, etcd_port=ports[0])
    etcd = _spawn(directory, "etcd", _etcd(directory, ports[0], ports[1]))
    try:
        for name, port, rest_port in zip(names, ports[2::2], ports[3::2], strict=True):
            member = Member(name, directory / name, port, rest_port)
            cluster.members.append(member)
            own_directory(member.directory, database_account(None))
            config = member.directory / "patroni.json"
            config.write_text(json.dumps(_config(cluster, member)))
            config.chmod(0o644)
            member.process = _spawn(directory, name, ["patroni", str(config)])
        await until(cluster.is_whole, 90)
        yield cluster
    finally:
        for member in cluster.members:
            member.signal(signal.SIGCONT)
            member.signal(signal.SIGKILL)
        etcd.kill()
        for process in (etcd, *(member.process for member in cluster.members)):
            if process is not None:
                await asyncio.to_thread(process.wait)


def _etcd(directory: Path, port: int, peers: int) -> list[str]:
    client, peer = f"http://127.0.0.1:{port}", f"http://127.0.0.1:{peers}"
    data = directory / "etcd"
    own_directory(data, database_account(None))
    return [
        *("etcd", "--name", "one", "--data-dir", str(data), "--unsafe-no-fsync"),
        *("--listen-client-urls", client, "--advertise-client-urls", client),
        *("--listen-peer-urls", peer, "--initial-advertise-peer-urls", peer, "--initial-cluster", f"one={peer}"),
    ]


def _config(cluster: PatroniCluster, member: Member) -> dict[str, Any]:
    account = {"username": "postgres", "password": PASSWORD}
    return {
        "scope": "gateway",
        "name": member.name,
        "restapi": {"listen": f"127.0.0.1:{member.rest_port}", "connect_address": f"127.0.0.1:{member.rest_port}"},
        "etcd3": {"host": f"127.0.0.1:{cluster.etcd_port}"},
        "bootstrap": {
            "dcs": {
                "ttl": TIME_TO_LIVE_S,
                "loop_wait": 1,
                "retry_timeout": 3,
                "synchronous_mode": True,
                "master_start_timeout": 0,
                "postgresql": {"use_pg_rewind": True, "parameters": {"wal_log_hints": "on", "max_connections": "100"}},
            },
            "initdb": [{"encoding": "UTF8"}, {"locale": "C"}, "no-sync"],
            "pg_hba": ["host all all 127.0.0.1/32 scram-sha-256", "host replication all 127.0.0.1/32 scram-sha-256"],
        },
        "postgresql": {
            "listen": f"127.0.0.1:{member.port}",
            "connect_address": f"127.0.0.1:{member.port}",
            "data_dir": str(member.directory / "data"),
            "bin_dir": str(_programs()),
            "authentication": {"superuser": account, "replication": account},
            "parameters": {"unix_socket_directories": "", "shared_buffers": "32MB"},
            "pgpass": str(member.directory / "pgpass"),
        },
    }


def _spawn(directory: Path, name: str, command: list[str]) -> "subprocess.Popen[bytes]":
    account = database_account(None)
    program = shutil.which(command[0], path=SYSTEM)
    assert program is not None
    with (directory / f"{name}.log").open("wb") as log:
        return subprocess.Popen(
            [program, *command[1:]],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env={"PATH": f"{SYSTEM}:/bin", "LC_ALL": "C", "HOME": str(directory), "ETCD_UNSUPPORTED_ARCH": ""},
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def free_ports(count: int) -> list[int]:
    with contextlib.ExitStack() as stack:
        return [stack.enter_context(socket.create_server(("127.0.0.1", 0))).getsockname()[1] for _ in range(count)]
