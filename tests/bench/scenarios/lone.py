"""A webhook that comes alone, as at an ordinary operator's."""

import time
from statistics import median
from typing import Final

import asyncpg

from tests.bench import client
from tests.bench.figures import Figure, Result
from tests.bench.hooks import Hooks
from tests.bench.rounds import Wrong, check_ledger
from tests.bench.stage import Stage

# What a start or an end may take, of two round trips to the database and a flush of its disk.
TARGET: Final = 1.5


async def lone(stage: Stage) -> Result:
    """Starts and ends one after the other on one connection, beside two round trips to the database and a flush."""
    calls = 200 if stage.is_quick else 2_000
    dsn, world = await stage.world("main")
    async with stage.subject("lone", dsn, world) as subject:
        [connection] = await client.connect(subject.server.port, 1)
        await _call(connection, subject.provider, calls // 10)  # to warm up
        before_s = subject.server.cpu_s()
        starts, ends = await _call(connection, subject.provider, calls)
        used_ms = (subject.server.cpu_s() - before_s) / (2 * calls) * 1000
        connection.close()
        floors = await _floor(dsn, calls)
    await check_ledger(dsn)
    start_ms, end_ms, floor_ms = median(starts), median(ends), median(floors)
    return Result(
        figures=[
            Figure(what="a start", value=start_ms, unit="ms, half"),
            Figure(what="an end", value=end_ms, unit="ms, half"),
            Figure(what="two round trips and a flush", value=floor_ms, unit="ms, half"),
            Figure(what="a start, of them", value=start_ms / floor_ms, unit="", target=TARGET),
            Figure(what="an end, of them", value=end_ms / floor_ms, unit="", target=TARGET),
            Figure(what="processor, gateway", value=used_ms, unit="ms/webhook"),
        ],
        raw={"starts": starts, "ends": ends, "floors": floors},
    )


async def _call(connection: client.Connection, provider: Hooks, calls: int) -> tuple[list[float], list[float]]:
    """How many milliseconds each start took, and each end."""
    starts, ends = list[float](), list[float]()
    for _ in range(calls):
        provider.refresh()
        starts.append(await _send(connection, provider.start()))
        ends.append(await _send(connection, provider.end()))
    return starts, ends


async def _send(connection: client.Connection, request: bytes) -> float:
    begun = time.perf_counter()
    status, body = await connection.send(request)
    if status != 200:
        raise Wrong(f"a webhook was answered with {status} {body!r}")
    return (time.perf_counter() - begun) * 1000


async def _floor(dsn: str, times: int) -> list[float]:
    """How many milliseconds a question takes and then a row, which is flushed, by the same driver."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("CREATE TABLE IF NOT EXISTS bench_floor (at integer)")
        ask, write = await conn.prepare("SELECT 1"), await conn.prepare("INSERT INTO bench_floor VALUES ($1)")
        taken = list[float]()
        for at in range(times):
            begun = time.perf_counter()
            await ask.fetchval()
            await write.fetchval(at)
            taken.append((time.perf_counter() - begun) * 1000)
        await conn.execute("DROP TABLE bench_floor")
    finally:
        await conn.close()
    return taken
