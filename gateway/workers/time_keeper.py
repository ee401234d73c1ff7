"""The worker that keeps this process by the database's clock, and tells where this machine's differs."""

from gateway.clock import APART_MAX, DatabaseClock
from gateway.context import Context
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.clock import follow


class TimeKeeper:
    """Deadlines are written by one process and read by another, so all of them go by one clock."""

    def __init__(self, context: Context, clock: DatabaseClock) -> None:
        self._context = context
        self._clock = clock
        self._is_apart = False

    async def once(self) -> bool:
        """Ask the database for its time; there is never more to do."""
        async with self._context.pool.acquire() as conn:
            moved = await follow(self._clock, conn)
        if abs(moved) > APART_MAX:
            logger().error(LogEvent.CLOCK_MOVED, seconds=round(moved.total_seconds(), 3))
        ahead = self._clock.ahead()
        ahead_s = round(ahead.total_seconds(), 3)
        self._context.metrics.machine_clock_ahead.set(ahead_s)
        was_apart, self._is_apart = self._is_apart, abs(ahead) > APART_MAX
        if self._is_apart and not was_apart:
            logger().error(LogEvent.CLOCK_APART, machine_ahead_s=ahead_s)
        if was_apart and not self._is_apart:
            logger().info(LogEvent.CLOCK_RIGHT)
        return False
