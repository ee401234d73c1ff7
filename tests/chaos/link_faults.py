"""What goes wrong on the network between a gateway and its database."""

import asyncio
from typing import Final

from tests.chaos.gateway_faults import Strike
from tests.chaos.proxy import AtCommit, CommitTrap
from tests.chaos.scenario import Fault
from tests.chaos.world import Seat, World

SLOW_S: Final = 0.1
CUT_AFTER_MAX: Final = 20_000


def trap_commits(how: AtCommit) -> Strike:
    async def trap(_world: World, seat: Seat, fault: Fault) -> None:
        seat.link.trap = CommitTrap(how, passed=int(fault.amount * 10), left=1 + int(fault.amount * 100) % 4)
        await asyncio.sleep(fault.lasts_s)
        seat.link.trap = None

    return trap


async def slow_link(world: World, seat: Seat, fault: Fault) -> None:
    with world.hindered(seat):
        seat.link.delay_s = fault.amount * SLOW_S
        await asyncio.sleep(fault.lasts_s)
        seat.link.delay_s = 0.0


async def cut_link(_world: World, seat: Seat, fault: Fault) -> None:
    seat.link.cut_after = int(fault.amount * CUT_AFTER_MAX)
    await asyncio.sleep(fault.lasts_s)
    seat.link.cut_after = None


async def darken_link(world: World, seat: Seat, fault: Fault) -> None:
    with world.hindered(seat):
        seat.link.darken()
        await asyncio.sleep(fault.lasts_s)
        seat.link.heal()


async def reset_link(_world: World, seat: Seat, _fault: Fault) -> None:
    seat.link.reset()


async def close_link(world: World, seat: Seat, fault: Fault) -> None:
    with world.hindered(seat):
        seat.link.is_closed = True
        seat.link.reset()
        await asyncio.sleep(fault.lasts_s)
        seat.link.is_closed = False
