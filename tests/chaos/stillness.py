"""How long the processes of a world had no turn: what is measured here is no more exact than that."""

import asyncio
import os
import time
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Self

LOOKS_EVERY_S: Final = 0.05
WITHIN_S: Final = 1.0
NANOSECONDS: Final = 1e9
LINE_BYTES: Final = 128
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
        with _Scheduler() as scheduler:
            watching = asyncio.create_task(self._watch(scheduler))
            try:
                yield
            finally:
                watching.cancel()

    async def _watch(self, scheduler: "_Scheduler") -> None:
        own = os.getpid()
        while True:
            begun_at = time.monotonic()
            await asyncio.sleep(LOOKS_EVERY_S)
            now = time.monotonic()
            self.note(now, {pid: scheduler.waited_s(pid) for pid in (own, *self.gateways())})
            self.longest_s = max(self.longest_s, now - begun_at - LOOKS_EVERY_S)

    def note(self, now: float, waits: Waits) -> None:
        """Compare with what it was a second ago."""
        self._seen.append((now, waits))
        while now - self._seen[0][0] > WITHIN_S:
            self._seen.popleft()
        before = self._seen[0][1]
        self.longest_s = max([self.longest_s, *(waited - before.get(pid, waited) for pid, waited in waits.items())])


class _Scheduler:
    """The scheduler's own statistics of processes, as files that are kept open: each is looked at many times."""

    def __init__(self) -> None:
        self._files: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            os.close(file)

    def waited_s(self, pid: int) -> float:
        """How long a process had to wait for a processor; 0 where that is not told, or the process is gone."""
        try:
            if pid not in self._files:
                self._files[pid] = os.open(f"/proc/{pid}/schedstat", os.O_RDONLY)
            return int(os.pread(self._files[pid], LINE_BYTES, 0).split()[1]) / NANOSECONDS
        except (OSError, IndexError):
            return 0.0
