"""How long what failed is left alone: twice as long after each try, and not for ever."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

# A million times the first delay is longer than anybody waits.
DOUBLINGS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """The delays after the first, second, third … try: `first`, doubled each time, `longest` at most.

    >>> mails = Backoff(first=timedelta(minutes=1), longest=timedelta(hours=1))
    >>> [str(mails.least(tries)) for tries in (1, 2, 3, 6, 7, 1000)]
    ['0:01:00', '0:02:00', '0:04:00', '0:32:00', '1:00:00', '1:00:00']

    Up to `jitter` of a delay is added by chance, so that what failed together is not tried together.

    >>> timedelta(minutes=4) <= mails.delay(3) <= timedelta(minutes=5)
    True
    """

    first: timedelta
    longest: timedelta
    jitter: float = 0.25
    # None: it is tried for ever.
    give_up_after: timedelta | None = None

    def least(self, tries: int) -> timedelta:
        """The delay after so many tries, without the jitter."""
        return min(self.first * (1 << min(tries - 1, DOUBLINGS_MAX)), self.longest)

    def delay(self, tries: int) -> timedelta:
        return self.least(tries) * random.uniform(1, 1 + self.jitter)  # noqa: S311 - no secret

    def next_try(self, *, tries: int, since: datetime | None, now: datetime) -> datetime | None:
        """When it is tried again; None where it is given up."""
        return None if self.is_over(since=since, now=now) else now + self.delay(tries)

    def is_over(self, *, since: datetime | None, now: datetime) -> bool:
        """Whether it has been tried for long enough; `since` is None where it was not tried before."""
        return self.give_up_after is not None and since is not None and now - since >= self.give_up_after

    def steps(self) -> list[timedelta]:
        """The delays up to the longest, for a statement that claims rows of different tries; the last one stays.

        >>> [step.seconds for step in Backoff(first=timedelta(seconds=5), longest=timedelta(minutes=5)).steps()]
        [5, 10, 20, 40, 80, 160, 300]
        """
        steps = [self.least(1)]
        while steps[-1] < self.longest:
            steps.append(self.least(len(steps) + 1))
        return steps
