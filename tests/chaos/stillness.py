"""How long the processes of a world had no turn: what is measured here is no more exact than that."""

import asyncio
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LOOKS_EVERY_S: Final = 0.05
WITHIN_S: Final = 1.0
NANOSECONDS: Final = 1e9
# How long processes had to wait for a processor in all, by their ids.
Waits = dict[int, float]


@dataclass(slots=True)
class Stillness:
    """The longest that this process slept too long, or that it or a gateway waited for a processor within a second."""

    gateways: Callable[[], Sequence[int]]
    longest_s: float = 0.0
    _seen: deque[tuple[float, Waits]] = field(default_factory=deque)

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()

    async def _watch(self) -> None:
        while True:
            begun_at = time.monotonic()
            await asyncio.sleep(LOOKS_EVERY_S)
            now = time.monotonic()
            self.note(now, {pid: _waited_s(pid) for pid in (os.getpid(), *self.gateways())})
            self.longest_s = max(self.longest_s, now - begun_at - LOOKS_EVERY_S)

    def note(self, now: float, waits: Waits) -> None:
        """Compare with what it was a second ago."""
        self._seen.append((now, waits))
        while now - self._seen[0][0] > WITHIN_S:
            self._seen.popleft()
        before = self._seen[0][1]
        self.longest_s = max([self.longest_s, *(waited - before.get(pid, waited) for pid, waited in waits.items())])


def _waited_s(pid: int) -> float:
    """By the scheduler's own statistics; 0 where it keeps none, or the process is gone."""
    try:
        return int(Path(f"/proc/{pid}/schedstat").read_text().split()[1]) / NANOSECONDS
    except (OSError, IndexError):
        return 0.0
