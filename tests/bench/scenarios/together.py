"""One, two and four processes on one address."""

from typing import Final

import asyncpg

from tests.bench import client, hooks
from tests.bench.figures import Figure, Result
from tests.bench.hooks import LIVE, Hooks
from tests.bench.pace import paced
from tests.bench.rounds import Round, Subject, Wrong, check_ledger
from tests.bench.scenarios.turns import in_turn, ratio, raw_of
from tests.bench.stage import Stage

HOT_PACE: Final = 400


async def together(stage: Stage) -> Result:
    """Two and four processes beside one, and a hot account called by way of four."""
    dsn, world = await stage.world("main")
    async with (
        stage.subject("one", dsn, world) as one,
        stage.subject("two", dsn, world, processes=2) as two,
        stage.subject("four", dsn, world, processes=4) as four,
    ):
        turns = await in_turn(stage, one, two, four)
        late_ms = await _hot(stage, four)
    await check_ledger(dsn)
    alone, many = Round.median(turns["one"]), Round.median(turns["four"])
    return Result(
        figures=[
            Figure(what="one process", value=alone.per_second, unit="webhooks/s"),
            ratio("two, of one", turns["two"], turns["one"], 1.15),
            ratio("four, of one", turns["four"], turns["one"], 1.0),
            Figure(
                what="processor of PostgreSQL, four",
                value=many.postgres_cpu_ms / alone.postgres_cpu_ms,
                unit="",
                target=1.2,
            ),
            Figure(what="99 of 100, four", value=many.p99_ms / alone.p99_ms, unit="", target=1.0),
            Figure(what="hot account by way of four", value=late_ms, unit="ms, 99 of 100"),
        ],
        raw=raw_of(turns),
    )


async def _hot(stage: Stage, subject: Subject) -> float:
    """All calls of one account at a fixed pace: none may be refused, nor its end be kept on disk."""
    provider = Hooks(subject.provider.world.of_one_account())
    one = Subject(
        name="hot",
        server=subject.server,
        dsn=subject.dsn,
        postmaster=subject.postmaster,
        provider=provider,
        path=stage.directory / "hot-together.requests",
    )
    conn = await asyncpg.connect(one.dsn)
    try:
        last = await conn.fetchval("SELECT coalesce(max(id), 0) FROM call")
        await client.exchange(one.server.port, [provider.start() for _ in range(LIVE)])
        hooks.write(one.path, provider.mixed(stage.seconds * HOT_PACE))
        run = await paced(one, HOT_PACE)
        await client.exchange(one.server.port, [provider.end() for _ in range(LIVE)])
        starts, ends = await one.counts(conn, last)
    finally:
        await conn.close()
    if not starts == ends == LIVE + stage.seconds * HOT_PACE // 2:
        raise Wrong(f"of the hot account {starts} starts and {ends} ends were recorded at once")
    return float(run["p99_ms"])
