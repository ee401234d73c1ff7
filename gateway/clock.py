"""The only file that may ask for the time."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

# What people set by NTP is nearer than this.
APART_MAX: Final = timedelta(seconds=1)
# Passes while the machine sleeps, and knows of nobody who sets its clock.
_STEADY: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    def now(self) -> datetime:
        """Aware UTC."""


class SystemClock:
    """This machine's clock, which may be wrong and may be set at any moment."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What the database said when it was asked for the time; the two instants around it are those of `steady_s`."""

    said: datetime
    asked_s: float
    heard_s: float


def steady_s() -> float:
    """Seconds since an instant that means nothing."""
    return time.clock_gettime(_STEADY)


class DatabaseClock:
    """The time of the database: what it said, and what has passed here since. So all processes have one time.

    Until the database is asked it is this machine's; what becomes of the machine's clock later changes nothing.
    """

    def __init__(self, machine: Clock | None = None) -> None:
        self.machine: Final = machine or SystemClock()
        self.is_set = False
        self._base = self.machine.now()
        self._base_s = steady_s()

    def now(self) -> datetime:
        if not self.is_set:
            return self.machine.now()
        return self._at(steady_s())

    def ahead(self) -> timedelta:
        """How far this machine's own clock is ahead."""
        return self.machine.now() - self.now()

    def set_by(self, heard: Heard) -> timedelta:
        """Go by what the database said; how far that moved this clock.

        The answer took time, and nobody knows which way took how much of it: what was right within that is kept.
        """
        earliest, latest = heard.said, heard.said + timedelta(seconds=heard.heard_s - heard.asked_s)
        if not self.is_set:
            self.is_set = True
            self._base, self._base_s = earliest + (latest - earliest) / 2, heard.heard_s
            return timedelta()
        ours = self._at(heard.heard_s)
        right = min(max(ours, earliest), latest)
        self._base, self._base_s = right, heard.heard_s
        return right - ours

    def _at(self, steady: float) -> datetime:
        return self._base + timedelta(seconds=steady - self._base_s)


def machine_of(clock: Clock) -> Clock:
    """This machine's own clock, whatever is gone by."""
    return clock.machine if isinstance(clock, DatabaseClock) else clock
