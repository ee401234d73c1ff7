"""How a request passes: who asks, may they, is it as the document says; then the use case, and the reply.

A read has a connection for itself. A write is one transaction, in which its audit and its kept reply are too.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

import msgspec
from aiohttp import hdrs, web

from gateway.context import Context
from gateway.domain.access.actions import Reach
from gateway.domain.access.actor import Actor
from gateway.domain.access.permissions import Permission, may, reach_of
from gateway.domain.errors import DatabaseAway, NotFound
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.errors import is_database_away, is_retryable
from gateway.postgres.types import PgConnection
from gateway.sealing import Seal
from gateway.usecases.access.tokens import actor_of_token
from gateway.web.api import csv
from gateway.web.api.cursors import Cursor, decode_cursor, encode_cursor
from gateway.web.api.database import ApiDatabase
from gateway.web.api.limits import RequestLimits
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import ReadRequest, read_request
from gateway.web.api.repeats import KeptAnswer, once
from gateway.web.api.request_ids import REQUEST_ID
from gateway.web.api.route import JSON, Asked, Method, Route, Rows

encode: Final = msgspec.json.Encoder(decimal_format="string").encode
# Rows of a streamed list that are read at once.
CSV_PAGE: Final = 1000
_BEARER: Final = "Bearer "
_SECRET_LENGTH_MAX: Final = 200
ANY_VERSION: Final = "*"


class Runner:
    """Runs the routes of one process."""

    def __init__(self, context: Context, database: ApiDatabase) -> None:
        self._context = context
        self._database = database
        self._limits = RequestLimits(context.settings.api_rate)

    async def run(self, route: Route, request: web.Request) -> web.StreamResponse:
        """The reply, or Declined or a GatewayError."""
        actor = await self._actor(request)
        request[ACTOR] = actor.name
        left = self._limits.take(actor.name, at=asyncio.get_running_loop().time())
        request[LEFT] = left
        if reach_of(actor, route.action) is Reach.NONE:
            raise Declined(code=ErrorCode.FORBIDDEN, detail=f"{actor.role} may not: {route.action.meaning}")
        said = await read_request(route, request)
        if route.method is Method.GET and (answer := await self._by_replica(route, request, actor, said)) is not None:
            return answer
        async with self._database.connection() as conn:
            return await self._by(conn, route, request, actor, said)

    async def _by_replica(
        self, route: Route, request: web.Request, actor: Actor, said: ReadRequest
    ) -> web.StreamResponse | None:
        """None where the primary has to be asked: what is not there yet may have been written a moment ago."""
        try:
            async with self._database.replica() as conn:
                return None if conn is None else await self._by(conn, route, request, actor, said)
        except (NotFound, DatabaseAway):
            return None
        except Exception as error:
            if is_database_away(error) or is_retryable(error):
                return None
            raise

    async def _by(
        self, conn: PgConnection, route: Route, request: web.Request, actor: Actor, said: ReadRequest
    ) -> web.StreamResponse:
        asked = await self._asked(conn, route, request, actor, said)
        if route.is_list and _wants_csv(request):
            return await self._stream(route, request, asked)
        if route.reply is bytes:
            return await self._send_file(route, request, asked)
        if not route.is_write:
            return _response(await _reply(route, asked))
        async with conn.transaction():
            return _response(await self._write(route, request, asked, said))

    async def _actor(self, request: web.Request) -> Actor:
        given = request.headers.get(hdrs.AUTHORIZATION, "")
        secret = given.removeprefix(_BEARER)
        actor = None
        if given.startswith(f"{_BEARER}gw_") and secret.isascii() and len(secret) <= _SECRET_LENGTH_MAX:
            async with self._database.connection() as conn:
                now = self._context.clock.now()
                actor = await actor_of_token(
                    conn, secret, address=request.remote, request_id=request[REQUEST_ID], now=now
                )
        if actor is None:
            raise Declined(code=ErrorCode.UNAUTHENTICATED, detail="give a valid token: `Authorization: Bearer gw_…`")
        return actor

    async def _asked(
        self, conn: PgConnection, route: Route, request: web.Request, actor: Actor, said: ReadRequest
    ) -> Asked[Any, Any]:
        """What the handler is handed, once it is known whose it is that is asked for."""
        return Asked(
            conn=conn,
            context=self._context,
            actor=actor,
            now=self._context.clock.now(),
            path=said.path,
            query=said.query,
            body=said.body,
            account_id=await _account(route, conn, actor, said),
            after=_after(route, said.query),
            limit=getattr(said.query, "limit", 100),
            if_match=request.headers.get(hdrs.IF_MATCH),
        )

    async def _write(self, route: Route, request: web.Request, asked: Asked[Any, Any], said: ReadRequest) -> KeptAnswer:
        if said.key is None:
            return await _reply(route, asked)
        return await once(
            asked.conn,
            actor=asked.actor,
            key=said.key,
            route=f"{request.method} {request.path_qs}",
            body=said.raw,
            now=asked.now,
            seal=_seal(request) if route.tells_secret else None,
            do=lambda: _reply(route, asked),
        )

    async def _stream(self, route: Route, request: web.Request, asked: Asked[Any, Any]) -> web.StreamResponse:
        """All parts of a list; the first is read before anything is promised."""
        with self._limits.exporting(asked.actor.name):
            part = await route.handle(replace(asked, limit=CSV_PAGE))
            columns = route.columns or csv.columns_of(route.reply)
            async with _streamed(request, csv.CONTENT_TYPE, f"{route.name}.csv") as response:
                await response.write(csv.header_of(columns))
                await response.write(csv.lines_of(part.data, columns))
                while part.next is not None:
                    part = await route.handle(replace(asked, limit=CSV_PAGE, after=part.next))
                    await response.write(csv.lines_of(part.data, columns))
            return response

    async def _send_file(self, route: Route, request: web.Request, asked: Asked[Any, Any]) -> web.StreamResponse:
        """A file, as it is made; whether it can be is known before anything is promised."""
        with self._limits.exporting(asked.actor.name):
            parts = await route.handle(asked)
            ending = route.reply_type.rpartition("/")[2]
            async with _streamed(request, route.reply_type, f"{route.name}.{ending}") as response:
                async for part in parts:
                    await response.write(part)
            return response


@asynccontextmanager
async def _streamed(request: web.Request, kind: str, name: str) -> AsyncIterator[web.StreamResponse]:
    """An answer whose end is not known when it begins."""
    response = web.StreamResponse(headers=_headers(request))
    response.content_type = kind
    if kind == csv.CONTENT_TYPE:
        response.charset = "utf-8"
    response.headers[hdrs.CONTENT_DISPOSITION] = f'attachment; filename="{name}"'
    await response.prepare(request)
    try:
        yield response
    except Exception as error:  # noqa: BLE001 - what has been sent cannot be taken back
        _break_off(request, error)
    else:
        await response.write_eof()


def _break_off(request: web.Request, error: Exception) -> None:
    """A list that ends too early must not look whole."""
    logger().warning(LogEvent.API_BROKEN_OFF, request_id=request[REQUEST_ID], why=type(error).__name__)
    if request.transport is not None:
        request.transport.abort()


ACTOR: Final = web.RequestKey("actor", str)
LEFT: Final = web.RequestKey("left", dict[str, str])


def require_version(asked: Asked[Any, Any], version: str) -> None:
    """Refuse a change of what has been changed since it was read; whoever says no version takes it as it is."""
    wanted = asked.if_match
    if wanted is not None and wanted not in (ANY_VERSION, version, f'"{version}"'):
        raise Declined(
            code=ErrorCode.CHANGED, detail=f"it has the version {version} by now", field=f"/header/{hdrs.IF_MATCH}"
        )


async def _account(route: Route, conn: PgConnection, actor: Actor, said: ReadRequest) -> int | None:
    """The account that a request is about; what is another's is not there."""
    named: int | None = said.path.get("account_id")
    if named is None and route.owner is not None:
        named = await route.owner(conn, said.path)
    elif named is None and route.narrows:
        named = getattr(said.query, "account_id", None) or getattr(said.body, "account_id", None)
        if named is None and reach_of(actor, route.action) is Reach.OWN:
            return actor.account_id
    elif named is None:
        return actor.account_id
    match may(actor, route.action, named):
        case Permission.ALLOWED:
            return named
        case Permission.FORBIDDEN:
            raise Declined(code=ErrorCode.FORBIDDEN, detail=f"{actor.role} may not: {route.action.meaning}")
        case Permission.HIDDEN:
            raise Declined(code=ErrorCode.NOT_FOUND, detail="there is no such thing")


def _after(route: Route, query: Any) -> Cursor | None:
    text = getattr(query, "after", None)
    if text is None:
        return None
    try:
        return decode_cursor(route.name, text)
    except ValueError as error:
        raise Declined(code=ErrorCode.REFUSED, detail=str(error), field="/query/after") from error


async def _reply(route: Route, asked: Asked[Any, Any]) -> KeptAnswer:
    given = await route.handle(asked)
    if route.is_list:
        given = _part(route, given)
    return KeptAnswer(status=route.status, body=b"" if route.reply is None else encode(given))


def _part(route: Route, rows: Rows[Any]) -> dict[str, Any]:
    part = {"data": rows.data, "next": None if rows.next is None else encode_cursor(route.name, rows.next)}
    return part if route.summed is None else part | {"summary": rows.summary}


def _response(reply: KeptAnswer) -> web.Response:
    headers = {"Idempotency-Replayed": "true"} if reply.is_replayed else {}
    kind = JSON if reply.body else None
    return web.Response(status=reply.status, body=reply.body or None, content_type=kind, headers=headers)


def _headers(request: web.Request) -> dict[str, str]:
    """What every answer has; of a streamed one it must be there from its first byte."""
    return {"X-Request-Id": request[REQUEST_ID], hdrs.CACHE_CONTROL: "no-store", **request.get(LEFT, {})}


def _seal(request: web.Request) -> Seal:
    """By the token of who asks, which nobody else has, and the gateway only as a hash: they alone can repeat it."""
    return Seal([request.headers[hdrs.AUTHORIZATION]])


def _wants_csv(request: web.Request) -> bool:
    return csv.CONTENT_TYPE in request.headers.get(hdrs.ACCEPT, "")
