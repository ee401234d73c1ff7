"""An account that somebody keeps locked refuses its own calls, and no others notice."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.app import PATIENCE
from gateway.domain.connection import Connection
from gateway.domain.events import CallEnded, Cause
from gateway.postgres.types import Pool
from gateway.spool.file import read_records
from tests.support import world
from tests.support.running import Gateway, gateway_on

PBX = Connection(name="pbx", kind="native")
OTHERS = [f"+155501000{number:02}" for number in range(20)]
OWN = "+15550200001"
# Sixty events a second, and every twentieth is of the account that is locked.
PAUSE_S, EVENTS = 1 / 60, 120
MOMENT_S = 0.02
# Whoever waits for the lock does so each time; a machine that is busy with something else, now and then.
ROUNDS = 3


@pytest.fixture
async def own(pool: Pool) -> int:
    """The account that will be locked, beside twenty others."""
    async with pool.acquire() as conn:
        await world.rate(conn, "44")
        for line in OTHERS:
            await world.number(conn, await world.account(conn), line)
        account = await world.account(conn)
        await world.number(conn, account, OWN)
    return account


@pytest.fixture
async def ready(dsn: str, tmp_path: Path, own: int) -> AsyncIterator[Gateway]:
    """A gateway that waits no longer than in production."""
    async with gateway_on(dsn, tmp_path, patience=PATIENCE) as gateway:
        yield gateway


@asynccontextmanager
async def locked(pool: Pool, table: str, row_id: int) -> AsyncIterator[None]:
    """A row that an operator at a prompt has locked."""
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute(f"SELECT FROM {table} WHERE id = $1 FOR UPDATE", row_id)
        yield


async def times(event: Callable[[str, str], Awaitable[Any]], name: str) -> tuple[list[float], list[Any]]:
    """The seconds that each event of others takes, and what those of the account's own are told."""
    seconds: list[float] = []

    async def other(number: int) -> None:
        began = time.perf_counter()
        await event(f"{name}{number}", OTHERS[number % len(OTHERS)])
        seconds.append(time.perf_counter() - began)

    async with asyncio.TaskGroup() as tasks:
        owns = []
        for number in range(EVENTS):
            if number % 20 == 10:
                owns.append(tasks.create_task(_told(event(f"{name}{number}", OWN))))
            else:
                tasks.create_task(other(number))
            await asyncio.sleep(PAUSE_S)
    return sorted(seconds), [each.result() for each in owns]


async def _told(event: Awaitable[Any]) -> Any:
    return await event


def slowdown(free: list[float], held: list[float]) -> float:
    """By what factor others' events take longer while the account is locked: at the median or the 99th percentile."""
    ranks = len(free) // 2, len(free) * 99 // 100
    return max(held[rank] / max(free[rank], MOMENT_S) for rank in ranks)


async def assert_nobody_notices(round_of: Callable[[int], Awaitable[float]]) -> None:
    factors: list[float] = []
    while not factors or (factors[-1] > 1.5 and len(factors) < ROUNDS):
        factors.append(await round_of(len(factors)))
    assert min(factors) <= 1.5, factors


async def test_r34_starts_of_an_account_that_is_locked_are_refused_and_no_others(
    ready: Gateway, pool: Pool, own: int
) -> None:
    told: dict[str, str] = {}

    async def start(call_id: str, line: str) -> str:
        reply = await ready.start(call_id, caller=line)
        told[call_id] = reply.get("reason", reply["action"])
        return told[call_id]

    async def starts(number: int) -> float:
        told.clear()
        free, _ = await times(start, f"free{number}-")
        async with locked(pool, "account", own):
            held, own_told = await times(start, f"held{number}-")
        assert own_told == ["unavailable"] * 6
        assert [told[name] for name in told if told[name] != "connect"] == own_told
        return slowdown(free, held)

    await assert_nobody_notices(starts)
    assert await start("after", OWN) == "connect"


async def test_r34_ends_of_an_account_that_is_locked_are_kept_and_those_of_others_are_charged_at_once(
    ready: Gateway, pool: Pool, own: int
) -> None:
    told: Counter[str] = Counter()

    async def end(call_id: str, _line: str) -> str:
        result = await ready.process.book.take(PBX, CallEnded(call_id=call_id, cause=Cause.NORMAL, seconds=60))
        told[type(result).__name__] += 1
        return type(result).__name__

    async def ends(number: int) -> float:
        free_name, held_name = f"free{number}-", f"held{number}-"
        for name in (free_name, held_name):
            for event in range(EVENTS):
                await ready.start(f"{name}{event}", caller=OWN if event % 20 == 10 else OTHERS[event % len(OTHERS)])
        ready.clock.advance(60)
        told.clear()
        free, _ = await times(end, free_name)
        async with locked(pool, "account", own):
            held, own_told = await times(end, held_name)
        assert own_told == ["Acknowledged"] * 6
        assert told == {"Acknowledged": 6, "Charged": 2 * EVENTS - 6}
        kept = {record.ended.call_id for record in read_records(ready.process.context.spool.file.path) if record.ended}
        assert kept >= {f"{held_name}10", f"{held_name}30"}
        return slowdown(free, held)

    await assert_nobody_notices(ends)
    await ready.replay()
    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM call WHERE state <> 'ended'") == 0


async def test_a_repeat_of_a_start_waits_for_nobody(ready: Gateway, pool: Pool, own: int) -> None:
    first = await ready.start("a1", caller=OWN)

    async with locked(pool, "account", own):
        assert await ready.start("a1", caller=OWN) == first


async def test_r34_the_end_of_a_call_whose_row_is_locked_is_kept_and_another_is_charged(
    ready: Gateway, pool: Pool, own: int
) -> None:
    await ready.start("held", caller=OWN)
    await ready.start("free", caller=OTHERS[0])
    ready.clock.advance(60)
    call = await pool.fetchval("SELECT id FROM call WHERE account_id = $1", own)

    async with locked(pool, "call", call):
        kept = asyncio.create_task(ready.end("held", seconds=60))
        await asyncio.sleep(0.01)
        began = time.perf_counter()
        assert (await ready.end("free", seconds=60))["charged"] == "0.027000"
        assert time.perf_counter() - began < 0.4
        assert await kept == {"call_id": "held"}

    await ready.replay()
    assert await pool.fetchval("SELECT state FROM call WHERE id = $1", call) == "ended"
