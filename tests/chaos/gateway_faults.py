"""What goes wrong with a gateway and its machine."""

import asyncio
import contextlib
import fcntl
import os
import resource
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Final

from gateway.postgres.migrate import migrate
from tests.chaos.clocks import CLOCK
from tests.chaos.fault_kinds import Fault
from tests.chaos.small_disk import filled
from tests.chaos.world import Seat, World

PIPE_BYTES: Final = 4096
# It is done when it is entered, and undone when it is left.
Strike = Callable[[World, Seat, Fault], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def kill_gateway(world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
    async with seat.turn:
        with world.hindered(seat):
            await seat.kill()
            yield
            await seat.start()


@asynccontextmanager
async def stop_gateway(world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
    async with seat.turn:
        with world.hindered(seat):
            seat.signal(signal.SIGSTOP)
            yield
            seat.signal(signal.SIGCONT)


@asynccontextmanager
async def restart_gateway(world: World, seat: Seat, _fault: Fault) -> AsyncIterator[None]:
    await _restart(world, seat, {})
    yield


def limit_gateway(kind: int, limit: Callable[[Seat], int]) -> Strike:
    @asynccontextmanager
    async def limit_it(world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
        async with seat.turn:
            pid, before = seat.pid, resource.prlimit(seat.pid, kind)
            with world.hindered(seat), contextlib.suppress(ProcessLookupError):
                resource.prlimit(pid, kind, (limit(seat), before[1]))
                yield
                resource.prlimit(pid, kind, before)

    return limit_it


@asynccontextmanager
async def fill_disk(world: World, seat: Seat, _fault: Fault) -> AsyncIterator[None]:
    """With its spool and its log."""
    async with seat.turn:
        with world.hindered(seat), filled(seat.installation.data):
            yield


def move_clock(by: str) -> Strike:
    @asynccontextmanager
    async def move(world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
        await _restart(world, seat, {CLOCK: by})
        yield
        await _restart(world, seat, {})

    return move


async def _restart(world: World, seat: Seat, environment: Mapping[str, str], *, errors: int | None = None) -> None:
    async with seat.turn:
        with world.hindered(seat):
            await seat.stop()
            await seat.start(environment, errors=errors)


def take_log(*, is_closed: bool) -> Strike:
    """A gateway writes its log into a pipe that is full at once, or that has no other end any more."""

    @asynccontextmanager
    async def take(world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
        reading, writing = os.pipe()
        fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        await _restart(world, seat, {}, errors=writing)
        os.close(writing)
        if is_closed:
            os.close(reading)
        yield
        await _restart(world, seat, {})
        if not is_closed:
            os.close(reading)

    return take


@asynccontextmanager
async def upgrade(world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
    """The database first; then one gateway after the other, and for a while both versions run beside each other."""
    await migrate(world.database.dsn)
    yield
    for each in (seat, *(other for other in world.seats if other is not seat)):
        await _restart(world, each, {})
        await asyncio.sleep(fault.lasts_s)


def open_descriptors(seat: Seat) -> int:
    return len(list(Path(f"/proc/{seat.pid}/fd").iterdir()))
