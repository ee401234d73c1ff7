"""What every story needs: to place a call and tell of its decision, to end it and tell of its charge."""

import asyncio
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from gateway.demo.calls import SimulatedCall
from gateway.demo.narrator import Narrator, charged, decided
from gateway.demo.provider import DemoFailed, HookReply, SimulatedProvider
from gateway.demo.settings import LIMITS
from gateway.demo.world import World
from gateway.domain.events import Cause
from gateway.postgres.calls.calls import CallRow
from gateway.usecases.calls.shown.show import show_call

# How much later than the limit the gateway may be before the story is given up.
LATE_S: Final = 15
RING_S: Final = 0.5
TALK_S: Final = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """`run` is different each time the demo runs: payments and pasted calls bear it."""

    world: World
    provider: SimulatedProvider
    narrator: Narrator
    run: str = field(default_factory=lambda: uuid4().hex[:8])

    async def begin(self, title: str, who: str, call: SimulatedCall, *, after: str = "") -> HookReply:
        """Place a call and tell what is decided."""
        reply = await self.provider.start(call)
        row = await self.read(call)
        self.narrator.tell(title, f"{who}: {decided(row)}{after}.")
        return reply

    async def talk(self, title: str, call: SimulatedCall, *, seconds: float = TALK_S) -> None:
        """Ring, talk, hang up, and tell what it cost."""
        await asyncio.sleep(RING_S)
        await self.provider.answer(call)
        await asyncio.sleep(seconds)
        await self.end(title, call)

    async def end(self, title: str, call: SimulatedCall, cause: Cause = Cause.NORMAL) -> None:
        await self.provider.end(call, cause)
        self.narrator.tell(title, f"over: {charged(await self.read(call))}.")

    async def until_cut(self, call: SimulatedCall) -> CallRow:
        """Wait until the gateway has had the call ended, and its end is charged."""
        await self._wait(call.over, f"the call to {call.callee} was not cut")
        return await self.read(call)

    async def until_asked(self, call: SimulatedCall) -> CallRow:
        """Wait until the gateway has asked what became of the call, and has closed it."""
        await self._wait(call.asked, f"nobody asked about the call to {call.callee}")
        for _ in range(50):
            row = await self.read(call)
            if row.live is None:
                return row
            await asyncio.sleep(0.1)
        raise DemoFailed(f"the call to {call.callee} was not closed with what the provider said")

    async def read(self, call: SimulatedCall) -> CallRow:
        """The call as it is on record."""
        async with self.world.pool.acquire() as conn:
            return (await show_call(conn, reference=f"{call.connection}:{call.call_id}")).call

    async def _wait(self, event: asyncio.Event, otherwise: str) -> None:
        try:
            await asyncio.wait_for(event.wait(), LIMITS.call_seconds_max + LATE_S)
        except TimeoutError:
            raise DemoFailed(otherwise) from None
