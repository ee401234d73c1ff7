"""One worker: a unit of work repeated until there is none, then a wait that the stop event ends at once."""

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.domain.errors import DatabaseAway
from gateway.due.backoff import Backoff
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.errors import is_database_away

# After a failure the next turn waits twice as long as the last one did, at least so long, and up to this.
REST_MIN: Final = timedelta(seconds=0.5)
REST_MAX: Final = timedelta(seconds=10)
# Without the database there is nothing to be spared: what is overdue must not wait when it is back (R18, R34).
AWAY_REST_MAX: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worker:
    """`once` works one batch and says whether there may be more; it comes again every `interval_s`.

    Of processes that serve together each has those that work for it alone; of the others the leader's are enough.
    """

    name: str
    once: Callable[[], Awaitable[bool]]
    interval_s: float
    is_own: bool = False


async def run_worker(
    worker: Worker, stop: asyncio.Event, failed: Callable[[str], None], *, is_led: Callable[[], bool] = lambda: False
) -> None:
    """Work until stopped. A failed turn is logged, counted and tried again, later and later."""
    delay_s, failures, was_away = worker.interval_s, 0, False
    while not stop.is_set():
        try:
            while (worker.is_own or not is_led()) and await worker.once() and not stop.is_set():
                pass
        except Exception as error:  # noqa: BLE001 - the outermost loop
            failed(worker.name)
            is_away = isinstance(error, DatabaseAway) or is_database_away(error)
            failures += 1
            delay_s = _rest_s(worker, failures, AWAY_REST_MAX if is_away else REST_MAX)
            if not is_away:
                logger().exception(LogEvent.WORKER_FAILED, worker=worker.name)
            elif not was_away:
                logger().warning(LogEvent.DATABASE_LOST, worker=worker.name, why=str(error) or type(error).__name__)
            was_away = is_away
        else:
            if was_away:
                logger().info(LogEvent.DATABASE_FOUND, worker=worker.name)
            delay_s, failures, was_away = worker.interval_s, 0, False
        with contextlib.suppress(TimeoutError):
            # Jitter keeps the processes from asking in step.
            await asyncio.wait_for(stop.wait(), delay_s * random.uniform(0.8, 1.2))  # noqa: S311


def _rest_s(worker: Worker, failures: int, longest: timedelta) -> float:
    """How long a worker rests after so many failures in a row, never for less than its interval."""
    first = max(REST_MIN, timedelta(seconds=2 * worker.interval_s))
    delay = Backoff(first=first, longest=longest, jitter=0).delay(failures)
    return max(worker.interval_s, delay / timedelta(seconds=1))
