"""The network between a gateway and its database: a TCP proxy that delays, cuts, swallows and resets, when it is told.

It reads enough of PostgreSQL's frontend protocol to know a COMMIT, so that a connection can be lost exactly there.
"""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

CHUNK = 65536
# The path of a socket, or a host and a port.
Target = str | tuple[str, int]
LENGTH = struct.Struct("!I")
# What a client sends before it says who it is: these two have an answer of one byte, and another first message follows.
ASKS_FOR_TLS = frozenset({80877103, 80877104})
AT_ONCE = struct.pack("ii", 1, 0)


class AtCommit(StrEnum):
    """What becomes of a connection in its COMMIT."""

    LOST_BEFORE = "lost before the server has it"
    LOST_AFTER = "lost after the server has it, before its answer"
    UNANSWERED = "the server has it, and its answer never comes"


@dataclass(slots=True)
class CommitTrap:
    """The next `left` commits are met so, after `passed` that are let through."""

    how: AtCommit
    passed: int = 0
    left: int = 1

    def springs(self) -> bool:
        if self.passed:
            self.passed -= 1
            return False
        self.left -= 1
        return self.left >= 0


class FrontendReader:
    """Finds the COMMIT in what a client sends, wherever the pieces were cut."""

    def __init__(self) -> None:
        self._unread = bytearray()
        self._is_introduced = False

    def holds_commit(self, piece: bytes) -> bool:
        """Whether a COMMIT is complete with this piece."""
        self._unread += piece
        found = False
        while (message := self._next_message()) is not None:
            found = found or _is_commit(message)
        return found

    def _next_message(self) -> bytes | None:
        kind_length = 1 if self._is_introduced else 0
        if len(self._unread) < kind_length + LENGTH.size:
            return None
        end = kind_length + LENGTH.unpack_from(self._unread, kind_length)[0]
        if len(self._unread) < end:
            return None
        message = bytes(self._unread[:end])
        del self._unread[:end]
        if not self._is_introduced:
            self._is_introduced = LENGTH.unpack_from(message, LENGTH.size)[0] not in ASKS_FOR_TLS
            return b""
        return message


def _is_commit(message: bytes) -> bool:
    """A simple query, or one to be prepared under whatever name."""
    if message[:1] == b"Q":
        return message[5:11].upper() == b"COMMIT"
    return message[:1] == b"P" and message[5:].partition(b"\0")[2][:6].upper() == b"COMMIT"


@dataclass(slots=True, eq=False)
class Link:
    """The network of one gateway. All that is wrong with it is a field, and nothing is wrong at first."""

    delay_s: float = 0.0
    is_dark: bool = False
    is_closed: bool = False
    cut_after: int | None = None
    trap: CommitTrap | None = None
    dsn: str = ""
    _pairs: set["_Pair"] = field(default_factory=set)
    _light: asyncio.Event = field(default_factory=asyncio.Event)

    def heal(self) -> None:
        """Nothing is wrong any more; what waited in the dark goes on."""
        self.delay_s, self.is_dark, self.is_closed, self.cut_after, self.trap = 0.0, False, False, None, None
        self._light.set()

    def darken(self) -> None:
        self.is_dark = True
        self._light.clear()

    def reset(self) -> None:
        """Every connection is reset, as by a firewall that forgot them."""
        for pair in list(self._pairs):
            pair.reset()

    async def pass_on(self, count: int) -> bool:
        """Whether so many bytes still go through, after the delay there is."""
        while self.is_dark:
            await self._light.wait()
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.cut_after is not None:
            self.cut_after -= count
            return self.cut_after >= 0
        return True

    async def accept(self, target: Target, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_closed:
            _abort(writer)
            return
        while self.is_dark:
            await self._light.wait()
        try:
            server_reader, server_writer = await _connect(target)
        except OSError:
            _abort(writer)
            return
        pair = _Pair(self, writer, server_writer)
        self._pairs.add(pair)
        try:
            await pair.run(reader, server_reader)
        finally:
            self._pairs.discard(pair)


class _Pair:
    """One connection of a client, and the one to the server that belongs to it."""

    def __init__(self, link: Link, client: asyncio.StreamWriter, server: asyncio.StreamWriter) -> None:
        self._link = link
        self._client = client
        self._server = server
        self._frontend = FrontendReader()
        self._is_mute = False

    async def run(self, from_client: asyncio.StreamReader, from_server: asyncio.StreamReader) -> None:
        await asyncio.gather(
            self._until_lost(self._send_up(from_client)), self._until_lost(self._send_down(from_server))
        )
        self.reset()

    async def _until_lost(self, sending: Awaitable[None]) -> None:
        try:
            await sending
        except (OSError, RuntimeError):  # the latter is uvloop's word for a transport that was reset meanwhile
            self.reset()

    async def _send_up(self, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(CHUNK):
            is_trapped = (
                self._frontend.holds_commit(piece) and self._link.trap is not None and self._link.trap.springs()
            )
            if not await self._link.pass_on(len(piece)):
                self.reset()
                return
            if is_trapped and self._link.trap is not None and not await self._meet_commit(piece, self._link.trap.how):
                return
            if not is_trapped:
                self._server.write(piece)
                await self._server.drain()
        self._server.close()

    async def _meet_commit(self, piece: bytes, how: AtCommit) -> bool:
        """Whether the connection is still there."""
        if how is not AtCommit.LOST_BEFORE:
            self._is_mute = True
            self._server.write(piece)
            await self._server.drain()
        if how is AtCommit.LOST_AFTER:
            # The server has read what was written when it says so; a moment does for it to be on its disk.
            await asyncio.sleep(0.02)
        if how is not AtCommit.UNANSWERED:
            self.reset()
        return how is AtCommit.UNANSWERED

    async def _send_down(self, reader: asyncio.StreamReader) -> None:
        while piece := await reader.read(CHUNK):
            if not await self._link.pass_on(len(piece)):
                self.reset()
                return
            if not self._is_mute:
                self._client.write(piece)
                await self._client.drain()
        self._client.close()

    def reset(self) -> None:
        _abort(self._client)
        self._server.transport.abort()


async def _connect(target: Target) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if isinstance(target, str):
        return await asyncio.open_unix_connection(target)
    return await asyncio.open_connection(*target)


def _abort(writer: asyncio.StreamWriter) -> None:
    """Close with a reset instead of a good-bye, unless that was said already."""
    if not writer.transport.is_closing():
        with contextlib.suppress(OSError):
            writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    writer.transport.abort()


@asynccontextmanager
async def open_link(targets: Sequence[Target], url_by: Callable[[Sequence[str]], str]) -> AsyncIterator[Link]:
    """A link to a server, or to several; `url_by` makes the URL of the addresses by which they are reached."""
    link = Link()
    listening = [await asyncio.start_server(partial(link.accept, target), "127.0.0.1", 0) for target in targets]
    link.dsn = url_by(["{}:{}".format(*each.sockets[0].getsockname()[:2]) for each in listening])
    try:
        yield link
    finally:
        for each in listening:
            each.close()
        link.heal()
        link.reset()
