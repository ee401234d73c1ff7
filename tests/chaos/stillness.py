"""How long the processes of a world had no turn: nobody is blamed for the time of a machine that gives them none.

Whatever is measured in seconds is measured without that time, so that a rule means the same on a machine that has
too much to do.
"""

import asyncio
import os
import time
from bisect import bisect_left, bisect_right
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Self

LOOKS_EVERY_S: Final = 0.05
NANOSECONDS: Final = 1e9
LINE_BYTES: Final = 128


def _nobody() -> Sequence[int]:
    return ()


@dataclass(slots=True)
class Stillness:
    """The time in which this process slept too long, or it or another of its world waited for a processor."""

    processes: Callable[[], Sequence[int]] = _nobody
    # When was looked, and how long all stood still until then.
    _looks: list[float] = field(default_factory=list)
    _still_s: list[float] = field(default_factory=list)
    # How long processes had to wait for a processor in all, by their ids.
    _waits: Mapping[int, float] = field(default_factory=dict)

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
            self.note(time.monotonic(), {pid: scheduler.waited_s(pid) for pid in (own, *self.processes())})
            await asyncio.sleep(LOOKS_EVERY_S)

    def note(self, now: float, waits: Mapping[int, float]) -> None:
        """Compare with the last look. As one process waits for another, what each waited is added up."""
        if self._looks:
            passed_s = now - self._looks[-1]
            waited_s = sum(waited - self._waits.get(pid, waited) for pid, waited in waits.items())
            still_s = min(passed_s, max(waited_s, passed_s - LOOKS_EVERY_S))
            self._still_s.append(self._still_s[-1] + still_s)
        else:
            self._still_s.append(0.0)
        self._looks.append(now)
        self._waits = waits

    def now(self) -> float:
        """The world's own clock, which does not go on while its processes have no turn."""
        return time.monotonic() - (self._still_s[-1] if self._still_s else 0.0)

    def within(self, since: float, until: float) -> float:
        """For how many seconds of a time all stood still, as far as it was looked."""
        if not self._looks or until <= since:
            return 0.0
        last = len(self._looks) - 1
        begin = max(0, bisect_right(self._looks, since) - 1)
        end = min(last, bisect_left(self._looks, until))
        return min(until - since, max(0.0, self._still_s[end] - self._still_s[begin]))


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
