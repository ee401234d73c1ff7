"""A process among those that serve together: it leads, or is led, or does without."""

import asyncio
import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from gateway.clock import Clock, DatabaseClock, Heard
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallStarted
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.spool.record import Record, record_of
from gateway.together.follower import Follower
from gateway.together.leader import Leader
from gateway.together.wire import SaidMalformed, Time, end_result, start_result
from gateway.usecases.calls.book import Book, CallEvent
from gateway.usecases.calls.ends.end_request import EndResult
from gateway.usecases.calls.starts.start_request import StartResult

# How soon the place of a leader that is gone is taken, or one that said nothing is asked again.
_AGAIN_S: Final = 0.1
_LOCK: Final = "leader.lock"
_SOCKET: Final = "leader"


class Member:
    """The book of all processes that serve together, which is the leader's as long as that answers, else one's own."""

    def __init__(self, directory: Path, own: Book, connections: Mapping[str, Connection], clock: Clock) -> None:
        self._directory = directory
        self._own = own
        self._clock = clock
        self._leader = Leader(own, connections, clock)
        self._follower = Follower(self._told_time)

    @property
    def is_led(self) -> bool:
        """Whether another process works what one of them works for all."""
        return self._follower.is_led

    async def run(self) -> None:
        """Lead once nobody else does, and be led until then."""
        descriptor = os.open(self._directory / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            while not _lock(descriptor):
                await self._follower.follow(self._directory / _SOCKET)
                await asyncio.sleep(_AGAIN_S)
            await self._lead()
        finally:
            os.close(descriptor)

    async def _lead(self) -> None:
        try:
            async with self._leader.listening(self._directory / _SOCKET):
                logger().info(LogEvent.PROCESS_LEADS)
                await asyncio.get_running_loop().create_future()
        except OSError as error:  # as for a path that is too long: each works for itself
            logger().warning(LogEvent.LEADER_UNHEARD, why=str(error))

    async def start(self, connection: Connection, call: CallStarted) -> StartResult:
        """As the book of calls does it."""
        record = Record(connection=connection.name, received_at=self._clock.now(), started=call)
        result = start_result(await self._follower.ask(record)) if self.is_led else None
        return result or await self._own.start(connection, call)

    async def take(self, connection: Connection, event: CallEvent) -> EndResult:
        """As the book of calls does it."""
        if not self.is_led:
            return await self._own.take(connection, event)
        said = await self._follower.ask(record_of(connection.name, event, self._clock.now()))
        if isinstance(said, SaidMalformed):
            raise MalformedHook(said.message, said.field)
        return end_result(said) or await self._own.take(connection, event)

    def _told_time(self, time: Time) -> None:
        """Go by the leader's clock, which asks the database for all."""
        if isinstance(self._clock, DatabaseClock):
            self._clock.set_by(Heard(said=time.now, asked_s=time.steady_s, heard_s=time.steady_s))


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
