"""Rows that are tried until they succeed, later and later, or are given up: a table, three queries, a function."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from gateway.context import Context
from gateway.domain.errors import DatabaseAway, ProviderFailed
from gateway.due.backoff import Backoff
from gateway.due.queue import Queue, Turn
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A row that is ours to try until `until`; after that somebody else may. This is its try number `tries`."""

    id: int
    tries: int
    created_at: datetime
    until: datetime
    # The other columns that the claim gave.
    columns: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptQueue:
    """A declaration of a table with the columns id, created_at, due_at and tries; due_at is null where all is done.

    `claim` gets now, until and a limit, counts the try, and returns id, tries, created_at and what `work` needs.
    `settle` gets id, until and what `work` returned. `postpone` gets id, until, the next try (null: given up) and why.
    Both change only a row whose due_at is still `until`.
    """

    name: str
    interval_s: float
    batch: int
    claimed_for: timedelta
    claim: str
    settle: str
    postpone: str
    work: Callable[[Context, Attempt], Awaitable[str]]
    backoff: Backoff
    # Where the text of a query of that name stands.
    text_of: Callable[[str], str] = sql

    async def once(self, context: Context) -> bool:
        """Claim one batch and try each row of it; whether there was any."""
        return await Queue(
            name=self.name,
            interval_s=self.interval_s,
            batch=self.batch,
            claimed_for=self.claimed_for,
            claim=self._claim,
            work=self._try,
            identify=_identify,
        ).once(context)

    async def _claim(self, conn: PgConnection, turn: Turn) -> Sequence[Attempt]:
        attempts = []
        for row in await conn.fetch(self.text_of(self.claim), turn.now, turn.until, turn.limit):
            columns = dict(row)
            own = {name: columns.pop(name) for name in ("id", "tries", "created_at")}
            attempts.append(Attempt(**own, until=turn.until, columns=columns))
        return attempts

    async def _try(self, context: Context, attempt: Attempt) -> None:
        try:
            note = await self.work(context, attempt)
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, the row waits; if the database is away, this fails too
            await self._later(context, attempt, error)
        else:
            async with context.pool.acquire() as conn:
                await conn.execute(self.text_of(self.settle), attempt.id, attempt.until, note)

    async def _later(self, context: Context, attempt: Attempt, error: Exception) -> None:
        """Record why a try failed, and when the next one is; a fault of ours is logged whole."""
        now = context.clock.now()
        due_at = self.backoff.next_try(tries=attempt.tries, since=attempt.created_at, now=now)
        why = str(error) or type(error).__name__
        async with context.pool.acquire() as conn:
            await conn.execute(self.text_of(self.postpone), attempt.id, attempt.until, due_at, why)
        say = logger().warning if isinstance(error, ProviderFailed) else logger().exception
        say(LogEvent.WORKER_FAILED, worker=self.name, why=why, tries=attempt.tries, due_at=due_at, **_identify(attempt))


def _identify(attempt: Attempt) -> dict[str, object]:
    return {"row_id": attempt.id}
