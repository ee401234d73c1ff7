"""Server-sent events: a part of a page that is sent again whenever it looks different, to browsers that look at it.

Every stream ends by itself before an HTTP connection counts as stuck. A browser comes again then, and who they are is
looked up anew each time that something is sent.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from typing import Final

from aiohttp import web

Show = Callable[[], Awaitable[str | None]]
STREAMS_MAX: Final = 50
EVERY_S: Final = 2.0
LASTS_S: Final = 45.0
# How long a browser waits before it comes again.
_RETRY_MS: Final = 1000
_HEADERS: Final = {"Content-Type": "text/event-stream", "Cache-Control": "no-store", "X-Accel-Buffering": "no"}


class LiveStreams:
    """The streams of one process, a few at once; who finds no place is told so, and reloads the page."""

    def __init__(self, *, every_s: float = EVERY_S, lasts_s: float = LASTS_S, streams_max: int = STREAMS_MAX) -> None:
        self._every_s = every_s
        self._lasts_s = lasts_s
        self._streams_max = streams_max
        self._open = 0

    async def send(self, request: web.Request, show: Show) -> web.StreamResponse:
        """`show` gives the part as it is now; None: it may not be seen any more.

        What it raises the first time is raised; later it ends the stream, and the browser comes again.
        """
        if self._open >= self._streams_max:
            return web.Response(status=503, headers={"Retry-After": "5"})
        first = await show()
        if first is None:
            return web.Response(status=204)
        self._open += 1
        try:
            return await self._send(request, first, show)
        finally:
            self._open -= 1

    async def _send(self, request: web.Request, first: str, show: Show) -> web.StreamResponse:
        response = web.StreamResponse(headers=_HEADERS)
        await response.prepare(request)
        await response.write(f"retry: {_RETRY_MS}\n\n".encode())
        with suppress(ConnectionError):
            async for text in self._changes(first, show):
                await response.write(_event(text))
            await response.write_eof()
        return response

    async def _changes(self, first: str, show: Show) -> AsyncIterator[str]:
        """Each look of it that differs from the one before, for as long as a stream lasts."""
        until = asyncio.get_running_loop().time() + self._lasts_s
        shown: str | None = first
        before = None
        while shown is not None:
            if shown != before:
                yield shown
            if asyncio.get_running_loop().time() >= until:
                return
            await asyncio.sleep(self._every_s)
            before, shown = shown, await _shown(show)


async def _shown(show: Show) -> str | None:
    try:
        return await show()
    except Exception:  # noqa: BLE001 - nothing can be answered any more; who comes again is told
        return None


def _event(text: str) -> bytes:
    lines = "".join(f"data: {line}\n" for line in text.splitlines())
    return f"{lines}\n".encode()
