"""Rows that are claimed for a while and worked outside of any transaction, side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, Protocol, TypeVar

from gateway.context import Context
from gateway.domain.errors import DatabaseAway
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.errors import is_database_away
from gateway.postgres.types import PgConnection

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What a claim takes: at most `limit` of the rows that are due `now`, to be ours until `until`."""

    now: datetime
    until: datetime
    limit: int


class Declared(Protocol):
    """What every declaration says to the roster of workers."""

    @property
    def name(self) -> str: ...

    @property
    def interval_s(self) -> float: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue(Generic[Row]):
    """A declaration of what is due: how its rows are claimed, and what is done with one.

    `work` records what became of its row by itself, and only while the row is still claimed as it was. A row whose work
    fails, or whose process dies, waits for the end of its claim: `claimed_for` is longer than the work may take.
    """

    name: str
    interval_s: float
    batch: int
    claimed_for: timedelta
    # One statement, which passes over what somebody has locked and moves what it takes to the end of the turn's claim.
    claim: Callable[[PgConnection, Turn], Awaitable[Sequence[Row]]]
    work: Callable[[Context, Row], Awaitable[None]]
    # What names a row in the log.
    identify: Callable[[Row], Mapping[str, object]]

    async def once(self, context: Context) -> bool:
        """Claim one batch and work it; whether there was any."""
        now = context.clock.now()
        async with context.pool.acquire() as conn:
            rows = await self.claim(conn, Turn(now=now, until=now + self.claimed_for, limit=self.batch))
        results = await asyncio.gather(*(self.work(context, row) for row in rows), return_exceptions=True)
        self._judge([(row, each) for row, each in zip(rows, results, strict=True) if each is not None], len(rows))
        return bool(rows)

    def _judge(self, failures: Sequence[tuple[Row, BaseException]], worked: int) -> None:
        """Log the rows that failed while others did not. Where all did, it is no row's fault, and the worker rests."""
        for row, error in failures:
            if not isinstance(error, Exception) or isinstance(error, DatabaseAway) or is_database_away(error):
                raise error
            logger().error(LogEvent.WORKER_FAILED, worker=self.name, **self.identify(row), exc_info=error)
        if failures and len(failures) == worked:
            raise failures[0][1]
