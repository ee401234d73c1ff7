"""A queue of twenty lines: what is claimed, tried, recorded and given up, whoever fails or dies on the way (R38)."""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.context import Context
from gateway.domain.errors import DatabaseAway, ProviderFailed
from gateway.due.attempts import Attempt, AttemptQueue
from gateway.log_events import LogEvent
from gateway.postgres.types import Pool
from tests.integration.due import receipts
from tests.integration.due.receipts import RECEIPTS
from tests.support.running import Gateway
from tests.support.world import NOON

MINUTE = RECEIPTS.claimed_for


@pytest.fixture
async def table(pool: Pool) -> Pool:
    await pool.execute(receipts.TABLE)
    return pool


async def queue(pool: Pool, *recipients: str) -> None:
    await pool.executemany(
        "INSERT INTO receipt (recipient, created_at, due_at) VALUES ($1, $2, $2)",
        [(recipient, NOON) for recipient in recipients],
    )


async def notes(pool: Pool) -> dict[str, str | None]:
    return {
        row["recipient"]: row["note"] for row in await pool.fetch("SELECT recipient, note FROM receipt ORDER BY id")
    }


async def due_at(pool: Pool, recipient: str) -> datetime | None:
    due: datetime | None = await pool.fetchval("SELECT due_at FROM receipt WHERE recipient = $1", recipient)
    return due


async def work_all(declared: AttemptQueue, context: Context) -> None:
    while await declared.once(context):
        pass


async def test_what_is_due_is_tried_once_and_its_result_is_kept(gateway: Gateway, table: Pool) -> None:
    await queue(table, "ann", "bob")

    assert await RECEIPTS.once(gateway.process.context)

    assert await notes(table) == {"ann": "sent to ann", "bob": "sent to bob"}
    assert await due_at(table, "ann") is None
    assert not await RECEIPTS.once(gateway.process.context)


async def test_a_batch_is_worked_at_a_time_and_who_waits_longest_comes_first(gateway: Gateway, table: Pool) -> None:
    await queue(table, "ann", "bob", "cyd")
    await table.execute("UPDATE receipt SET due_at = due_at - interval '1 day' WHERE recipient = 'cyd'")
    two = replace(RECEIPTS, batch=2)

    await two.once(gateway.process.context)

    assert sum(note is None for note in (await notes(table)).values()) == 1
    assert (await notes(table))["cyd"] == "sent to cyd"


async def test_a_poisoned_row_waits_its_back_off_while_the_others_go_on(gateway: Gateway, table: Pool) -> None:
    await queue(table, "poison", "ann")

    with capture_logs() as logs:
        await work_all(RECEIPTS, gateway.process.context)

    assert await notes(table) == {"poison": "no receipt can be written for it", "ann": "sent to ann"}
    [log] = [log for log in logs if log["event"] == LogEvent.WORKER_FAILED]
    assert (log["log_level"], log["worker"], log["row_id"], log["tries"]) == ("error", "receipts", 1, 1)
    retry_at = await due_at(table, "poison")
    assert retry_at is not None
    assert timedelta(seconds=10) <= retry_at - gateway.clock.now() <= timedelta(seconds=12.5)

    gateway.clock.advance(9)
    assert not await RECEIPTS.once(gateway.process.context)
    gateway.clock.advance(4)
    assert await RECEIPTS.once(gateway.process.context)
    later = await due_at(table, "poison")
    assert later is not None
    assert timedelta(seconds=20) <= later - gateway.clock.now() <= timedelta(seconds=25)


async def test_a_row_is_given_up_when_it_was_tried_for_long_enough(gateway: Gateway, table: Pool) -> None:
    await queue(table, "poison")
    gateway.clock.advance(3 * 86_400)

    await RECEIPTS.once(gateway.process.context)

    assert await due_at(table, "poison") is None
    assert await notes(table) == {"poison": "no receipt can be written for it"}


async def test_a_provider_that_fails_is_a_warning_and_no_fault_of_ours(gateway: Gateway, table: Pool) -> None:
    await queue(table, "ann")

    async def fail(_context: Context, _attempt: Attempt) -> str:
        raise ProviderFailed("it is closed")

    with capture_logs() as logs:
        await replace(RECEIPTS, work=fail).once(gateway.process.context)

    assert [(log["log_level"], log["why"]) for log in logs] == [("warning", "it is closed")]


async def test_a_connection_that_breaks_in_the_work_is_one_rows_failure(gateway: Gateway, table: Pool) -> None:
    await queue(table, "ann", "bob")

    async def reset(_context: Context, attempt: Attempt) -> str:
        if attempt.columns["recipient"] == "ann":
            raise ConnectionResetError("by the other side")
        return "sent"

    await replace(RECEIPTS, work=reset).once(gateway.process.context)

    assert await notes(table) == {"ann": "by the other side", "bob": "sent"}


async def test_what_a_dead_process_had_claimed_is_tried_when_its_claim_is_over(gateway: Gateway, table: Pool) -> None:
    await queue(table, "ann")

    async def die(_context: Context, _attempt: Attempt) -> str:
        raise asyncio.CancelledError

    with pytest.raises(asyncio.CancelledError):
        await replace(RECEIPTS, work=die).once(gateway.process.context)

    assert not await RECEIPTS.once(gateway.process.context)
    gateway.clock.advance(MINUTE.total_seconds())
    assert await RECEIPTS.once(gateway.process.context)
    assert await notes(table) == {"ann": "sent to ann"}
    assert await table.fetchval("SELECT tries FROM receipt") == 2


async def test_who_comes_back_after_its_claim_records_nothing(gateway: Gateway, table: Pool) -> None:
    await queue(table, "ann")

    async def sleep(context: Context, _attempt: Attempt) -> str:
        gateway.clock.advance(MINUTE.total_seconds())
        await RECEIPTS.once(context)
        return "too late"

    await replace(RECEIPTS, work=sleep).once(gateway.process.context)

    assert await notes(table) == {"ann": "sent to ann"}


async def test_a_database_that_is_away_is_no_rows_fault(gateway: Gateway, table: Pool) -> None:
    await queue(table, "ann")

    async def lose(_context: Context, _attempt: Attempt) -> str:
        raise DatabaseAway("gone")

    with pytest.raises(DatabaseAway):
        await replace(RECEIPTS, work=lose).once(gateway.process.context)

    assert await due_at(table, "ann") == NOON + MINUTE
    assert await notes(table) == {"ann": None}


async def test_r38_two_workers_at_once_try_each_row_once(gateway: Gateway, table: Pool) -> None:
    recipients = [f"r{number}" for number in range(50)]
    await queue(table, *recipients)
    tried: Counter[str] = Counter()

    async def count(_context: Context, attempt: Attempt) -> str:
        tried[attempt.columns["recipient"]] += 1
        await asyncio.sleep(0)
        return "sent"

    counting = replace(RECEIPTS, work=count, batch=3)
    await asyncio.gather(*(work_all(counting, gateway.process.context) for _ in range(4)))

    assert tried == dict.fromkeys(recipients, 1)


async def test_a_claim_passes_over_what_somebody_has_locked(gateway: Gateway, table: Pool) -> None:
    await queue(table, "ann", "bob")
    async with table.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM receipt WHERE recipient = 'ann' FOR NO KEY UPDATE")

        assert await RECEIPTS.once(gateway.process.context)

        assert await notes(table) == {"ann": None, "bob": "sent to bob"}


async def test_a_declaration_whose_statement_nobody_wrote_fails(gateway: Gateway, tmp_path: Path, table: Pool) -> None:
    with pytest.raises(KeyError, match="receipt_grab"):
        await replace(RECEIPTS, claim="receipt_grab").once(gateway.process.context)


async def test_the_statements_of_the_declaration_fit_its_table(table: Pool) -> None:
    async with table.acquire() as conn:
        for query in receipts.QUERIES.values():
            statement: asyncpg.prepared_stmt.PreparedStatement[asyncpg.Record] = await conn.prepare(query.text)
            assert statement.get_parameters()
