"""A standby is promoted while the old primary hangs: it takes connections and answers nothing."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from gateway.postgres.migrate import migrate
from tests.support.postgres import throwaway_directory
from tests.support.processes import (
    Installation,
    Provider,
    a_rate,
    an_account,
    assert_books_are_right,
    connected,
    provider,
    until,
)
from tests.support.replication import Server, dsn_of, primary_and_standby

CALLER = "+15550100001"
# From the promotion to the first call that is connected.
BACK_WITHIN_S = 7.0


@dataclass(frozen=True, kw_only=True)
class Site:
    first: Server
    second: Server
    installation: Installation
    pbx: Provider


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    with throwaway_directory(memory=True) as directory:
        async with primary_and_standby(directory) as (first, second), provider() as pbx:
            await migrate(first.dsn)
            async with connected(first.dsn) as conn:
                await a_rate(conn)
                await an_account(conn, CALLER, balance="100000")
            installation = Installation(data=directory / "gateway", database_url=dsn_of(first, second))
            yield Site(first=first, second=second, installation=installation, pbx=pbx)


@pytest.mark.timeout(90)
async def test_starts_are_back_in_seconds_after_a_promotion_while_the_old_primary_hangs(site):
    async with site.installation.serve() as gateway:
        url = gateway.url
        for number in range(20):
            told = await site.pbx.start(url, f"before-{number}", caller=CALLER)
            assert told.reply["action"] == "connect"
        await site.first.wait_for(site.second)

        site.first.hang()
        ends = await asyncio.gather(*(site.pbx.end(url, f"before-{number}", seconds=90) for number in range(20)))
        refused = await site.pbx.start(url, "refused", caller=CALLER)
        await site.second.execute("SELECT pg_promote()")
        seconds = await _seconds_until_a_call_is_connected(site, url)

        assert seconds < BACK_WITHIN_S
        assert {told.status for told in ends} == {200}
        assert refused.reply["reason"] == "unavailable"
        # Workers use the same pool: the spool becomes empty and the process is ready.
        await until(lambda: _is_ready_and_empty(site, url))
        async with connected(site.second.dsn) as conn:
            assert await conn.fetchval("SELECT count(*) FROM call WHERE state = 'ended' AND reported_s = 90") == 20
            await assert_books_are_right(conn)
        assert await gateway.stop() == 0


async def _seconds_until_a_call_is_connected(site: Site, url: str) -> float:
    begin = time.monotonic()
    for number in range(1000):
        told = await site.pbx.start(url, f"after-{number}", caller=CALLER)
        if told.reply["action"] == "connect":
            break
        assert told.reply["reason"] == "unavailable"
        await asyncio.sleep(0.1)
    return time.monotonic() - begin


async def _is_ready_and_empty(site: Site, url: str) -> bool:
    ready = await site.pbx.get(url, "/readyz")
    return ready.status == 200 and ready.reply["spool_records"] == 0
