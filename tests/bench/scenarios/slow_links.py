"""Ends that were kept on disk, replayed over links of several lengths, while other calls end."""

from typing import Final

import asyncpg

from gateway.postgres.migrate import migrate
from tests.bench.figures import Figure, Result
from tests.bench.stage import Stage
from tests.support.postgres import with_database
from tests.support.slow_link import replay_over_a_slow_link

ROUND_TRIPS_MS: Final = (0, 20, 80, 200)


async def replay(stage: Stage) -> Result:
    """Ends from the spool over links of 0, 20, 80 and 200 ms there and back, and how long other ends take meanwhile."""
    records = 300 if stage.is_quick else 3_000
    figures, raw = [], {}
    for round_trip_ms in ROUND_TRIPS_MS:
        dsn = await _database(stage, f"replay_{round_trip_ms}")
        data = stage.directory / f"replay-{round_trip_ms}"
        told = await replay_over_a_slow_link(dsn, data, records=records, round_trip_s=round_trip_ms / 1000)
        figures += [
            Figure(what=f"{round_trip_ms} ms: replayed", value=records / told.seconds, unit="ends/s"),
            Figure(what=f"{round_trip_ms} ms: another end, at most", value=max(told.waits_s) * 1000, unit="ms"),
        ]
        figures.append(
            Figure(what=f"{round_trip_ms} ms: charged at once", value=told.charged / len(told.waits_s), unit="of 1")
        )
        raw[f"{round_trip_ms} ms"] = {"seconds": told.seconds, "waits_s": list(told.waits_s)}
    return Result(figures=figures, raw=raw)


async def _database(stage: Stage, name: str) -> str:
    conn = await asyncpg.connect(stage.database.dsn)
    try:
        await conn.execute(f'CREATE DATABASE "{name}"')
    finally:
        await conn.close()
    dsn = with_database(stage.database.dsn, name)
    await migrate(dsn)
    return dsn
