"""The network does what it is told: it passes on, delays, loses a connection after some bytes, or in its COMMIT."""

import asyncio
import contextlib
import struct
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.chaos.proxy import AtCommit, CommitTrap, Link, open_link

STARTUP = struct.pack("!II", 8, 196608)
COMMIT = b"Q" + struct.pack("!I", 11) + b"COMMIT\0"
HELLO = b"Q" + struct.pack("!I", 10) + b"HELLO\0"


class Server:
    """Remembers what it got, and gives it back."""

    def __init__(self) -> None:
        self.got = b""
        self.left = asyncio.Event()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError):
            while piece := await reader.read(1024):
                self.got += piece
                writer.write(piece)
        writer.close()
        self.left.set()


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    running = Server()
    async with await asyncio.start_unix_server(running.accept, tmp_path / "socket"):
        yield running


@pytest.fixture
async def link(server: Server, tmp_path: Path) -> AsyncIterator[Link]:
    async with open_link([str(tmp_path / "socket")], " ".join) as opened:
        yield opened


async def said(link: Link, *pieces: bytes) -> bytes:
    """What comes back for these; what came before a reset is lost with it."""
    reader, writer = await asyncio.open_connection(*link.dsn.split(":"))
    try:
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
        return await asyncio.wait_for(reader.readexactly(sum(map(len, pieces))), 0.5)
    except ConnectionError:
        return b"reset"
    finally:
        writer.close()


async def test_what_is_said_goes_through(server: Server, link: Link) -> None:
    assert await said(link, STARTUP, HELLO) == STARTUP + HELLO == server.got


async def test_a_far_away_server_answers_later(server: Server, link: Link) -> None:
    link.delay_s = 0.05
    begun_at = time.monotonic()

    assert await said(link, STARTUP) == STARTUP
    assert time.monotonic() - begun_at >= 0.1


async def test_a_connection_is_lost_after_some_bytes(server: Server, link: Link) -> None:
    link.cut_after = len(STARTUP) * 2

    assert await said(link, STARTUP + HELLO) == b"reset"


async def test_in_the_dark_nothing_comes_until_there_is_light(server: Server, link: Link) -> None:
    link.darken()
    asking = asyncio.create_task(said(link, STARTUP))
    await asyncio.sleep(0.05)
    assert server.got == b""

    link.heal()

    assert await asking == STARTUP


async def test_who_is_gone_leaves_no_connection_at_the_server(server: Server, link: Link) -> None:
    link.darken()
    _, writer = await asyncio.open_connection(*link.dsn.split(":"))
    await asyncio.sleep(0.05)
    writer.transport.abort()

    link.heal()

    await asyncio.wait_for(server.left.wait(), 5)


async def test_what_a_server_says_last_arrives_before_its_end(tmp_path: Path) -> None:
    last_words = bytes(1_000_000)

    async def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(last_words)
        writer.close()

    async with (
        await asyncio.start_unix_server(accept, tmp_path / "leaving"),
        open_link([str(tmp_path / "leaving")], " ".join) as link,
    ):
        reader, writer = await asyncio.open_connection(*link.dsn.split(":"))

        assert await asyncio.wait_for(reader.read(-1), 5) == last_words
        writer.close()


async def test_where_nothing_can_be_reached_a_connection_is_reset(server: Server, link: Link) -> None:
    link.is_closed = True

    assert await said(link, STARTUP) == b"reset"


@pytest.mark.parametrize(
    ("how", "has_it"), [(AtCommit.LOST_BEFORE, False), (AtCommit.LOST_AFTER, True), (AtCommit.UNANSWERED, True)]
)
async def test_a_commit_is_met(server: Server, link: Link, how: AtCommit, *, has_it: bool) -> None:
    link.trap = CommitTrap(how)

    if how is AtCommit.UNANSWERED:
        with pytest.raises(TimeoutError):
            await said(link, STARTUP + COMMIT)
    else:
        assert await said(link, STARTUP + COMMIT) == b"reset"

    assert server.got.endswith(COMMIT) is has_it
    assert await said(link, STARTUP + COMMIT) == STARTUP + COMMIT
