"""What goes wrong on the network between a gateway and its database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from tests.chaos.fault_kinds import Fault
from tests.chaos.gateway_faults import Strike
from tests.chaos.proxy import AtCommit, CommitTrap
from tests.chaos.world import Seat, World

SLOW_S: Final = 0.1
CUT_AFTER_MAX: Final = 20_000


def trap_commits(how: AtCommit) -> Strike:
    @asynccontextmanager
    async def trap(_world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
        seat.link.trap = CommitTrap(how, passed=int(fault.amount * 10), left=1 + int(fault.amount * 100) % 4)
        yield
        seat.link.trap = None

    return trap


@asynccontextmanager
async def slow_link(world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
    with world.hindered(seat):
        seat.link.delay_s = fault.amount * SLOW_S
        yield
        seat.link.delay_s = 0.0


@asynccontextmanager
async def cut_link(_world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
    seat.link.cut_after = int(fault.amount * CUT_AFTER_MAX)
    yield
    seat.link.cut_after = None


@asynccontextmanager
async def darken_link(world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
    with world.hindered(seat):
        seat.link.darken()
        yield
        seat.link.heal()


@asynccontextmanager
async def reset_link(_world: World, seat: Seat, _fault: Fault) -> AsyncIterator[None]:
    seat.link.reset()
    yield


@asynccontextmanager
async def close_link(world: World, seat: Seat, fault: Fault) -> AsyncIterator[None]:
    with world.hindered(seat):
        seat.link.is_closed = True
        seat.link.reset()
        yield
        seat.link.is_closed = False
