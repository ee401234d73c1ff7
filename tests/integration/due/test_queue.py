"""Rows that record by themselves what became of them: one that fails waits for the end of its claim."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from gateway.context import Context
from gateway.due.queue import Queue, Turn
from gateway.log_events import LogEvent
from gateway.postgres.types import PgConnection
from tests.support.running import Gateway


class Fake:
    """Rows in memory: 0 cannot be worked."""

    def __init__(self, *rows: int) -> None:
        self.rows = list(rows)
        self.turns: list[Turn] = []
        self.worked: list[int] = []

    async def claim(self, _conn: PgConnection, turn: Turn) -> Sequence[int]:
        self.turns.append(turn)
        claimed, self.rows = self.rows[: turn.limit], self.rows[turn.limit :]
        return claimed

    async def work(self, _context: Context, row: int) -> None:
        self.worked.append(12 // row)

    def queue(self) -> Queue[int]:
        return Queue(
            name="fake",
            interval_s=1,
            batch=2,
            claimed_for=timedelta(seconds=30),
            claim=self.claim,
            work=self.work,
            identify=lambda row: {"row": row},
        )


async def test_a_turn_claims_a_batch_for_a_while_and_says_whether_there_was_any(gateway: Gateway) -> None:
    fake = Fake(3, 4, 6)
    turns = [await fake.queue().once(gateway.process.context) for _ in range(3)]

    assert turns == [True, True, False]
    assert fake.worked == [4, 3, 2]
    now = gateway.clock.now()
    assert fake.turns == [Turn(now=now, until=now + timedelta(seconds=30), limit=2)] * 3


async def test_a_row_that_fails_is_logged_and_keeps_no_other(gateway: Gateway) -> None:
    fake = Fake(0, 4)

    with capture_logs() as logs:
        assert await fake.queue().once(gateway.process.context)

    assert fake.worked == [3]
    [log] = logs
    assert (log["event"], log["worker"], log["row"]) == (LogEvent.WORKER_FAILED, "fake", 0)


async def test_where_all_rows_fail_it_is_no_rows_fault_and_the_worker_rests(gateway: Gateway) -> None:
    with pytest.raises(ZeroDivisionError):
        await Fake(0, 0).queue().once(gateway.process.context)
