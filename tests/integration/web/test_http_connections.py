"""Connections that say nothing, or too little, are closed; and they keep nobody out."""

import asyncio
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from gateway.app import POOL_SIZE
from gateway.web.crowd import PATIENCE_S, Phase
from tests.integration.web.sockets import GET, HALF_A_BODY, HALF_A_HEADER, door

TIMEOUT = b"HTTP/1.1 408 Request Timeout\r\n"


def impatient(phase: Phase) -> "dict[Phase, float]":
    """With a moment for this, and as long as ever for the rest."""
    return dict(PATIENCE_S) | {phase: 0.05}


@pytest.mark.parametrize(
    ("phase", "said", "heard"),
    [(Phase.IDLE, b"", b""), (Phase.HEADER, HALF_A_HEADER, TIMEOUT), (Phase.BODY, HALF_A_BODY, TIMEOUT)],
    ids=["idle", "header", "body"],
)
async def test_a_connection_that_says_too_little_for_too_long_is_closed(
    dsn: str, tmp_path: Path, phase: Phase, said: bytes, heard: bytes
) -> None:
    async with door(dsn, tmp_path, patience_s=impatient(phase)) as at:
        client = await at.client(said)

        assert (await client.rest()).startswith(heard)
        assert at.figure("gateway_http_closed_total", why=phase.value) == 1


async def test_a_connection_is_closed_that_had_a_reply_and_asks_no_more(dsn: str, tmp_path: Path) -> None:
    async with door(dsn, tmp_path, patience_s=impatient(Phase.IDLE)) as at:
        client = await at.client(GET)

        assert (await client.reply()).endswith(b'{"live": true}')
        assert await client.rest() == b""


async def test_a_header_that_drips_is_too_slow_however_often_a_byte_comes(dsn: str, tmp_path: Path) -> None:
    async with door(dsn, tmp_path, patience_s=impatient(Phase.HEADER)) as at:
        client = await at.client(b"GET /livez HTTP/1.1\r\n")
        for _ in range(1000):
            if client.writer.is_closing() or at.figure("gateway_http_closed_total", why="header"):
                break
            client.send(b"X-Drip: 1\r\n")
            await asyncio.sleep(0.01)

        assert at.figure("gateway_http_closed_total", why="header") == 1


async def test_a_reply_that_nobody_reads_ends_with_its_connection(dsn: str, tmp_path: Path) -> None:
    patience_s = dict(PATIENCE_S) | {Phase.WORK: 0.05, Phase.CLOSING: 0.05}
    async with door(dsn, tmp_path, patience_s=patience_s, sends_at_once=4096) as at:
        client = await at.client(receives_at_once=4096)
        client.writer.transport.pause_reading()
        client.send(b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n" * 100)

        await at.until("gateway_http_connections", 0)


async def test_open_connections_are_counted(dsn: str, tmp_path: Path) -> None:
    async with door(dsn, tmp_path, places=100) as at:
        clients = [await at.client(GET) for _ in range(3)]
        for client in clients:
            await client.reply()

        assert at.figure("gateway_http_connections") == 3
        assert at.figure("gateway_http_places") == 100
        for client in clients:
            await client.close()
        await at.until("gateway_http_connections", 0)


@pytest.mark.parametrize("said", [b"", HALF_A_HEADER, HALF_A_BODY], ids=["nothing", "header", "body"])
async def test_connections_that_say_nothing_or_half_keep_nobody_out(dsn: str, tmp_path: Path, said: bytes) -> None:
    async with door(dsn, tmp_path, places=5) as at:
        for _ in range(50):
            await at.client(said)

        assert all([await at.replies() for _ in range(10)])
        assert at.figure("gateway_http_connections") <= 5 + 8
        assert at.figure("gateway_http_closed_total", why="crowded") >= 45


async def test_whoever_has_asked_nothing_for_the_longest_makes_room(dsn: str, tmp_path: Path) -> None:
    async with door(dsn, tmp_path, places=2) as at:
        older, newer = await at.client(), await at.client()
        for client in (newer, older, newer):
            client.send(GET)
            await client.reply()

        assert await at.replies()

        assert await older.rest() == b""
        assert not newer.reader.at_eof()


async def test_newcomers_wait_while_every_place_is_taken_by_a_request(dsn: str, tmp_path: Path) -> None:
    async with door(dsn, tmp_path, places=1) as at, AsyncExitStack() as taken:
        for _ in range(POOL_SIZE):
            await taken.enter_async_context(at.process.context.pool.acquire())
        busy = await at.client(b"GET /readyz HTTP/1.1\r\nHost: gateway\r\n\r\n")
        await asyncio.sleep(0.05)
        newcomer = asyncio.create_task(at.replies())
        await asyncio.sleep(0.1)
        assert not newcomer.done()

        await taken.aclose()
        await busy.reply()

        assert await newcomer
