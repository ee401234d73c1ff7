"""The worker that keeps up what a process knows of lines, for the time when the database is away (R34)."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from gateway.context import Context
from gateway.postgres.calls import live_calls
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.starts.emergency import countries_of

INTERVAL_S: Final = 5
# One that another process decides for needs it when that one dies and the database is away, both at once.
_LED_INTERVAL: Final = timedelta(minutes=1)


class KnownLines:
    def __init__(self, context: Context, book: CallBook, is_led: Callable[[], bool]) -> None:
        self._context = context
        self._book = book
        self._is_led = is_led
        self._read_at: datetime | None = None

    async def once(self) -> bool:
        """Ask the database, unless that was a moment ago; there is never more to do."""
        now = self._context.clock.now()
        if self._read_at is not None and self._is_led() and now - self._read_at < _LED_INTERVAL:
            return False
        async with self._context.pool.acquire() as conn:
            await self._book.refresh(conn, now=now)
            self._book.without_database.countries = countries_of(await live_calls.read_whereabouts(conn))
        self._read_at = now
        return False
