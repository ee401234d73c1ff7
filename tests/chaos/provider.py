"""A provider that repeats, reorders, lies about its clock and its seconds, and never gives an end up."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import aiohttp

from gateway.clock import SystemClock
from gateway.domain.events import Direction
from tests.chaos.scenario import SEATS, CallPlan
from tests.chaos.story import Story, ToldEnd
from tests.support.processes import Provider, Told

HEARS_NOTHING_AFTER_S = 2.5
AGAIN_AFTER_S = 0.25
START_TRIES = 3
# For how long it goes on to tell of an end, and how long it waits for a cut that does not come.
PERSISTS_S = 40.0
WAITS_FOR_CUT_S = 12.0
STRANGER = "+447400123456"
GONE = (aiohttp.ClientError, ConnectionError, TimeoutError)


class Caller:
    """Places the calls of a scenario, and remembers each as a story."""

    def __init__(self, provider: Provider, url_of: Callable[[int], str], begun_at: float) -> None:
        self._provider = provider
        self._url_of = url_of
        self._begun_at = begun_at

    async def place(self, story: Story) -> None:
        """Live one call from its start to its end."""
        plan = story.plan
        await asyncio.sleep(max(0.0, self._begun_at + plan.starts_at_s - time.monotonic()))
        if plan.is_end_first:
            await self._tell_end(story, 3, tells_start=plan.tells_start_at_end)
        await self._start(story)
        if story.is_connected:
            await self._talk(story)
        if self._has_end(story) and not plan.is_end_first and not story.is_forgotten:
            await self._tell_end(story, _seconds(story), tells_start=plan.tells_start_at_end and story.is_connected)

    def _has_end(self, story: Story) -> bool:
        """Whatever was connected ends; so does what got no reply once, and some providers tell of what was refused."""
        return story.is_connected or story.is_start_unheard or story.plan.is_ended_if_refused

    async def _start(self, story: Story) -> None:
        plan = story.plan
        body = {"type": "call.start", "call_id": plan.call_id} | _parties(story) | _at("at", plan)
        for seat in plan.seats[:START_TRIES]:
            story.first_told_at = story.first_told_at or time.monotonic()
            if (told := await self._tell(story, seat, body)) is not None:
                story.starts.append(told)
                story.replied_at = time.monotonic()
                break
            story.is_start_unheard = True
        if story.is_connected and story.connected_at is None:
            story.connected_at = story.replied_at
        if story.starts and plan.repeats_start and not story.is_unavailable:
            again = await self._tell(story, plan.seats[-1], body)
            story.starts += [] if again is None else [again]

    async def _talk(self, story: Story) -> None:
        plan = story.plan
        if plan.answers_after_s is not None:
            await asyncio.sleep(plan.answers_after_s)
            story.answered_at = time.monotonic()
            body = {"type": "call.answer", "call_id": plan.call_id} | _at("at", plan)
            for seat in plan.seats:
                if await self._tell(story, seat, body) is not None:
                    story.is_answer_known = True
                    break
                story.answered_at = time.monotonic() if plan.clock_lie_s is None else story.answered_at
        limit = story.must_end_at or time.monotonic()
        left_s = limit + WAITS_FOR_CUT_S - time.monotonic() if plan.talks_s is None else plan.talks_s
        with suppress(TimeoutError):
            await asyncio.wait_for(story.hung_up.wait(), left_s)
        story.ended_at = time.monotonic()

    async def _tell_end(self, story: Story, seconds: int, *, tells_start: bool) -> None:
        """Tell it until it is acknowledged, and then as often again as the plan says."""
        plan = story.plan
        cause = "normal" if seconds else "failed"
        body = {"type": "call.end", "call_id": plan.call_id, "seconds": seconds, "cause": cause}
        body |= (_parties(story) if tells_start else {}) | _at("ended_at", plan)
        give_up_at, tries = time.monotonic() + PERSISTS_S, 0
        left = 1 + plan.repeats_end
        while left and time.monotonic() < give_up_at:
            told = await self._tell(story, plan.seats[tries % len(plan.seats)], body)
            tries += 1
            if told is None:
                story.unheard_ends.append(int(str(body["seconds"])))
                await asyncio.sleep(AGAIN_AFTER_S)
                continue
            story.ends.append(ToldEnd(seconds=int(str(body["seconds"])), told=told))
            left -= 1
            if plan.differs and seconds:
                body["seconds"] = seconds + 1

    async def _tell(self, story: Story, seat: int, body: Mapping[str, Any]) -> Told | None:
        """The reply where it acknowledges; None where the webhook has to be sent again."""
        try:
            told = await self._provider.hook(self._url_of(seat), body, connection=story.plan.connection)
        except GONE:
            return None
        finally:
            story.last_told_at = time.monotonic()
        if told.status == 200:
            return told
        if told.status != 503:
            story.odd.append(told)
        return None


async def send_garbage(provider: Provider, url_of: Callable[[int], str], bodies: Sequence[bytes]) -> list[Told]:
    """What is said to webhooks that are none; each has a good signature, so that it is read."""
    told = []
    for number, body in enumerate(bodies):
        with suppress(*GONE):
            told.append(await provider.hook(url_of(number % SEATS), body))
    return told


def _parties(story: Story) -> dict[str, object]:
    plan = story.plan
    is_own = plan.direction is Direction.OUTBOUND
    parent = {} if plan.parent is None else {"parent_call_id": plan.parent}
    return {
        "direction": plan.direction.value,
        "caller": story.line if is_own else STRANGER,
        "callee": plan.callee,
        "line": story.line,
    } | parent


def _at(name: str, plan: CallPlan) -> dict[str, object]:
    """The provider's own instant, by a clock that may be anywhere; nothing where it tells none."""
    if plan.clock_lie_s is None:
        return {}
    return {name: (SystemClock().now() + timedelta(seconds=plan.clock_lie_s)).isoformat()}


def _seconds(story: Story) -> int:
    """How long it talked, as its provider tells it: what was not answered did not talk, and cannot be lied about."""
    if story.answered_at is None or story.ended_at is None:
        return 0
    return math.ceil(max(0.0, story.ended_at - story.answered_at)) + story.plan.lie_s


async def place_all(caller: Caller, stories: Sequence[Story]) -> None:
    async with asyncio.TaskGroup() as calls:
        for story in stories:
            calls.create_task(caller.place(story))


@asynccontextmanager
async def impatient_provider() -> AsyncIterator[Provider]:
    timeout = aiohttp.ClientTimeout(total=HEARS_NOTHING_AFTER_S)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
        yield Provider(session)
