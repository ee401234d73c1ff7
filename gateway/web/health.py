"""/livez: the loop turns. /readyz: calls can be decided. /metrics: the figures."""

import asyncio
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.context import Context
from gateway.log import LOST
from gateway.postgres.migrate import pending_on
from gateway.web.keys import CONTEXT, TRAFFIC

_PATIENCE_S = 1.0


class Probe:
    """Asks the database how it is, once at a time: however many want to know, one connection is used for it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._asking: asyncio.Task[tuple[str | None, list[str]]] | None = None

    async def ask(self) -> tuple[str | None, list[str]]:
        """The server's version, and what is wrong."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> tuple[str | None, list[str]]:
        try:
            async with asyncio.timeout(_PATIENCE_S), self._context.pool.acquire(timeout=_PATIENCE_S) as conn:
                version = await conn.fetchval("SHOW server_version")
                return version, [f"migration {name} is missing" for name in await pending_on(conn)]
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is "not ready"
            return None, [f"the database does not answer: {str(error) or type(error).__name__}"]


PROBE: Final = web.AppKey("probe", Probe)


async def livez(_request: web.Request) -> web.Response:
    return web.json_response({"live": True})


async def readyz(request: web.Request) -> web.Response:
    """200 when the database answers with the schema of this version, else 503; what waits on disk; providers' clocks.

    `clock_differences` are the seconds by which our clock is ahead of each connection's provider.
    """
    context = request.app[CONTEXT]
    version, problems = await request.app[PROBE].ask()
    if request.app[TRAFFIC].draining:
        problems = [*problems, "the process is stopping"]
    body = {
        "ready": not problems,
        "problems": problems,
        "database": "embedded" if context.settings.database_url is None else "external",
        "database_version": version,
        "spool_records": context.spool.count,
        "clock_differences": context.metrics.clock_differences(),
    }
    return web.json_response(body, status=503 if problems else 200)


async def metrics(request: web.Request) -> web.Response:
    context = request.app[CONTEXT]
    context.metrics.spooled.set(context.spool.count)
    context.metrics.count_log_lines_lost(LOST.count)
    return web.Response(body=context.metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})
