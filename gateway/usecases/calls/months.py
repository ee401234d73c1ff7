"""Make the months that calls will be kept in ahead, and turn to each when it begins (see `domain.calls.months`)."""

from datetime import date
from typing import Final

from gateway.context import Context
from gateway.domain.calls.months import missing_months
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.calls import months
from gateway.postgres.types import PgConnection

INTERVAL_S: Final = 60


async def keep_months(context: Context) -> bool:
    """Make the months that are missing, and turn to the one that is now; there is never more to do."""
    async with context.pool.acquire() as conn:
        await make_months(conn, context.clock.now().date())
    return False


async def make_months(conn: PgConnection, today: date) -> None:
    for month in missing_months((await months.look(conn)).newest, today):
        if await months.add(conn, month):
            logger().info(LogEvent.MONTH_MADE, month=f"{month:%Y-%m}")
    if await months.turn(conn, today):
        logger().info(LogEvent.MONTH_TURNED, month=f"{today:%Y-%m}")
        await months.sum_up(conn)
