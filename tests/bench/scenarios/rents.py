"""100,000 numbers whose rent is due in the same minute, while calls go on."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, Final

import asyncpg

from gateway.clock import SystemClock
from tests.bench import client, hooks
from tests.bench.figures import Figure, Result
from tests.bench.hooks import LIVE
from tests.bench.pace import paced
from tests.bench.rounds import Subject, Wrong, check_ledger
from tests.bench.stage import Stage

# Webhooks a second meanwhile: starts and ends, half and half.
RATE: Final = 200
SETTLED_MAX_S: Final = 60


async def rents(stage: Stage) -> Result:
    """100,000 numbers due in the same minute: when all are settled, and what calls notice of it."""
    numbers, seconds = (10_000, 10) if stage.is_quick else (100_000, 60)
    dsn, world = await stage.world("rents", numbers=numbers)
    async with stage.subject("rents", dsn, world) as subject:
        await client.exchange(subject.server.port, [subject.provider.start() for _ in range(LIVE)])
        await _prepare(subject, 5)
        await paced(subject, RATE)  # to warm up
        await _prepare(subject, seconds)
        without = await paced(subject, RATE)
        await _prepare(subject, seconds)
        due_at = SystemClock().now() + timedelta(seconds=5)
        await _make_due(dsn, due_at)
        settling = asyncio.create_task(_settled(dsn, due_at))
        during = await paced(subject, RATE)
        settled_s = await settling
        await client.exchange(subject.server.port, [subject.provider.end() for _ in range(LIVE)])
    charged = await _charged(dsn)
    await check_ledger(dsn)
    if charged != numbers:
        raise Wrong(f"of {numbers} rents {charged} were charged")
    before_ms, during_ms = without["starts_p99_ms"], during["starts_p99_ms"]
    return Result(
        figures=[
            Figure(what="numbers due at once", value=numbers, unit=""),
            Figure(what="all settled after", value=settled_s, unit="s", target=SETTLED_MAX_S),
            Figure(what="rents a second", value=numbers / settled_s, unit=""),
            Figure(what="starts without, 99 of 100", value=before_ms, unit="ms"),
            Figure(what="starts during it, 99 of 100", value=during_ms, unit="ms", target=2 * before_ms),
        ],
        raw={"without": without, "during": during},
    )


async def _prepare(subject: Subject, seconds: int) -> None:
    subject.provider.refresh()
    await asyncio.to_thread(hooks.write, subject.path, subject.provider.mixed(seconds * RATE))


async def _make_due(dsn: str, at: datetime) -> None:
    """Have every number paid until today, and the calendar wake to all of them at one instant."""
    await _execute(
        dsn,
        """
        UPDATE line SET rent = 4, anchor_day = 1 + id % 28, due_on = ($1::timestamptz AT TIME ZONE 'UTC')::date,
            calendar_due_at = $1::timestamptz
        """,
        at,
    )


async def _settled(dsn: str, due_at: datetime) -> float:
    """Seconds from when they were due until none was."""
    conn = await asyncpg.connect(dsn)
    try:
        # Another program settles them, so there is no event to wait for.
        while await conn.fetchval("SELECT EXISTS (SELECT FROM line WHERE calendar_due_at <= $1)", due_at):  # noqa: ASYNC110
            await asyncio.sleep(0.25)
    finally:
        await conn.close()
    return (SystemClock().now() - due_at).total_seconds()


async def _charged(dsn: str) -> int:
    conn = await asyncpg.connect(dsn)
    try:
        charged: int = await conn.fetchval("SELECT count(*) FROM ledger_entry WHERE kind = 'rent'")
    finally:
        await conn.close()
    return charged


async def _execute(dsn: str, statement: str, *arguments: Any) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(statement, *arguments, timeout=300)
        await conn.execute("VACUUM ANALYZE line")
    finally:
        await conn.close()
