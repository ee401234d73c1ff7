"""A process that has another one decide."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.spool.record import Record
from gateway.together.frames import Frames
from gateway.together.wire import ANYBODY, Result, Time, Yourself, read_results

# A leader that waits for the database answers all the same that it is there. One that does not is done without.
SILENT_MAX_S: Final = 0.4
# How often an idle one is asked.
ASK_S: Final = 0.5
# Whoever was late itself cannot say who was silent.
_LATE_S: Final = 0.1


class Follower:
    """The connection to the leader, from the first word of it until it is lost or says nothing."""

    def __init__(self, told_time: Callable[[Time], None]) -> None:
        self._told_time = told_time
        self._frames: Frames | None = None
        self._waiting: dict[int, asyncio.Future[Result]] = {}
        self._last = ANYBODY
        self._is_asked = False
        self._check: asyncio.TimerHandle | None = None
        self.is_led = False
        # It was silent when it was asked last, which is said once.
        self._is_missed = False

    async def follow(self, path: Path) -> None:
        """Be led until there is nobody who leads; at once, where nobody listens."""
        lost = asyncio.Event()
        try:
            _, frames = await asyncio.get_running_loop().create_unix_connection(
                lambda: Frames(self._heard, lambda _: lost.set()), str(path)
            )
        except OSError:
            return
        self._frames = frames
        try:
            self._ask(frames)
            await lost.wait()
        finally:
            frames.close()
            self._be_alone()

    async def ask(self, record: Record) -> Result:
        """What became of an event."""
        if self._frames is None or not self.is_led:
            return Yourself()
        self._last += 1
        try:
            self._frames.say((self._last, record))
        except UnicodeEncodeError:  # whoever reads such a text as an event decides about it too
            return Yourself()
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting[self._last] = result
        if self._check is not None and self._check.when() - asyncio.get_running_loop().time() > SILENT_MAX_S:
            self._look_again(self._frames, SILENT_MAX_S)
        return await result

    def _heard(self, _frames: Frames, said: bytes) -> None:
        self._is_asked = False
        for number, result in read_results(said):
            if isinstance(result, Time):
                self._told_time(result)
                self.is_led, self._is_missed = True, False
            elif (waiting := self._waiting.pop(number, None)) is not None and not waiting.done():
                waiting.set_result(result)

    def _ask(self, frames: Frames) -> None:
        frames.ask_whether_anybody_is_there()
        self._is_asked = True
        self._look_again(frames, SILENT_MAX_S if self._waiting else ASK_S)

    def _look_again(self, frames: Frames, after_s: float) -> None:
        if self._check is not None:
            self._check.cancel()
        loop = asyncio.get_running_loop()
        self._check = loop.call_at(due := loop.time() + after_s, self._look, frames, due)

    def _look(self, frames: Frames, due: float) -> None:
        """Go without a leader that said nothing since it was asked."""
        is_late = asyncio.get_running_loop().time() - due > _LATE_S
        if self._is_asked and not is_late:
            if not self._is_missed:
                logger().warning(LogEvent.LEADER_SILENT)
            self._is_missed = True
            frames.close()
            self._be_alone()
        else:
            self._ask(frames)

    def _be_alone(self) -> None:
        """Whoever waits sees to it alone: what the leader has done of it already is found on record."""
        self.is_led, self._frames = False, None
        if self._check is not None:
            self._check.cancel()
            self._check = None
        waiting, self._waiting = self._waiting, {}
        for result in waiting.values():
            if not result.done():
                result.set_result(Yourself())
