"""Rows that are worked in one transaction: where that fails one by one, and one that fails alone is postponed."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.due.batch_queue import BatchQueue
from gateway.log_events import LogEvent
from gateway.postgres.types import PgConnection, Pool
from tests.support.world import NOON

LATER = timedelta(minutes=5)


class Ledger:
    """Works rows on a real connection: negative ones fail as they say, each batch in a transaction of its own."""

    POISON, LOCKED, AWAY, SLOW = -1, -2, -3, -4

    def __init__(self, conn: PgConnection) -> None:
        self.conn = conn
        self.batches: list[list[int]] = []
        self.postponed: list[tuple[int, datetime]] = []
        self.queue = BatchQueue(
            name="ledger",
            interval_s=1,
            batch=10,
            postpone=self.postpone,
            postponed_for=LATER,
            failed=LogEvent.RENT_FAILED,
            identify=lambda row: {"row": row},
        )

    async def postpone(self, _conn: PgConnection, row: int, /, *, until: datetime) -> None:
        self.postponed.append((row, until))

    async def together(self, rows: Sequence[int]) -> int:
        self.batches.append(list(rows))
        async with self.conn.transaction():
            if self.POISON in rows:
                await self.conn.execute("SELECT 1 / 0")
            if self.LOCKED in rows:
                raise asyncpg.DeadlockDetectedError("met another")
            if self.AWAY in rows:
                raise asyncpg.ConnectionDoesNotExistError("gone")
            if self.SLOW in rows:
                raise asyncpg.QueryCanceledError("too slow")
        return sum(rows)


@pytest.fixture
async def ledger(pool: Pool) -> Ledger:
    return Ledger(await pool.acquire())


async def test_what_works_together_is_one_transaction(ledger: Ledger) -> None:
    worked = await ledger.queue.run(ledger.conn, [1, 2, 3], ledger.together, now=NOON)

    assert (worked.results, worked.failed) == ([6], [])
    assert ledger.batches == [[1, 2, 3]]


async def test_nothing_due_is_no_work(ledger: Ledger) -> None:
    assert (await ledger.queue.run(ledger.conn, [], ledger.together, now=NOON)).results == []
    assert ledger.batches == []


@pytest.mark.parametrize("row", [Ledger.POISON, Ledger.SLOW])
async def test_a_poisoned_row_is_postponed_and_the_others_are_worked_one_by_one(ledger: Ledger, row: int) -> None:
    with capture_logs() as logs:
        worked = await ledger.queue.run(ledger.conn, [1, row, 3], ledger.together, now=NOON)

    assert (worked.results, worked.failed) == ([1, 3], [row])
    assert ledger.batches == [[1, row, 3], [1], [row], [3]]
    assert ledger.postponed == [(row, NOON + LATER)]
    [log] = logs
    assert (log["event"], log["row"]) == (LogEvent.RENT_FAILED, row)


async def test_a_row_that_met_another_transaction_is_not_postponed_and_tried_again_later(ledger: Ledger) -> None:
    with pytest.raises(asyncpg.DeadlockDetectedError):
        await ledger.queue.run(ledger.conn, [1, Ledger.LOCKED, 3], ledger.together, now=NOON)

    assert ledger.batches[1:] == [[1], [Ledger.LOCKED], [3]]
    assert ledger.postponed == []


async def test_a_database_that_is_away_is_no_rows_fault(ledger: Ledger) -> None:
    with pytest.raises(asyncpg.ConnectionDoesNotExistError):
        await ledger.queue.run(ledger.conn, [1, Ledger.AWAY], ledger.together, now=NOON)

    assert len(ledger.batches) == 1
    assert ledger.postponed == []
