"""Every flag is counted in a metric when a call gets it, and once."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.domain.calls.call import Limits
from gateway.postgres.types import Pool
from tests.support import world
from tests.support.running import Gateway, gateway_on

CALLEE, DEAR = "+442079460000", "+19005551234"
COUNTED = re.compile(r'^gateway_flags_total\{flag="(\w+)"\} (\S+)$', re.MULTILINE)
LATE_S = 3600 + 90 + 120 + 1
TOLD_WHOLE = {"direction": "outbound", "caller": "+15550100001", "callee": CALLEE}


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, pool: Pool) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, limits=Limits()) as running:
        async with pool.acquire() as conn:
            account = await world.account(conn)
            await world.number(conn, account, "+15550100001")
            await world.rate(conn, "44", "0.0600", first_interval_s=1, increment_s=1)
        yield running


async def counted(gateway: Gateway) -> dict[str, float]:
    text = await (await gateway.client.get("/metrics")).text()
    return {flag: float(count) for flag, count in COUNTED.findall(text)}


async def test_a_call_without_flags_counts_none(gateway: Gateway) -> None:
    await gateway.start("a1")
    gateway.clock.advance(20)
    await gateway.end("a1", seconds=10)

    assert await counted(gateway) == {}


async def test_flags_of_ends_are_counted_each_time_that_a_call_gets_one(gateway: Gateway) -> None:
    for call_id in ("a1", "a2"):
        await gateway.start(call_id)
        for _ in range(2):
            await gateway.end(call_id, seconds=100)
            await gateway.end(call_id, seconds=101)

    assert await counted(gateway) == {"seconds_bounded": 2, "end_differs": 2}


async def test_an_end_without_a_start_is_counted_once_by_each_flag(gateway: Gateway) -> None:
    await gateway.end("a1", cause="no_answer", seconds=0)
    await gateway.end("a1", seconds=61)
    await gateway.start("a1")

    assert await counted(gateway) == {"no_start": 1, "end_differs": 1}


async def test_an_end_that_tells_of_its_start_is_counted(gateway: Gateway) -> None:
    await gateway.end("a1", seconds=61, **TOLD_WHOLE)

    assert await counted(gateway) == {"no_start": 1}


async def test_a_reused_id_is_counted_for_both_calls(gateway: Gateway) -> None:
    await gateway.start("a1")
    for _ in range(2):
        await gateway.start("a1", "+442079460001")

    assert await counted(gateway) == {"id_reused": 2}


async def test_a_refused_call_that_talks_is_counted_once(gateway: Gateway) -> None:
    await gateway.start("a1", DEAR)
    for _ in range(2):
        await gateway.end("a1", seconds=600)

    assert await counted(gateway) == {"refused": 1}


async def test_an_end_that_comes_late_is_counted(gateway: Gateway) -> None:
    await gateway.start("a1", connection="trunk")
    gateway.clock.advance(LATE_S)
    await gateway.reconcile()
    await gateway.end("a1", connection="trunk", seconds=10)

    assert (await counted(gateway))["end_late"] == 1
