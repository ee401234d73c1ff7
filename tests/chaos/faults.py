"""The faults by their kinds: each is done, lasts, and is undone."""

import asyncio
import resource
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Final

from tests.chaos import database_faults, gateway_faults, link_faults
from tests.chaos.fault_kinds import Fault, FaultKind
from tests.chaos.gateway_faults import Strike
from tests.chaos.needs import left_out
from tests.chaos.proxy import AtCommit
from tests.chaos.smtp import Mood
from tests.chaos.switch import Manners
from tests.chaos.world import Seat, World
from tests.support.cluster import Away


def fault_in(world: World, fault: Fault) -> AbstractAsyncContextManager[None]:
    """Have one fault happen while a block lasts, where it can be had."""
    if fault.kind in left_out():
        return nullcontext()
    return STRIKES[fault.kind](world, world.seats[fault.seat], fault)


async def strike(world: World, fault: Fault) -> None:
    """Have one fault happen at its time, for as long as it lasts."""
    await asyncio.sleep(fault.at_s)
    async with fault_in(world, fault):
        await asyncio.sleep(fault.lasts_s)


def answer_commands(manners: Manners) -> Strike:
    @asynccontextmanager
    async def answer(world: World, _seat: Seat, fault: Fault) -> AsyncIterator[None]:
        world.switch.manners = manners
        yield
        world.switch.manners = Manners.GOOD

    return answer


def treat_mails(mood: Mood) -> Strike:
    @asynccontextmanager
    async def treat(world: World, _seat: Seat, fault: Fault) -> AsyncIterator[None]:
        world.mail.mood = mood
        yield
        world.mail.mood = Mood.WELL

    return treat


STRIKES: Final[Mapping[FaultKind, Strike]] = {
    FaultKind.GATEWAY_KILLED: gateway_faults.kill_gateway,
    FaultKind.GATEWAY_STOPPED: gateway_faults.stop_gateway,
    FaultKind.GATEWAY_RESTARTED: gateway_faults.restart_gateway,
    FaultKind.COMMIT_LOST_BEFORE: link_faults.trap_commits(AtCommit.LOST_BEFORE),
    FaultKind.COMMIT_LOST_AFTER: link_faults.trap_commits(AtCommit.LOST_AFTER),
    FaultKind.COMMIT_UNANSWERED: link_faults.trap_commits(AtCommit.UNANSWERED),
    FaultKind.LINK_SLOW: link_faults.slow_link,
    FaultKind.LINK_CUT: link_faults.cut_link,
    FaultKind.LINK_DARK: link_faults.darken_link,
    FaultKind.LINK_RESET: link_faults.reset_link,
    FaultKind.LINK_CLOSED: link_faults.close_link,
    FaultKind.BACKEND_KILLED: database_faults.kill_backend,
    FaultKind.SESSIONS_ENDED: database_faults.end_sessions,
    FaultKind.DATABASE_KILLED: database_faults.take_database(Away.KILLED),
    FaultKind.DATABASE_STOPPED: database_faults.take_database(Away.HANGS),
    FaultKind.DATABASE_MOVED: database_faults.take_database(Away.STOPPED),
    FaultKind.ACCOUNT_LOCKED: database_faults.lock_account,
    FaultKind.CONNECTIONS_TAKEN: database_faults.take_connections,
    FaultKind.DESCRIPTORS_TAKEN: gateway_faults.limit_gateway(resource.RLIMIT_NOFILE, gateway_faults.open_descriptors),
    FaultKind.DISK_FULL: gateway_faults.limit_gateway(resource.RLIMIT_FSIZE, lambda _seat: 0),
    FaultKind.DISK_WITHOUT_ROOM: gateway_faults.fill_disk,
    FaultKind.DATABASE_DISK_FULL: database_faults.fill_database_disk,
    FaultKind.CONTROL_HANGS: answer_commands(Manners.SILENT),
    FaultKind.CONTROL_GARBAGE: answer_commands(Manners.GARBAGE),
    FaultKind.LOG_HANGS: gateway_faults.take_log(is_closed=False),
    FaultKind.LOG_GONE: gateway_faults.take_log(is_closed=True),
    FaultKind.SMTP_LOSES_ANSWERS: treat_mails(Mood.SILENT),
    FaultKind.SMTP_DEFERS: treat_mails(Mood.DEFERS),
    FaultKind.SMTP_AWAY: treat_mails(Mood.AWAY),
    FaultKind.UPGRADED: gateway_faults.upgrade,
    FaultKind.CLOCK_AHEAD: gateway_faults.move_clock("+10m"),
    FaultKind.CLOCK_BEHIND: gateway_faults.move_clock("-10m"),
}
