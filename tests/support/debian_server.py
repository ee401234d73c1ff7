"""A PostgreSQL of Debian's that listens on a port and asks for a password, as an operator's own does."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from gateway.embedded import postmaster
from gateway.embedded.binaries import Binaries, database_account, find_binaries
from gateway.embedded.postmaster import DATABASE, Cluster
from tests.support.patroni import free_ports

PASSWORD = "for-tests-alone"


def debian_programs() -> Path | None:
    """The newest, if there is one."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    return found[-1].parent if found else None


@asynccontextmanager
async def debian_server(directory: Path, settings: Mapping[str, str]) -> AsyncIterator[str]:
    """The URL of its database."""
    account = database_account(None)
    binaries = find_binaries(debian_programs(), account, copies=directory)
    [port] = free_ports(1)
    cluster = _cluster(directory, binaries, {**settings, "listen_addresses": "127.0.0.1", "port": str(port)})
    postmaster.make_cluster(binaries, account, cluster.directory)
    process = postmaster.spawn(cluster)
    try:
        await asyncio.to_thread(postmaster.start, cluster, lambda: process)
        await _set_password(cluster.sockets, port)
        yield f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/{DATABASE}?sslmode=disable"
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait)


def _cluster(directory: Path, binaries: Binaries, settings: Mapping[str, str]) -> Cluster:
    account = database_account(None)
    for each in (directory, directory / "run"):
        postmaster.own_directory(each, account)
    log = directory / "log"
    log.touch()
    return Cluster(
        binaries=binaries,
        account=account,
        directory=directory / "data",
        sockets=directory / "run",
        log=log,
        settings=settings,
    )


async def _set_password(sockets: Path, port: int) -> None:
    conn = await asyncpg.connect(f"postgresql://postgres@/postgres?host={sockets}&port={port}")
    try:
        await conn.execute(f"ALTER ROLE postgres PASSWORD '{PASSWORD}'")
    finally:
        await conn.close()
