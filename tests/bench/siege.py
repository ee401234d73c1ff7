"""python -m tests.bench.siege PORT IDLE SLOW: hold connections open that say nothing, or one byte at a time.

One line on standard output once all are open; then until standard input ends. One that is closed is opened again.
"""

import asyncio
import sys
from typing import Final

import uvloop

from gateway.descriptors import raise_limit

_HEADER: Final = b"POST /hooks/bench HTTP/1.1\r\nHost: gateway\r\nX-Slow: " + b"z" * 1000
_EVERY_S: Final = 1.0
_AT_ONCE: Final = 100


async def hold(port: int, *, is_slow: bool, opened: asyncio.Semaphore, once: asyncio.Event) -> None:
    while True:
        async with opened:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
        once.set()
        reading = asyncio.create_task(reader.read())
        position = 0
        while not reading.done():
            if is_slow:
                writer.write(_HEADER[position : position + 1])
                position += 1
            await asyncio.wait([reading], timeout=_EVERY_S if is_slow else None)
        reading.exception()
        writer.close()


async def main(port: int, idle: int, slow: int) -> None:
    raise_limit()
    opened = asyncio.Semaphore(_AT_ONCE)
    all_open = [asyncio.Event() for _ in range(idle + slow)]
    tasks = [
        asyncio.create_task(hold(port, is_slow=number < slow, opened=opened, once=event))
        for number, event in enumerate(all_open)
    ]
    await asyncio.gather(*(event.wait() for event in all_open))
    sys.stdout.write("open\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)
    for task in tasks:
        task.cancel()


if __name__ == "__main__":
    uvloop.run(main(*map(int, sys.argv[1:4])))
