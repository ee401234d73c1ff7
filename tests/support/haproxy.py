"""HAProxy before a cluster that Patroni keeps: one address, behind which the primary is."""

import asyncio
import shutil
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from tests.support.patroni import PASSWORD, SYSTEM, PatroniCluster, free_ports
from tests.support.processes import until

_CONFIG = """
global
    maxconn 200
defaults
    mode tcp
    timeout connect 1s
    timeout client 1m
    timeout server 1m
    timeout check 1s
listen postgres
    bind 127.0.0.1:{port}
    option httpchk OPTIONS /primary
    http-check expect status 200
    default-server inter 1s fall 2 rise 1 on-marked-down shutdown-sessions
{servers}
"""


def has_haproxy() -> bool:
    return shutil.which("haproxy", path=SYSTEM) is not None


@asynccontextmanager
async def haproxy(cluster: PatroniCluster) -> AsyncIterator[str]:
    """The URL of the cluster's database by way of HAProxy, once it has found the primary."""
    [port] = free_ports(1)
    servers = "\n".join(
        f"    server {member.name} 127.0.0.1:{member.port} check port {member.rest_port}" for member in cluster.members
    )
    config = cluster.directory / "haproxy.cfg"
    config.write_text(_CONFIG.format(port=port, servers=servers))
    process = _spawn(cluster.directory / "haproxy.log", config)
    try:
        url = f"postgresql://postgres:{PASSWORD}@127.0.0.1:{port}/postgres?sslmode=disable"
        await until(lambda: _is_primary(url))
        yield url
    finally:
        process.kill()
        await asyncio.to_thread(process.wait)


def _spawn(log: Path, config: Path) -> "subprocess.Popen[bytes]":
    program = shutil.which("haproxy", path=SYSTEM)
    assert program is not None
    with log.open("wb") as file:
        return subprocess.Popen([program, "-db", "-f", str(config)], stdout=file, stderr=file)


async def _is_primary(url: str) -> bool:
    """HAProxy takes every member for the primary until it has asked it."""
    try:
        conn = await asyncpg.connect(url, timeout=1)
    except (OSError, asyncpg.PostgresError):
        return False
    try:
        return not await conn.fetchval("SELECT pg_is_in_recovery()")
    finally:
        await conn.close()
