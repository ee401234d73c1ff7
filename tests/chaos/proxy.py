"""The network between a gateway and its database: a TCP proxy that delays, cuts, swallows and resets, when it is told.

It reads enough of PostgreSQL's frontend protocol to know a COMMIT, so that a connection can be lost exactly there.
"""

import asyncio
import contextlib
import socket
import struct
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import cast

from tests.chaos.frontend import FrontendReader

# The path of a socket, or a host and a port.
Target = str | tuple[str, int]
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

    @property
    def is_clear(self) -> bool:
        """Whether whatever is sent goes through at once."""
        return not (self.is_dark or self.delay_s) and self.cut_after is None

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

    async def until_light(self) -> None:
        while self.is_dark:
            await self._light.wait()

    async def pass_on(self, count: int) -> bool:
        """Whether so many bytes still go through, after the delay there is."""
        await self.until_light()
        if self.delay_s:
            await asyncio.sleep(self.delay_s)
        if self.cut_after is not None:
            self.cut_after -= count
            return self.cut_after >= 0
        return True

    def accept(self, target: Target) -> asyncio.Protocol:
        """What takes a new connection of the client's."""
        return _Pair(self, target).client

    def keep(self, pair: "_Pair") -> None:
        self._pairs.add(pair)

    def forget(self, pair: "_Pair") -> None:
        self._pairs.discard(pair)


class _Side(asyncio.Protocol):
    """One side of a connection. While `passing` goes on, what comes has to wait for its turn in `waiting`."""

    def __init__(self, pair: "_Pair") -> None:
        self._pair = pair
        self.transport: asyncio.Transport | None = None
        self.passing: asyncio.Task[None] | None = None
        self.waiting: deque[tuple[bytes, AtCommit | None]] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)  # uvloop's is none of asyncio's
        if self is self._pair.client:
            self._pair.begin()

    def data_received(self, data: bytes) -> None:
        self._pair.take(self, data)

    def eof_received(self) -> bool:
        self._pair.take(self, b"")
        return True  # what the other side still has to say goes through

    def connection_lost(self, exc: Exception | None) -> None:
        self._pair.end(is_reset=exc is not None)

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_closing()

    def close(self) -> None:
        if self.transport is not None:
            self.transport.close()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()


class _Pair:
    """One connection of a client, and the one to the server that belongs to it."""

    def __init__(self, link: Link, target: Target) -> None:
        self._link = link
        self._target = target
        self.client = _Side(self)
        self.server = _Side(self)
        self._frontend = FrontendReader()
        self._is_mute = False

    def begin(self) -> None:
        if self._link.is_closed:
            self.reset()
        else:
            self.client.passing = asyncio.create_task(self._connect())

    async def _connect(self) -> None:
        await self._link.until_light()
        try:
            await _connected(self._target, self.server)
        except OSError:
            self.reset()
            return
        if not self.client.is_open:
            self.server.abort()
            return
        self._link.keep(self)
        await self._pass(self.client)

    def take(self, side: _Side, piece: bytes) -> None:
        """Pass a piece on, or the end, which is none: at once where nothing is wrong and none waits before it."""
        how = self._trapped(piece) if side is self.client else None
        if side.passing is None and how is None and self._link.is_clear:
            self._forward(side, piece)
            return
        side.waiting.append((piece, how))
        if side.passing is None:
            side.passing = asyncio.create_task(self._pass(side))

    def _trapped(self, piece: bytes) -> AtCommit | None:
        trap = self._link.trap
        return trap.how if self._frontend.holds_commit(piece) and trap is not None and trap.springs() else None

    async def _pass(self, side: _Side) -> None:
        """Pass on what waits, in its order and as the network lets it; what follows stays with its sender."""
        if side.transport is not None and side.is_open:
            side.transport.pause_reading()
        while side.waiting:
            piece, how = side.waiting.popleft()
            if piece and not await self._link.pass_on(len(piece)):
                self.reset()
                return
            if how is None:
                self._forward(side, piece)
            else:
                await self._meet_commit(piece, how)
        side.passing = None
        if side.transport is not None and side.is_open:
            side.transport.resume_reading()

    def _forward(self, side: _Side, piece: bytes) -> None:
        other = self.server if side is self.client else self.client
        if not piece:
            other.close()
        elif other.transport is not None and other.is_open and not (self._is_mute and other is self.client):
            other.transport.write(piece)

    async def _meet_commit(self, piece: bytes, how: AtCommit) -> None:
        if how is not AtCommit.LOST_BEFORE:
            self._is_mute = True
            self._forward(self.client, piece)
        if how is AtCommit.LOST_AFTER:
            # The server has read what was written when it says so; a moment does for it to be on its disk.
            await asyncio.sleep(0.02)
        if how is not AtCommit.UNANSWERED:
            self.reset()

    def end(self, *, is_reset: bool) -> None:
        """A side is gone, and so is the other one, when it has what was said to it."""
        self._link.forget(self)
        if is_reset:
            self.reset()
        else:
            self.client.close()
            self.server.close()

    def reset(self) -> None:
        """Close with a reset instead of a good-bye, unless that was said already."""
        if self.client.transport is not None and self.client.is_open:
            with contextlib.suppress(OSError):
                own = self.client.transport.get_extra_info("socket")
                own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        self.client.abort()
        self.server.abort()


async def _connected(target: Target, server: _Side) -> None:
    loop = asyncio.get_running_loop()
    if isinstance(target, str):
        await loop.create_unix_connection(lambda: server, target)
    else:
        await loop.create_connection(lambda: server, *target)


@asynccontextmanager
async def open_link(targets: Sequence[Target], url_by: Callable[[Sequence[str]], str]) -> AsyncIterator[Link]:
    """A link to a server, or to several; `url_by` makes the URL of the addresses by which they are reached."""
    link, loop = Link(), asyncio.get_running_loop()
    listening = [await loop.create_server(partial(link.accept, target), "127.0.0.1", 0) for target in targets]
    link.dsn = url_by(["{}:{}".format(*each.sockets[0].getsockname()[:2]) for each in listening])
    try:
        yield link
    finally:
        for each in listening:
            each.close()
        link.heal()
        link.reset()
