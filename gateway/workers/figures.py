"""The worker that keeps up the gauges, and what is known of lines while the database is away (R34)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from gateway.clock import machine_of
from gateway.context import Context
from gateway.domain.calls.call import Flag
from gateway.log import LOST
from gateway.postgres.calls import found_calls, last_known, live_calls
from gateway.postgres.mail import outbox
from gateway.postgres.types import PgConnection
from gateway.spool.set_aside import count_set_aside
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.starts.emergency import countries_of
from gateway.usecases.doctor.lost_lines import mark_lost_lines

INTERVAL_S: Final = 5
OVERDUE: Final = timedelta(minutes=1)
FLAGGED_SINCE: Final = timedelta(days=1)
# One that another process decides for needs what it knows when that one dies and the database is away, both at once.
_LED_INTERVAL: Final = timedelta(minutes=1)


class FigureKeeper:
    """`is_led`: another process decides, and brings up to date what the database tells of all."""

    def __init__(self, context: Context, book: CallBook, is_led: Callable[[], bool]) -> None:
        self._context = context
        self._book = book
        self._is_led = is_led
        self._read_at: datetime | None = None

    async def once(self) -> bool:
        """Bring all up to date; there is never more to do."""
        self._count_own()
        now, is_led = self._context.clock.now(), self._is_led()
        if is_led and self._read_at is not None and now - self._read_at < _LED_INTERVAL:
            return False
        async with self._context.pool.acquire() as conn:
            await self._book.refresh(conn, now=now)
            self._book.without_database.countries = countries_of(await last_known.read_whereabouts(conn))
            self._read_at = now
            if not is_led:
                await self._count(conn, now=now)
        return False

    async def _count(self, conn: PgConnection, *, now: datetime) -> None:
        metrics = self._context.metrics
        counts = await live_calls.count_live(conn, overdue_before=now - OVERDUE)
        flags = await found_calls.count_flags(conn, since=now - FLAGGED_SINCE)
        mails = await outbox.count(conn)
        for flag in Flag:
            metrics.flagged_calls.labels(flag.value).set(flags.get(flag.value, 0))
        metrics.live_calls.set(counts.live)
        metrics.held_calls.set(counts.held)
        metrics.uncut_calls.set(counts.overdue)
        metrics.mails_waiting.set(mails.waiting)
        metrics.mails_refused.set(mails.failed)

    def _count_own(self) -> None:
        """What this process alone can tell."""
        metrics, spool = self._context.metrics, self._context.spool
        metrics.spooled.set(spool.count)
        metrics.spool_set_aside.set(count_set_aside(spool.directory))
        metrics.bring_up(metrics.spool_failures, spool.failures)
        if metrics.bring_up(metrics.log_lines_lost, LOST.count):
            mark_lost_lines(self._context.settings.data, at=machine_of(self._context.clock).now())
