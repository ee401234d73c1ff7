"""One scenario in a world: it is prepared, told, struck by its faults, brought to an end, and checked."""

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace

from tests.chaos.books import read_books
from tests.chaos.checker import breaches
from tests.chaos.evidence import Evidence
from tests.chaos.fault_kinds import STANDING
from tests.chaos.faults import fault_in, strike
from tests.chaos.payments import Payments
from tests.chaos.prepare import age, prepare
from tests.chaos.provider import GONE, Caller, place_all, send_garbage
from tests.chaos.scenario import Scenario
from tests.chaos.stillness import Stillness
from tests.chaos.story import Story
from tests.chaos.world import Seat, World

# From the end of the last fault, by the world's own clock: what waited on a disk is in the database, and every gateway
# is ready.
READY_WITHIN_S = 20.0
# What may take a moment after that: a worker has to have its turn.
SETTLED_WITHIN_S = 6.0
CALLS_WITHIN_S = 80.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of a scenario; no breaches is what is hoped for."""

    scenario: Scenario
    seconds: float
    calls: int
    breaches: Sequence[tuple[str, str]]


async def run(world: World, scenario: Scenario) -> Outcome:
    """Have a scenario happen, and say what it broke."""
    begun_at, still, payments = time.monotonic(), Stillness(world.processes), Payments()
    world.hindrances.clear()
    account_ids = await prepare(world, scenario)
    stories = [Story(plan, scenario.accounts[plan.account].line) for plan in scenario.calls]
    world.switch.stories = {story.plan.call_id: story for story in stories}
    async with still.watched():
        async with _standing(world, scenario), asyncio.timeout(CALLS_WITHIN_S), asyncio.TaskGroup() as all_of_it:
            caller = Caller(world.provider, world.url_of, time.monotonic())
            garbage = all_of_it.create_task(send_garbage(world.provider, world.url_of, scenario.garbage))
            all_of_it.create_task(place_all(caller, stories))
            all_of_it.create_task(payments.pay_all(world.payer, scenario, account_ids))
            all_of_it.create_task(_strike_all(world, scenario))
        evidence = Evidence(
            scenario=scenario,
            stories=stories,
            books=await read_books(world.reader, scenario.name),
            paid=payments.paid,
            to_garbage=garbage.result(),
            unattended=world.unattended(),
            stillness=still,
        )
        unready = [("all_ready", breach) for seat in world.seats async for breach in _unready(world, seat, still)]
        await age(world, [story.plan.call_id for story in stories if story.is_forgotten])
        found = unready + await _check(world, evidence)
    return Outcome(scenario=scenario, seconds=time.monotonic() - begun_at, calls=len(stories), breaches=found)


async def _strike_all(world: World, scenario: Scenario) -> None:
    async with asyncio.TaskGroup() as faults:
        for fault in scenario.faults:
            if fault.kind not in STANDING:
                faults.create_task(strike(world, fault))
    await world.heal()


@asynccontextmanager
async def _standing(world: World, scenario: Scenario) -> AsyncIterator[None]:
    """What is wrong before the first call, and until the last one is over."""
    async with AsyncExitStack() as stack:
        for fault in {fault.seat: fault for fault in scenario.faults if fault.kind in STANDING}.values():
            await stack.enter_async_context(fault_in(world, fault))
        yield


async def _unready(world: World, seat: Seat, still: Stillness) -> AsyncIterator[str]:
    """What a gateway says of itself that is not ready in time, with an empty spool."""
    give_up_at, said = still.now() + READY_WITHIN_S, "nothing"
    while still.now() < give_up_at:
        try:
            told = await world.provider.get(seat.url, "/readyz")
        except GONE as error:
            said = repr(error)
        else:
            if told.status == 200 and not told.reply["spool_records"]:
                return
            said = told.body.decode()
        await asyncio.sleep(0.1)
    yield f"a gateway is not ready: {said}; its log: {seat.installation.data}"


async def _check(world: World, evidence: Evidence) -> list[tuple[str, str]]:
    """The breaches that stay when everything has had its moment."""
    still = evidence.stillness
    give_up_at = still.now() + SETTLED_WITHIN_S
    while True:
        evidence = replace(
            evidence,
            books=await read_books(world.reader, evidence.scenario.name),
            mails_taken=dict(world.mail.taken),
            mails_unanswered=dict(world.mail.unanswered),
            looked_at=time.monotonic(),
        )
        found = breaches(evidence)
        if not found or still.now() > give_up_at:
            return found
        await asyncio.sleep(0.25)
