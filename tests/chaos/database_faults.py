"""What goes wrong with the database, for every gateway at once."""

import asyncio
import contextlib
import os
import random
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from tests.chaos.databases import GONE
from tests.chaos.fault_kinds import Fault
from tests.chaos.gateway_faults import Strike
from tests.chaos.world import Seat, World
from tests.support.cluster import Away


@asynccontextmanager
async def kill_backend(world: World, _seat: Seat, fault: Fault) -> AsyncIterator[None]:
    """The server ends all of its sessions and recovers by itself."""
    with world.hindered():
        if pids := world.backends():
            os.kill(random.Random(fault.amount).choice(pids), signal.SIGKILL)
        await _until_database_answers(world)
    yield


@asynccontextmanager
async def end_sessions(world: World, _seat: Seat, _fault: Fault) -> AsyncIterator[None]:
    await _execute(world, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'gateway'")
    yield


def take_database(how: Away) -> Strike:
    @asynccontextmanager
    async def take(world: World, _seat: Seat, fault: Fault) -> AsyncIterator[None]:
        with world.hindered():
            await world.database.go(how)
            yield
            await world.database.come_back(how)
            await _until_database_answers(world)

    return take


@asynccontextmanager
async def lock_account(world: World, _seat: Seat, fault: Fault) -> AsyncIterator[None]:
    """The first account of the newest scenario."""
    conn = await asyncpg.connect(world.database.dsn)
    try:
        await conn.execute("BEGIN")
        await conn.execute("SELECT 1 FROM account WHERE name LIKE '%-0' ORDER BY id DESC LIMIT 1 FOR UPDATE")
        yield
    finally:
        await conn.close()


@asynccontextmanager
async def take_connections(world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
    """Every connection that the server has left is somebody else's, and a gateway has to connect anew."""
    taken: list[asyncpg.Connection[asyncpg.Record]] = []
    with world.hindered(seat):
        seat.link.reset()
        with contextlib.suppress(*GONE):
            while True:
                taken.append(await asyncpg.connect(world.database.dsn, server_settings={"application_name": "other"}))
        yield
        for conn in taken:
            conn.terminate()


@asynccontextmanager
async def fill_database_disk(world: World, _seat: Seat, fault: Fault) -> AsyncIterator[None]:
    """No file of the database can be written beyond its first bytes."""
    with world.hindered():
        await _limit_database(world, "8192")
        yield
        await _limit_database(world, "unlimited")
        await _until_database_answers(world)


async def _limit_database(world: World, size: str) -> None:
    """By the account that the server runs as, since only that may limit it everywhere."""
    pids = world.database.pids()
    limiting = "\n".join(f"prlimit --pid={pid} --fsize={size}:" for pid in pids)
    await asyncio.to_thread(
        subprocess.run, ("sh", "-c", limiting), user=_owner_of(pids[0]), stderr=subprocess.DEVNULL, check=False
    )


def _owner_of(pid: int) -> int:
    return Path(f"/proc/{pid}").stat().st_uid


async def _execute(world: World, statement: str) -> None:
    with contextlib.suppress(*GONE):
        conn = await asyncpg.connect(world.database.dsn, timeout=5)
        await conn.execute(statement)
        await conn.close()


async def _until_database_answers(world: World) -> None:
    while True:
        try:
            conn = await asyncpg.connect(world.database.dsn, timeout=5)
        except GONE:
            await asyncio.sleep(0.05)
        else:
            conn.terminate()
            await world.database.find()
            return
