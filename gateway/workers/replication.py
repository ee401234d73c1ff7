"""The worker that watches what follows the database, and says so when a failover may lose what was acknowledged."""

from typing import Final

from gateway.context import Context
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.replication import read_replication

INTERVAL_S: Final = 10.0


class ReplicationWatch:
    """Asks the database; what changed is logged once."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._may_lose = False
        self._is_alone = False

    async def once(self) -> bool:
        metrics = self._context.metrics
        async with self._context.pool.acquire() as conn:
            found = await read_replication(conn)
        metrics.database_standbys.set(found.followers)
        metrics.synchronous_standby_lost.set(found.has_lost_synchronous)
        metrics.replication_may_lose.set(found.may_lose_acknowledged)
        if found.may_lose_acknowledged and not self._may_lose:
            logger().warning(LogEvent.REPLICATION_MAY_LOSE, standbys=found.followers)
        if found.has_lost_synchronous and not self._is_alone:
            logger().error(LogEvent.STANDBY_LOST, standbys=found.followers, waiting=found.waiting)
        if self._is_alone and not found.has_lost_synchronous:
            logger().info(LogEvent.STANDBY_FOUND, standbys=found.followers)
        self._may_lose, self._is_alone = found.may_lose_acknowledged, found.has_lost_synchronous
        return False
