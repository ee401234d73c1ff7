"""The worker that watches what keeps the database's data, and says so when what was acknowledged may be lost."""

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
        self._careless: tuple[str, ...] = ()

    async def once(self) -> bool:
        metrics = self._context.metrics
        async with self._context.pool.acquire() as conn:
            found = await read_replication(conn)
        metrics.database_standbys.set(found.followers)
        metrics.synchronous_standby_lost.set(found.has_lost_synchronous)
        metrics.replication_may_lose.set(found.may_lose_acknowledged)
        self._tell_of_carelessness(found.careless_settings)
        if found.may_lose_acknowledged and not self._may_lose:
            logger().warning(LogEvent.REPLICATION_MAY_LOSE, standbys=found.followers)
        if found.has_lost_synchronous and not self._is_alone:
            logger().error(LogEvent.STANDBY_LOST, standbys=found.followers, waiting=found.waiting)
        if self._is_alone and not found.has_lost_synchronous:
            logger().info(LogEvent.STANDBY_FOUND, standbys=found.followers)
        self._may_lose, self._is_alone = found.may_lose_acknowledged, found.has_lost_synchronous
        return False

    def _tell_of_carelessness(self, names: tuple[str, ...]) -> None:
        self._context.metrics.crash_may_lose.set(bool(names))
        if names and names != self._careless:
            logger().warning(LogEvent.CRASH_MAY_LOSE, off=names)
        self._careless = names
