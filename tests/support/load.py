"""A provider with many calls at once, which remembers what it was told."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import aiohttp

from gateway.postgres.types import PgConnection
from tests.support.processes import Provider, Told

GONE = (aiohttp.ClientError, ConnectionError, TimeoutError)
# Whoever is refused does not call again at once; without this nothing else has a turn while all are refused.
REFUSED_PAUSE_S = 0.05
_ids = itertools.count(1)


@dataclass(slots=True)
class Call:
    """What was said about one call, and acknowledged: `start` and `end` are the replies."""

    call_id: str
    caller: str
    callee: str
    seconds: int
    start: Told | None = None
    is_connected: bool = False
    end: Told | None = None


@dataclass(slots=True)
class Load:
    """Calls go on until `stop`; those that the gateway's death interrupted are told of again when it is back."""

    provider: Provider
    callers: Sequence[str]
    connection: str = "trunk"
    callee: str = "+442079460000"
    at_once: int = 16
    calls: list[Call] = field(default_factory=list)
    # Replies that acknowledge nothing: the provider would send these webhooks again.
    other: list[Told] = field(default_factory=list)
    stop: asyncio.Event = field(default_factory=asyncio.Event)

    @asynccontextmanager
    async def on(self, url: str) -> AsyncIterator[None]:
        """Calls are placed while the block lasts, and those that are up are ended after it."""
        self.stop.clear()
        tasks = [asyncio.create_task(self._place(url)) for _ in range(self.at_once)]
        try:
            yield
        finally:
            self.stop.set()
            await asyncio.gather(*tasks)

    async def resume(self, url: str) -> None:
        """Tell again what was not acknowledged."""
        interrupted = [call for call in self.calls if call.start is None or (call.is_connected and call.end is None)]
        await asyncio.gather(*(self._tell(url, call) for call in interrupted))

    async def _place(self, url: str) -> None:
        while not self.stop.is_set():
            number = next(_ids)
            caller = self.callers[number % len(self.callers)]
            call = Call(f"load-{number}", caller, self.callee, 1 + number * 37 % 240)
            self.calls.append(call)
            if not await self._tell(url, call):
                return
            if not call.is_connected:
                await asyncio.sleep(REFUSED_PAUSE_S)

    async def _tell(self, url: str, call: Call) -> bool:
        """Start, answer and end a call; False: the gateway is gone."""
        pbx, connection = self.provider, self.connection
        try:
            if call.start is None:
                told = await pbx.start(url, call.call_id, caller=call.caller, callee=call.callee, connection=connection)
                if not self._is_taken(told):
                    return True
                call.start = told
                call.is_connected = told.reply["action"] == "connect"
            if not call.is_connected:
                return True
            if call.seconds % 3 == 0:
                await pbx.answer(url, call.call_id, connection=connection)
            told = await pbx.end(url, call.call_id, seconds=call.seconds, connection=connection)
            if self._is_taken(told):
                call.end = told
        except GONE:
            return False
        return True

    def _is_taken(self, told: Told) -> bool:
        if told.status != 200:
            self.other.append(told)
        return told.status == 200

    @property
    def acknowledged(self) -> tuple[int, int]:
        """How many starts, and how many ends."""
        return sum(call.start is not None for call in self.calls), sum(call.end is not None for call in self.calls)

    async def assert_kept(self, conn: PgConnection) -> None:
        """Everything that was acknowledged is in the database, as it was told."""
        rows = await conn.fetch(
            "SELECT provider_call_id, state, reply, charge::numeric AS charge, reported_s FROM call"
            " WHERE connection = $1",
            self.connection,
        )
        known: dict[str, Any] = {row["provider_call_id"]: row for row in rows}
        for call in self.calls:
            row = known.get(call.call_id)
            if call.start is not None and call.start.reply.get("reason") != "unavailable":
                assert row is not None, f"the start of {call} is lost"
                assert row["reply"] == call.start.body, call
            if call.end is not None:
                assert row is not None, f"the end of {call} is lost"
                assert (row["state"], row["reported_s"]) == ("ended", call.seconds), (call, dict(row))
                if "charged" in call.end.reply:
                    assert row["charge"] == Decimal(call.end.reply["charged"]), call
