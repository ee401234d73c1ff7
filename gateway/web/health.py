"""/livez: the loop turns. /readyz: calls can be decided. /metrics: the figures."""

import asyncio
from dataclasses import dataclass
from typing import Final

from aiohttp import web
from prometheus_client import CONTENT_TYPE_LATEST

from gateway.clock import APART_MAX, DatabaseClock
from gateway.context import Context
from gateway.postgres.migrate import NewerDatabase, pending_on
from gateway.postgres.pool import discard
from gateway.postgres.replication import Replication, read_replication
from gateway.postgres.types import PgConnection, PoolConnection
from gateway.web.insiders import INSIDERS
from gateway.web.keys import CONTEXT, TRAFFIC

_PATIENCE_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """The server's version, what keeps calls from being decided, and what does not but should be known."""

    version: str | None = None
    problems: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


class Probe:
    """Asks the database how it is, once at a time: however many want to know, one connection is used for it."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._asking: asyncio.Task[Health] | None = None

    async def ask(self) -> Health:
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask())
        return await asyncio.shield(self._asking)

    async def _ask(self) -> Health:
        try:
            async with asyncio.timeout(_PATIENCE_S):
                conn = await self._context.pool.acquire()
            return await self._look(conn)
        except Exception as error:  # noqa: BLE001 - whatever it is, the answer is "not ready"
            return Health(problems=(f"the database does not answer: {str(error) or type(error).__name__}",))

    async def _look(self, conn: PoolConnection) -> Health:
        """Ask by this connection; one that does not answer in time is of no use to anybody."""
        pool = self._context.pool
        try:
            async with asyncio.timeout(_PATIENCE_S):
                health = health_of(await read_replication(conn), await _schema(conn))
        except Exception:
            await discard(pool, conn)
            raise
        await pool.release(conn)
        return health


async def _schema(conn: PgConnection) -> Health:
    """A newer schema is no problem: a version goes on while machines are upgraded one after the other."""
    try:
        return Health(problems=tuple(f"migration {name} is missing" for name in await pending_on(conn)))
    except NewerDatabase as error:
        return Health(warnings=(str(error),))


def health_of(found: Replication, schema: Health) -> Health:
    problems, warnings = [*schema.problems], [*schema.warnings]
    if not found.may_write:
        problems.append("the database is a standby" if found.is_standby else "the database's sessions are read-only")
    if found.has_lost_synchronous:
        problems.append("the database waits for a synchronous standby that is not there")
    if found.may_lose_acknowledged:
        warnings.append("standbys follow the database and none is waited for: a failover may lose acknowledged ends")
    if found.careless_settings:
        warnings.append(f"a crash may lose acknowledged ends: {', '.join(found.careless_settings)} off")
    return Health(version=found.version, problems=tuple(problems), warnings=tuple(warnings))


PROBE: Final = web.AppKey("probe", Probe)


async def livez(_request: web.Request) -> web.Response:
    return web.json_response({"live": True})


async def readyz(request: web.Request) -> web.Response:
    """200 when starts can be decided, else 503: the database can be written to, and has the schema of this version.

    Those outside learn no more than that. `spool_records` are the events that wait on disk; `clock_differences` the
    seconds by which our clock is ahead of each connection's provider.
    """
    context = request.app[CONTEXT]
    health = await request.app[PROBE].ask()
    problems, warnings = [*health.problems], [*health.warnings]
    if request.app[TRAFFIC].draining:
        problems.append("the process is stopping")
    if context.spool.count:
        warnings.append(f"{context.spool.count} call events wait on disk for the database")
    if isinstance(context.clock, DatabaseClock) and abs(ahead := context.clock.ahead()) > APART_MAX:
        warnings.append(f"this machine's clock is {ahead.total_seconds():+.1f} s from the database's, which counts")
    if context.spool.trouble is not None:
        warnings.append(f"no call event can be kept on disk: {context.spool.trouble}")
    status = 503 if problems else 200
    if not request.app[INSIDERS].have(request):
        return web.json_response({"ready": not problems}, status=status)
    body = {
        "ready": not problems,
        "problems": problems,
        "warnings": warnings,
        "database": "embedded" if context.settings.database_url is None else "external",
        "database_version": health.version,
        "spool_records": context.spool.count,
        "clock_differences": context.metrics.clock_differences(),
    }
    return web.json_response(body, status=status)


async def metrics(request: web.Request) -> web.Response:
    """The figures, for those inside."""
    if not request.app[INSIDERS].have(request):
        return web.Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    context = request.app[CONTEXT]
    context.metrics.spooled.set(context.spool.count)
    return web.Response(body=context.metrics.render(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def routes() -> list[web.RouteDef]:
    return [web.get("/livez", livez), web.get("/readyz", readyz), web.get("/metrics", metrics)]
