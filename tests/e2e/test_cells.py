"""Two cells behind HAProxy: the webhooks of a connection reach the cell that it belongs to, and a cell fails alone."""

import asyncio
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
import pytest

from gateway.postgres import cells as rows
from gateway.usecases.cells import begin_cell, compare_cells
from tests.support.actors import CLERK
from tests.support.postgres import DatabaseServer
from tests.support.processes import (
    SECRET,
    GatewayProcess,
    Installation,
    Provider,
    a_rate,
    an_account,
    connected,
    provider,
    until,
)
from tests.support.world import NOON

HAPROXY = shutil.which("haproxy") or shutil.which("haproxy", path="/usr/sbin")
PAGE = Path(__file__).parents[2] / "gateway/docs/how-to/run-cells.md"

pytestmark = pytest.mark.skipif(HAPROXY is None, reason="HAProxy is not installed: apt-get install haproxy")


@pytest.fixture
async def databases(postgres: DatabaseServer) -> AsyncIterator[list[str]]:
    async with postgres.database() as first, postgres.database() as second:
        for number, dsn in enumerate((first, second), start=1):
            async with connected(dsn) as conn:
                await begin_cell(conn, number, actor=CLERK, now=NOON)
                await a_rate(conn)
                await an_account(conn, f"+1555010000{number}")
        yield [first, second]


@pytest.fixture
async def gateways(databases: list[str], tmp_path: Path) -> AsyncIterator[list[GatewayProcess]]:
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                Installation(
                    data=tmp_path / f"cell{number}",
                    database_url=dsn,
                    connections=f'[connections.switch{number}]\nkind = "native"\nsecrets = ["{SECRET}"]\n',
                ).serve()
            )
            for number, dsn in enumerate(databases, start=1)
        ]


@pytest.fixture
def front(gateways: list[GatewayProcess], tmp_path: Path) -> Iterator[str]:
    """HAProxy with the configuration of the docs, but for its addresses; its URL."""
    text = PAGE.read_text().partition("```haproxy\n")[2].partition("```")[0]
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    cells = tmp_path / "cells.map"
    cells.write_text("switch1 cell1\nswitch2 cell2\n")
    text = text.replace("/etc/haproxy/cells.map", str(cells)).replace("*:8080", f"127.0.0.1:{port}")
    for number, gateway in enumerate(gateways, start=1):
        text = text.replace(f"10.0.{number}.1:8080", urlsplit(gateway.url).netloc)
    (tmp_path / "haproxy.cfg").write_text(text)
    with _running(tmp_path / "haproxy.cfg"):
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _running(config: Path) -> Iterator[None]:
    assert HAPROXY is not None
    process = subprocess.Popen([HAPROXY, "-db", "-f", config], stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


async def _start(pbx: Provider, front: str, number: int, call_id: str) -> dict[str, object]:
    told = await pbx.start(front, call_id, caller=f"+1555010000{number}", connection=f"switch{number}")
    return told.reply if told.status == 200 else {"status": told.status}


async def test_each_connection_reaches_its_cell_and_one_cell_fails_alone(
    front: str, gateways: list[GatewayProcess], databases: list[str]
) -> None:
    async with provider() as pbx:

        async def is_open() -> bool:
            try:
                return (await _start(pbx, front, 1, "first"))["action"] == "connect"
            except (aiohttp.ClientError, KeyError):
                return False

        await until(is_open)
        replies = await asyncio.gather(*(_start(pbx, front, 1 + at % 2, f"call{at}") for at in range(10)))
        assert {each["action"] for each in replies} == {"connect"}
        assert (await pbx.start(front, "lost", caller="+15550100001", connection="nobody")).status == 503
        await gateways[1].stop()
        assert await _start(pbx, front, 2, "late") == {"status": 503}
        assert (await _start(pbx, front, 1, "other"))["action"] == "connect"
    found = []
    for number, dsn in enumerate(databases, start=1):
        async with connected(dsn) as conn:
            ids = [row["id"] for row in await conn.fetch("SELECT id FROM call")]
            assert {each // 10**13 for each in ids} == {number}
            assert len(ids) == (7 if number == 1 else 5)
            await conn.execute("DELETE FROM connection_hooks WHERE connection IN ('pbx', 'trunk')")
            found.append(await rows.read(conn))
    assert compare_cells(found).ok
