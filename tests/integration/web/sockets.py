"""A gateway that listens as `serve` does, and clients that speak to it byte by byte."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from socket import SO_RCVBUF, SO_SNDBUF, SOL_SOCKET
from socket import socket as Socket  # noqa: N812 - a type
from typing import Any

from gateway.app import Running, running
from gateway.domain.connection import Connection
from gateway.listeners import build_web
from gateway.settings import Settings
from gateway.web.crowd import PATIENCE_S, Phase
from gateway.web.listening import listening
from tests.support.running import PATIENT, SECRET
from tests.support.world import FakeClock

GET = b"GET /livez HTTP/1.1\r\nHost: gateway\r\n\r\n"
HALF_A_HEADER = b"POST /hooks/pbx HTTP/1.1\r\nHost: gate"
HALF_A_BODY = b"POST /hooks/pbx HTTP/1.1\r\nHost: gateway\r\nContent-Length: 100\r\n\r\n{"


@dataclass(frozen=True, slots=True)
class Client:
    """One connection to the gateway."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def reply(self) -> bytes:
        """A header and its body."""
        head = await self.reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0] or 0)
        return head + await self.reader.readexactly(length)

    async def rest(self) -> bytes:
        """All that comes until the gateway closes the connection."""
        async with asyncio.timeout(10):
            try:
                return await self.reader.read()
            except ConnectionResetError:
                return b""

    async def close(self) -> None:
        self.writer.transport.abort()
        with suppress(OSError):
            await self.writer.wait_closed()


@dataclass(frozen=True, slots=True)
class Door:
    """Where a gateway listens."""

    process: Running
    port: int
    clients: list[Client] = field(default_factory=list)

    async def client(self, *said: bytes, receives_at_once: int | None = None) -> Client:
        socket = Socket()
        socket.settimeout(0)
        if receives_at_once is not None:
            socket.setsockopt(SOL_SOCKET, SO_RCVBUF, receives_at_once)
        await asyncio.get_running_loop().sock_connect(socket, ("127.0.0.1", self.port))
        reader, writer = await asyncio.open_connection(sock=socket)
        client = Client(reader, writer)
        self.clients.append(client)
        for data in said:
            client.send(data)
        return client

    async def replies(self) -> bool:
        """Whether a newcomer has a reply."""
        client = await self.client(GET)
        return (await client.reply()).startswith(b"HTTP/1.1 200 ")

    def figure(self, name: str, **labels: str) -> float:
        return self.process.context.metrics.registry.get_sample_value(name, labels) or 0.0

    async def until(self, name: str, value: float) -> None:
        async with asyncio.timeout(10):
            while self.figure(name) != value:  # noqa: ASYNC110 - a figure tells nobody that it changes
                await asyncio.sleep(0.01)


@asynccontextmanager
async def door(
    dsn: str,
    data: Path,
    *,
    places: int | None = None,
    patience_s: Mapping[Phase, float] = PATIENCE_S,
    sends_at_once: int | None = None,
    **more: Any,
) -> AsyncIterator[Door]:
    connections = {"pbx": Connection(name="pbx", kind="native", secrets=(SECRET,))}
    settings = Settings(database_url=dsn, data=data, connections=connections, **more)
    with Socket() as socket:
        socket.bind(("127.0.0.1", 0))
        if sends_at_once is not None:
            socket.setsockopt(SOL_SOCKET, SO_SNDBUF, sends_at_once)
        async with (
            running(settings, dsn, FakeClock(), workers=False, patience=PATIENT) as process,
            listening(build_web(process), socket, places=places, patience_s=patience_s, sweep_s=0.02),
        ):
            opened = Door(process, socket.getsockname()[1])
            try:
                yield opened
            finally:
                for client in opened.clients:
                    await client.close()
