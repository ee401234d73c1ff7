"""The show: the first round of all stories, what to try next, and then a call now and again."""

import asyncio
import os
import sys
import webbrowser
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Final

import aiohttp

from gateway.demo import stories, world
from gateway.demo.calls import SimulatedCall
from gateway.demo.closing import closing_words
from gateway.demo.mail_sink import MISSING, MailSink, mail_teller
from gateway.demo.narrator import Narrator, charged
from gateway.demo.people import operators_link
from gateway.demo.provider import SimulatedProvider
from gateway.demo.rents import overdue_rent
from gateway.demo.settings import LIMITS
from gateway.demo.stage import RING_S, TALK_S, Stage
from gateway.demo.stories import inbound, outbound
from gateway.demo.world import World, end_lost_calls
from gateway.domain.calls.call import Limits
from gateway.domain.errors import GatewayError
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.settings import Settings
from gateway.usecases.accounts.check_ledger import check_ledger

PAUSE_S: Final = 0.5
TRICKLE_S: Final = 10.0
# Below this, Anna pays again, so that the demo may run for days.
ANNAS_MONEY_MIN: Final = 5


@asynccontextmanager
async def run_demo(
    settings: Settings, here: World, provider: SimulatedProvider, mails: MailSink | None, *, url: str
) -> AsyncIterator[None]:
    """Place calls in the background; at the end hang all of them up."""
    provider.gateway_url = url = _reachable(url)
    await end_lost_calls(here, provider)
    stage = Stage(world=here, provider=provider, narrator=Narrator(here.clock))
    provider.on_guest = _guest_teller(stage)
    if mails is not None:
        mails.on_mail = mail_teller(stage.narrator)
        if mails.port is None:
            stage.narrator.say(MISSING)
    if settings.has_api:
        await _open_door(stage, settings, url)
    playing = asyncio.create_task(_play(stage, settings, url))
    try:
        yield
    finally:
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
        await provider.end_all()


def _reachable(url: str) -> str:
    """An address that one can go to: what listens everywhere is reached here."""
    return url.replace("//0.0.0.0:", "//127.0.0.1:").replace("//[::]:", "//[::1]:")


async def _open_door(stage: Stage, settings: Settings, url: str) -> None:
    """Say how the pages are entered, and show them where there is a screen."""
    async with stage.world.pool.acquire() as conn:
        link = await operators_link(conn, url=url, clock=stage.world.clock)
    stage.narrator.say()
    stage.narrator.say(f"The pages, as their operator (good once, for 15 minutes): {link}")
    if settings.opens_browser and has_screen():
        await asyncio.to_thread(webbrowser.open, link)


def has_screen() -> bool:
    """Whether somebody looks at this machine's screen."""
    return sys.platform in ("darwin", "win32") or any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY"))


async def _play(stage: Stage, settings: Settings, url: str) -> None:
    example = ""
    try:
        await _open(stage)
        example = await _first_round(stage)
        await _count(stage)
    except* Exception as group:  # noqa: BLE001 - the gateway goes on serving, whatever becomes of the show
        _failed(stage, group.exceptions[0])
    for line in closing_words(settings, stage, url=url, example=example):
        stage.narrator.say(line)
    await _trickle(stage)


async def _open(stage: Stage) -> None:
    anna, boris = await stage.world.show(stage.world.anna), await stage.world.show(stage.world.boris)
    ours, usual = LIMITS, Limits()
    say = stage.narrator.say
    say()
    say(
        "The demo: a simulated provider places calls through this gateway, over HTTP, with signatures. In its world are"
    )
    say(
        f"  account {anna.id}, {anna.name}: {anna.balance} {anna.currency}; numbers in New York, London and Berlin,"
        " a toll-free one, and a suspended one in France;"
    )
    say(f"  account {boris.id}, {boris.name}: {boris.balance} {boris.currency}; numbers in Chicago.")
    say(
        f"So that you need not wait, a call may last {ours.call_seconds_max} s here instead of an hour; a hold covers"
        f" {ours.hold_slice_s} s at a time instead of {usual.hold_slice_s}; ringing may take {ours.ring_s} s instead of"
        f" {usual.ring_s}."
    )
    say()


async def _first_round(stage: Stage) -> str:
    """Every story; those that take long run beside the others."""
    await stories.allowed_and_repeated(stage)
    await stories.topped_up(stage)
    async with asyncio.TaskGroup() as group:
        group.create_task(stories.cut_at_the_limit(stage))
        await asyncio.sleep(PAUSE_S)
        for story in (stories.refused_for_money, stories.emergency):
            await story(stage)
            await asyncio.sleep(PAUSE_S)
        group.create_task(stories.credit_runs_out(stage))
        await asyncio.sleep(PAUSE_S)
        group.create_task(stories.lost_end(stage))
        await overdue_rent(stage)
        for story in (stories.engaged, stories.busy, stories.rerouted, stories.forwarded, stories.toll_free):
            await asyncio.sleep(PAUSE_S)
            await story(stage)
        return await stories.by_bearer(stage)


async def _count(stage: Stage) -> None:
    """Prove the books of the whole database."""
    async with stage.world.pool.acquire() as conn:
        checked = await check_ledger(conn)
    if checked.ok:
        stage.narrator.tell("Checked", f"the books of all {checked.accounts} accounts agree to the last digit.")
    for difference in checked.differences:
        stage.narrator.tell("Checked", f"a difference: {difference.text}.")


def _failed(stage: Stage, error: Exception) -> None:
    logger().error(LogEvent.WORKER_FAILED, worker="demo", exc_info=error)
    stage.narrator.tell("Failed", f"the demo did not go as it should: {str(error) or type(error).__name__}.")


async def _trickle(stage: Stage) -> None:
    """A call now and again, in silence, so that what was said stays on the screen."""
    for make in _endless():
        await asyncio.sleep(TRICKLE_S)
        try:
            await _small_call(stage, make())
        except (GatewayError, aiohttp.ClientError, TimeoutError, OSError) as error:
            logger().warning(LogEvent.WORKER_FAILED, worker="demo", why=str(error) or type(error).__name__)


def _endless() -> Iterator[Callable[[], SimulatedCall]]:
    return cycle(
        (
            lambda: outbound(world.NEW_YORK, stories.IN_LONDON),
            lambda: inbound(stories.IN_CALIFORNIA, world.TOLL_FREE),
            lambda: outbound(world.BERLIN, stories.IN_MADRID),
            lambda: outbound(world.CHICAGO, stories.IN_TOKYO),
            lambda: inbound(stories.IN_PARIS, world.LONDON),
            lambda: outbound(world.FRANCE_SUSPENDED, stories.IN_SYDNEY),
            lambda: inbound(stories.IN_PARIS, world.FRANCE_SUSPENDED),
        )
    )


async def _small_call(stage: Stage, call: SimulatedCall) -> None:
    anna = await stage.world.show(stage.world.anna)
    if anna.available < ANNAS_MONEY_MIN:
        await stage.world.pay(stage.world.anna, stories.TOP_UP, payment=f"demo-{call.call_id}")
    reply = await stage.provider.start(call)
    if reply.body["action"] == "connect":
        await asyncio.sleep(RING_S)
        await stage.provider.answer(call)
        await asyncio.sleep(TALK_S)
        await stage.provider.end(call)


def _guest_teller(stage: Stage) -> Callable[[SimulatedCall], None]:
    """Tells of calls made with curl: picked up when the gateway asks about them, and talking until they are cut."""
    telling: set[asyncio.Task[None]] = set()

    async def cut(call: SimulatedCall) -> None:
        row = await stage.read(call)
        stage.narrator.tell("Your call", f"{call.call_id} has been cut at its limit: {charged(row)}.")

    def tell(call: SimulatedCall) -> None:
        if call.ended_at is None:
            stage.narrator.tell("Your call", f"{call.call_id} has been picked up.")
            return
        task = asyncio.create_task(cut(call))
        telling.add(task)
        task.add_done_callback(telling.discard)

    return tell
