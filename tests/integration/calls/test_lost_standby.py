"""The only synchronous standby is lost: every commit waits, and no connection is left behind for that."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import pytest

from gateway.app import PATIENCE, POOL_SIZE
from gateway.postgres.types import Pool
from tests.support import world
from tests.support.postgres import DatabaseServer
from tests.support.processes import until
from tests.support.running import Gateway, gateway_on

LINE = "+15550100001"
OURS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gateway'"
LATEST_S = 1.5


@pytest.fixture
async def gateway(dsn: str, pool: Pool, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway whose commits wait for a standby, where the server says that there is one."""
    async with pool.acquire() as conn:
        await world.number(conn, await world.account(conn), LINE)
        await world.rate(conn, "44")
        await conn.execute(
            f'ALTER DATABASE "{await conn.fetchval("SELECT current_database()")}" SET synchronous_commit = on'
        )
    async with gateway_on(dsn, tmp_path, patience=PATIENCE) as gateway:
        yield gateway


@asynccontextmanager
async def lost_standby(postgres: DatabaseServer) -> AsyncIterator[None]:
    await _await_standby(postgres, "nobody")
    try:
        yield
    finally:
        await _await_standby(postgres, "")


async def _await_standby(postgres: DatabaseServer, name: str) -> None:
    await postgres.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{name}'")
    await postgres.execute("SELECT pg_reload_conf()")
    conn = await asyncpg.connect(postgres.admin_dsn)
    try:
        await until(lambda: conn.fetchval("SELECT current_setting('synchronous_standby_names') = $1", name), 10)
    finally:
        await conn.close()


async def test_r34_starts_are_refused_in_time_and_ends_kept_and_no_connection_is_left_behind(
    gateway: Gateway, pool: Pool, postgres: DatabaseServer
) -> None:
    await gateway.start("up", caller=LINE)
    seconds: list[float] = []
    counts: list[int] = []
    async with lost_standby(postgres):
        began_at = time.monotonic()
        while time.monotonic() < began_at + 6:
            began = time.monotonic()
            told = await gateway.start(f"a{len(seconds)}", caller=LINE)
            seconds.append(time.monotonic() - began)
            assert told["reason"] == "unavailable"
            assert await gateway.end("up", seconds=1) == {"call_id": "up"}
            counts.append(await pool.fetchval(OURS))
            await asyncio.sleep(0.05)

    await gateway.replay()
    assert await pool.fetchval("SELECT count(*) FROM live_call") == 0
    assert await pool.fetchval("SELECT array_agg(DISTINCT reason) FROM call WHERE provider_call_id <> 'up'") == [
        "unavailable"
    ]
    assert max(seconds) < LATEST_S
    assert max(counts) <= POOL_SIZE
    assert len(seconds) > 5
