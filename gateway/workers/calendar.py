"""The worker of the calendar, which does nothing by a clock that is wrong: a number that is disconnected is lost."""

from datetime import timedelta
from typing import Final

from gateway.clock import DatabaseClock
from gateway.context import Context
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.clock import ask_time
from gateway.usecases.lines.run_due import run_due

APART_MAX: Final = timedelta(minutes=1)


class Calendar:
    """Keeps the calendar as long as this machine's clock and the database's agree."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._is_wrong = False

    async def once(self) -> bool:
        """Work one batch; none where the clocks are apart, which is logged once."""
        apart = await self._apart()
        was_wrong, self._is_wrong = self._is_wrong, abs(apart) > APART_MAX
        if self._is_wrong and not was_wrong:
            logger().error(LogEvent.CLOCK_WRONG, database_ahead_s=round(apart.total_seconds()))
        if was_wrong and not self._is_wrong:
            logger().info(LogEvent.CLOCK_RIGHT)
        return False if self._is_wrong else await run_due(self._context)

    async def _apart(self) -> timedelta:
        """How far the database's clock is ahead; one that follows it was asked a moment ago."""
        clock = self._context.clock
        if isinstance(clock, DatabaseClock):
            return -clock.ahead()
        async with self._context.pool.acquire() as conn:
            return await ask_time(conn) - clock.now()
