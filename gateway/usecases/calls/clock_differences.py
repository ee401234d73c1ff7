"""How far the clocks of providers are from ours, by each start that tells an instant (R18).

A start waits for its reply, so it is heard of at once. Nothing is decided by the difference but by each call's own; an
operator is told of a clock to mend.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from gateway.log import logger
from gateway.log_events import LogEvent

if TYPE_CHECKING:
    # A short command needs but the figure below.
    from prometheus_client import Gauge

    from gateway.metrics import Metrics

APART: Final = timedelta(seconds=5)


class ClockDifferences:
    """The latest difference of each connection; one beyond five seconds is warned of, once until it changes."""

    def __init__(self, metrics: "Metrics") -> None:
        self._metrics = metrics
        self._gauges: dict[str, Gauge] = {}
        self._warned: dict[str, timedelta] = {}

    def note(self, connection: str, at: datetime | None, received_at: datetime) -> None:
        """Compare the instant that a start tells with when it was received."""
        if at is None:
            return
        difference = received_at - at
        gauge = self._gauges.get(connection)
        if gauge is None:
            gauge = self._gauges[connection] = self._metrics.clock_difference.labels(connection)
        gauge.set(difference.total_seconds())
        if abs(difference) > APART or connection in self._warned:
            self._warn(connection, difference)

    def _warn(self, connection: str, difference: timedelta) -> None:
        before = self._warned.get(connection)
        seconds = round(difference.total_seconds(), 1)
        if abs(difference) <= APART:
            del self._warned[connection]
            logger().info(LogEvent.PROVIDER_CLOCK_RIGHT, connection=connection, seconds=seconds)
        elif before is None or abs(difference - before) > APART:
            self._warned[connection] = difference
            logger().warning(LogEvent.PROVIDER_CLOCK_WRONG, connection=connection, seconds=seconds)
