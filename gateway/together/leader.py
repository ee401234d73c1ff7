"""The process that decides for all that serve together."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from gateway.clock import Clock, steady_s
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallStarted
from gateway.spool.record import Record
from gateway.together.frames import Frames
from gateway.together.wire import (
    ANYBODY,
    Result,
    SaidMalformed,
    Time,
    Yourself,
    read_events,
    said_of_end,
    said_of_start,
)
from gateway.usecases.calls.book import Book


class Leader:
    """Takes events of others as if they had come here."""

    def __init__(self, book: Book, connections: Mapping[str, Connection], clock: Clock) -> None:
        self._book = book
        self._connections = connections
        self._clock = clock
        self._followers: set[Frames] = set()
        self._under_way: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncIterator[None]:
        """At the end those who wait are told nothing, and see to their events themselves."""
        server = await asyncio.get_running_loop().create_unix_server(self._welcome, path)
        try:
            yield
        finally:
            server.close()
            for frames in tuple(self._followers):
                frames.close()
            for task in tuple(self._under_way):
                task.cancel()

    def _welcome(self) -> Frames:
        frames = Frames(self._heard, self._followers.discard)
        self._followers.add(frames)
        return frames

    def _heard(self, frames: Frames, said: bytes) -> None:
        events = read_events(said)
        if not events:
            frames.say((ANYBODY, Time(self._clock.now(), steady_s())))
        for number, record in events:
            task = asyncio.create_task(self._work(frames, number, record))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)

    async def _work(self, frames: Frames, number: int, record: Record) -> None:
        frames.say((number, await self._result(record)))

    async def _result(self, record: Record) -> Result:
        connection, event = self._connections.get(record.connection), record.event
        if connection is None or event is None:  # another version of the settings, or of the gateway
            return Yourself()
        try:
            if isinstance(event, CallStarted):
                return said_of_start(await self._book.start(connection, event))
            return said_of_end(await self._book.take(connection, event))
        except MalformedHook as error:
            return SaidMalformed(str(error), error.field)
        except Exception:  # noqa: BLE001 - whatever it is, whoever asked meets it too, and tells it
            return Yourself()
