"""What goes wrong with a gateway and its machine."""

import asyncio
import contextlib
import fcntl
import os
import resource
import signal
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Final

from gateway.postgres.migrate import migrate
from tests.chaos.scenario import Fault
from tests.chaos.world import Seat, World

FAKETIME: Final = "*/faketime/libfaketime.so.1"
PIPE_BYTES: Final = 4096
Strike = Callable[[World, Seat, Fault], Awaitable[None]]


async def kill_gateway(world: World, seat: Seat, fault: Fault) -> None:
    async with seat.turn:
        with world.hindered(seat):
            await seat.kill()
            await asyncio.sleep(fault.lasts_s)
            await seat.start()


async def stop_gateway(world: World, seat: Seat, fault: Fault) -> None:
    async with seat.turn:
        with world.hindered(seat):
            seat.signal(signal.SIGSTOP)
            await asyncio.sleep(fault.lasts_s)
            seat.signal(signal.SIGCONT)


async def restart_gateway(world: World, seat: Seat, _fault: Fault) -> None:
    async with seat.turn:
        await _restart(world, seat, {})


def limit_gateway(kind: int, limit: Callable[[Seat], int]) -> Strike:
    async def limit_it(world: World, seat: Seat, fault: Fault) -> None:
        async with seat.turn:
            pid, before = seat.pid, resource.prlimit(seat.pid, kind)
            with world.hindered(seat), contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, kind, (limit(seat), before[1]))
                await asyncio.sleep(fault.lasts_s)
                resource.prlimit(pid, kind, before)

    return limit_it


def find_faketime() -> str | None:
    return next(map(str, Path("/usr/lib").glob(FAKETIME)), None)


def move_clock(by: str) -> Strike:
    async def move(world: World, seat: Seat, fault: Fault) -> None:
        library = find_faketime()
        if library is None:
            return
        # A clock that only tells the time differently: what counts seconds goes on as it did.
        clock = {"LD_PRELOAD": library, "FAKETIME": by, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
        async with seat.turn:
            await _restart(world, seat, clock)
            await asyncio.sleep(fault.lasts_s)
            await _restart(world, seat, {})

    return move


async def _restart(world: World, seat: Seat, environment: Mapping[str, str]) -> None:
    with world.hindered(seat):
        await seat.stop()
        await seat.start(environment)


def take_log(*, is_closed: bool) -> Strike:
    """A gateway writes its log into a pipe that is full at once, or that has no other end any more."""

    async def take(world: World, seat: Seat, fault: Fault) -> None:
        reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        async with seat.turn:
            with world.hindered(seat):
                await seat.stop()
                await seat.start(errors=writing)
            os.close(writing)
            if is_closed:
                os.close(reading)
            await asyncio.sleep(fault.lasts_s)
            await _restart(world, seat, {})
        if not is_closed:
            os.close(reading)

    return take


async def upgrade(world: World, seat: Seat, fault: Fault) -> None:
    """The database first; then one gateway after the other, and for a while both versions run beside each other."""
    await migrate(world.cluster.dsn)
    await asyncio.sleep(fault.lasts_s)
    for each in (seat, *(other for other in world.seats if other is not seat)):
        async with each.turn:
            await _restart(world, each, {})
        await asyncio.sleep(fault.lasts_s)


def open_descriptors(seat: Seat) -> int:
    return len(list(Path(f"/proc/{seat.pid}/fd").iterdir()))
