"""The clock of a machine may be wrong: calls, holds and deadlines go by the database's (R18, R38)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from tests.support import world
from tests.support.processes import Installation, Provider, a_rate, an_account, connected, provider, until
from tests.support.running import FakeProvider, fake_provider

D = Decimal
CALLER = "+15550100001"
FAKETIME = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))

pytestmark = pytest.mark.skipif(not FAKETIME, reason="there is no libfaketime, by which a machine's clock is wrong")


@pytest.fixture
async def pbx() -> AsyncIterator[Provider]:
    async with provider() as opened:
        yield opened


@pytest.fixture
async def switch() -> AsyncIterator[FakeProvider]:
    async with fake_provider() as running:
        yield running


@pytest.fixture
async def installation(dsn: str, tmp_path: Path, switch: FakeProvider) -> Installation:
    async with connected(dsn) as conn:
        await a_rate(conn)
        await an_account(conn, CALLER, balance="10")
    return Installation(data=tmp_path, database_url=dsn, control_url=switch.url)


def wrong(installation: Installation, tmp_path: Path, by: str) -> Installation:
    """The same on a machine whose clock is wrong by so much."""
    environment = {"LD_PRELOAD": str(FAKETIME[0]), "FAKETIME": by, "DONT_FAKE_MONOTONIC": "1"}
    environment |= {"FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    return replace(installation, data=tmp_path / "wrong", environment=environment)


@pytest.mark.parametrize("by", ["+600s", "-600s"])
async def test_r38_a_process_with_a_wrong_clock_does_no_harm_to_the_calls_of_others(
    by: str, installation: Installation, tmp_path: Path, pbx: Provider, switch: FakeProvider
) -> None:
    async with installation.serve() as right, wrong(installation, tmp_path, by).serve() as other:
        started = await pbx.start(right.url, "a1", caller=CALLER, connection="pbx")
        mine = await pbx.start(other.url, "a2", caller=CALLER, connection="pbx")
        await pbx.answer(right.url, "a1", connection="pbx")
        assert (started.reply["action"], mine.reply["action"]) == ("connect", "connect")
        assert installation.database_url is not None
        async with connected(installation.database_url) as conn:
            before = await conn.fetch("SELECT hold, must_end_at FROM live_call ORDER BY call_id")
            account = await conn.fetchval("SELECT id FROM account")

            await asyncio.sleep(3)

            assert await conn.fetch("SELECT hold, must_end_at FROM live_call ORDER BY call_id") == before
            assert switch.hang_ups() == []
            instants = await conn.fetch("SELECT started_at - clock_timestamp() AS ago FROM call")
            assert all(-20 < row["ago"].total_seconds() < 0 for row in instants)
            for url, call_id in ((other.url, "a1"), (right.url, "a2")):
                assert (await pbx.end(url, call_id, seconds=60, connection="pbx")).status == 200
            assert await world.money(conn, account) == (D(10) - 2 * D("0.03"), D(0))
        ready = await pbx.get(other.url, "/readyz")
        assert (ready.status, ready.reply["warnings"]) == (
            200,
            [f"this machine's clock is {by[0]}600.0 s from the database's, which counts"],
        )
        (apart,) = other.events("clock.apart")
        assert abs(apart["machine_ahead_s"] - float(by[:-1])) < 1


async def test_r18_a_process_with_a_clock_behind_cuts_in_time(
    installation: Installation, tmp_path: Path, pbx: Provider, switch: FakeProvider
) -> None:
    short = replace(installation, limits={"call_seconds_max": 2})
    async with wrong(short, tmp_path, "-600s").serve() as only:
        await pbx.start(only.url, "a1", caller=CALLER, connection="pbx")

        await until(lambda: switch.hang_ups() == [("a1", "limit")], 6)
