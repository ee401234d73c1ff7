"""A small HTTP client for prepared requests: a closed loop that keeps the replies, and an open loop at a fixed pace.

python -m tests.bench.client PORT FILE RATE: send the requests of a file at RATE a second, print latencies as JSON.
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, cast

import uvloop

CONNECTIONS: Final = 64
_SEPARATOR: Final = b"\r\n\r\n"
START: Final = b'"call.start"'


class Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._reply: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, error: Exception | None) -> None:
        if self._reply is not None and not self._reply.done():
            self._reply.set_exception(error or ConnectionResetError())

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, rest = self._buffer.partition(_SEPARATOR)
        if not found:
            return
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if len(rest) >= length and self._reply is not None:
            self._buffer = rest[length:]
            self._reply.set_result((int(head[9:12]), rest[:length]))

    def send(self, request: bytes) -> "asyncio.Future[tuple[int, bytes]]":
        assert self._transport is not None
        self._reply = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return self._reply

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


async def connect(port: int, count: int) -> list[Connection]:
    loop = asyncio.get_running_loop()
    return [(await loop.create_connection(Connection, "127.0.0.1", port))[1] for _ in range(count)]


async def exchange(port: int, requests: Iterable[bytes], *, connections: int = CONNECTIONS) -> list[tuple[int, bytes]]:
    """Send all, as fast as they are answered; the status and body of each, in the order of the requests."""
    replies: dict[int, tuple[int, bytes]] = {}
    numbered = enumerate(requests)

    async def work(connection: Connection) -> None:
        for position, request in numbered:
            replies[position] = await connection.send(request)
        connection.close()

    await asyncio.gather(*(work(connection) for connection in await connect(port, connections)))
    return [replies[position] for position in range(len(replies))]


async def pace(port: int, requests: Iterable[bytes], rate: float) -> list[tuple[float, int, bool]]:
    """Send at a fixed pace whatever the replies do.

    Of each: seconds from when it was due to the reply, status, whether it was a call's start.
    """
    loop = asyncio.get_running_loop()
    idle = await connect(port, CONNECTIONS)
    latencies: list[tuple[float, int, bool]] = []
    under_way: set[asyncio.Task[None]] = set()

    async def send(request: bytes, due: float) -> None:
        connection = idle.pop() if idle else (await connect(port, 1))[0]
        status, _ = await connection.send(request)
        latencies.append((time.perf_counter() - due, status, START in request))
        idle.append(connection)

    begin = time.perf_counter() + 0.1
    for position, request in enumerate(requests):
        due = begin + position / rate
        wait = due - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = loop.create_task(send(request, due))
        under_way.add(task)
        task.add_done_callback(under_way.discard)
    while under_way:
        await asyncio.wait(under_way)
    for connection in idle:
        connection.close()
    return latencies


def read(path: Path) -> Iterator[bytes]:
    """The requests that `hooks.write` wrote."""
    with path.open("rb") as file:
        while length := file.read(8):
            yield file.read(int(length))


def main() -> None:
    port, path, rate = int(sys.argv[1]), Path(sys.argv[2]), float(sys.argv[3])
    begin = time.perf_counter()
    latencies = uvloop.run(pace(port, list(read(path)), rate))
    elapsed = time.perf_counter() - begin
    sorted_s = sorted(seconds for seconds, _, _ in latencies)
    starts_s = sorted(seconds for seconds, _, is_start in latencies if is_start)
    count = len(sorted_s)
    result = {
        "sent": count,
        "failed": sum(status != 200 for _, status, _ in latencies),
        "per_second": count / elapsed,
        "p50_ms": sorted_s[count // 2] * 1000,
        "p99_ms": sorted_s[count * 99 // 100] * 1000,
        "starts_p99_ms": starts_s[len(starts_s) * 99 // 100] * 1000,
        "max_ms": sorted_s[-1] * 1000,
    }
    sys.stdout.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
