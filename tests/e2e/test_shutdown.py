"""SIGTERM: webhooks under way are finished, new ones refused, and nothing that was acknowledged is lost."""

import asyncio
import signal
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.support.load import Load
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

CALLERS = ("+15550100001", "+15550100002")
WITHIN_S = 10.0


@pytest.fixture
async def pbx() -> AsyncIterator[Provider]:
    async with provider() as opened:
        yield opened


@pytest.fixture
async def installation(dsn: str, tmp_path: Path) -> Installation:
    async with connected(dsn) as conn:
        await a_rate(conn)
        await an_account(conn, *CALLERS)
    return Installation(data=tmp_path, database_url=dsn)


async def test_under_load_nothing_that_was_acknowledged_is_lost(
    installation: Installation, dsn: str, pbx: Provider
) -> None:
    load = Load(pbx, CALLERS)
    for _ in range(3):
        async with installation.serve() as gateway:
            await load.resume(gateway.url)
            async with load.on(gateway.url):
                await asyncio.sleep(1)
                assert await gateway.stop() == 0

    async with installation.serve() as gateway, connected(dsn) as conn:
        await load.resume(gateway.url)
        assert {told.status for told in load.other} <= {503}
        starts, ends = load.acknowledged
        assert starts == ends == len(load.calls) > 50
        await load.assert_kept(conn)
        await assert_books_are_right(conn)
        assert await conn.fetchval("SELECT sum(held) FROM account") == 0


async def test_webhooks_under_way_are_finished_and_new_ones_refused(
    installation: Installation, dsn: str, pbx: Provider
) -> None:
    async with installation.serve() as gateway, connected(dsn) as conn:
        assert (await pbx.start(gateway.url, "a1", caller=CALLERS[0])).reply["action"] == "connect"

        async with conn.transaction():
            await conn.execute("SELECT FROM account FOR UPDATE")
            under_way = asyncio.create_task(pbx.end(gateway.url, "a1", seconds=90))
            await asyncio.sleep(0.2)  # it has reached the lock
            gateway.signal(signal.SIGTERM)
            await until(lambda: bool(gateway.events("server.stopping")))
            refused = await pbx.start(gateway.url, "a2", caller=CALLERS[0])
            not_ready = await pbx.get(gateway.url, "/readyz")
        told = await under_way

        assert (refused.status, refused.body) == (503, b"")
        assert (not_ready.status, not_ready.reply["problems"]) == (503, ["the process is stopping"])
        assert told.reply["charged"] == "0.060000"
        assert await gateway.wait(WITHIN_S) == 0
        assert await conn.fetchval("SELECT count(*) FROM call WHERE provider_call_id = 'a2'") == 0


async def test_a_provider_that_hangs_does_not_keep_the_workers(dsn: str, tmp_path: Path, pbx: Provider) -> None:
    async def swallow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    asked = asyncio.Event()
    server = await asyncio.start_server(swallow, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/control"
    installation = Installation(data=tmp_path, database_url=dsn, control_url=url)
    async with server, connected(dsn) as conn:
        await a_rate(conn)
        await an_account(conn, *CALLERS)
        async with installation.serve() as gateway:
            for number in range(200):
                await pbx.start(gateway.url, f"a{number}", caller=CALLERS[0], connection="pbx")
            await conn.execute("UPDATE live_call SET must_end_at = now(), cut_next_at = now()")
            await asyncio.wait_for(asked.wait(), 10)

            begin = asyncio.get_running_loop().time()
            assert await gateway.stop() == 0
            assert asyncio.get_running_loop().time() - begin < WITHIN_S


async def test_workers_stop_promptly(installation: Installation) -> None:
    async with installation.run("work") as worker:
        await until(lambda: bool(worker.events("server.started")))

        begin = asyncio.get_running_loop().time()
        assert await worker.stop() == 0
        assert asyncio.get_running_loop().time() - begin < 2
