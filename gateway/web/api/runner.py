"""How a request passes: who asks, may they, is it as the document says; then the use case, and the reply.

A read has a connection for itself. A write is one transaction, in which its audit and its kept reply are too.
"""

import asyncio
from http import HTTPStatus
from typing import Any, Final

import msgspec
from aiohttp import hdrs, web

from gateway.context import Context
from gateway.domain.access.actor import Actor
from gateway.postgres.types import PgConnection
from gateway.sealing import Seal
from gateway.usecases.access.tokens import actor_of_token
from gateway.web.api import csv
from gateway.web.api.cursors import encode_cursor
from gateway.web.api.database import ApiDatabase
from gateway.web.api.limits import RequestLimits
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import ReadRequest, read_request
from gateway.web.api.repeats import KeptAnswer, once
from gateway.web.api.request_ids import REQUEST_ID
from gateway.web.api.route import JSON, Asked, Method, Route, Rows
from gateway.web.api.streaming import LEFT, send_file, stream_csv
from gateway.web.api.whose import asked_of, require_reach

encode: Final = msgspec.json.Encoder(decimal_format="string").encode
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
        require_reach(actor, route)
        said = await read_request(route, request)
        if route.method is Method.GET:
            return await self._database.read(lambda conn: self._by(conn, route, request, actor, said))
        async with self._database.connection() as conn:
            return await self._by(conn, route, request, actor, said)

    async def _by(
        self, conn: PgConnection, route: Route, request: web.Request, actor: Actor, said: ReadRequest
    ) -> web.StreamResponse:
        asked = await asked_of(
            conn, route, actor, said, context=self._context, if_match=request.headers.get(hdrs.IF_MATCH)
        )
        if route.is_list and _wants_csv(request):
            return await stream_csv(route, request, asked, self._limits)
        if route.reply is bytes:
            return await send_file(route, request, asked, self._limits)
        if not route.is_write:
            return _response(await reply_of(route, asked))
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

    async def _write(self, route: Route, request: web.Request, asked: Asked[Any, Any], said: ReadRequest) -> KeptAnswer:
        if said.key is None:
            return await reply_of(route, asked)
        return await once(
            asked.conn,
            actor=asked.actor,
            key=said.key,
            route=f"{request.method} {request.path_qs}",
            body=said.raw,
            now=asked.now,
            seal=_seal(request) if route.tells_secret else None,
            do=lambda: reply_of(route, asked),
        )


ACTOR: Final = web.RequestKey("actor", str)


def require_version(asked: Asked[Any, Any], version: str) -> None:
    """Refuse a change of what has been changed since it was read; whoever says no version takes it as it is."""
    wanted = asked.if_match
    if wanted is not None and wanted not in (ANY_VERSION, version, f'"{version}"'):
        raise Declined(
            code=ErrorCode.CHANGED, detail=f"it has the version {version} by now", field=f"/header/{hdrs.IF_MATCH}"
        )


async def reply_of(route: Route, asked: Asked[Any, Any]) -> KeptAnswer:
    """What the route's handler gives, as bytes."""
    given = await route.handle(asked)
    if route.is_list:
        given = _part(route, given)
    waits = route.waits is not None and isinstance(given, route.waits)
    status = HTTPStatus.ACCEPTED if waits else route.status
    return KeptAnswer(status=status, body=b"" if route.reply is None else encode(given))


def _part(route: Route, rows: Rows[Any]) -> dict[str, Any]:
    part = {"data": rows.data, "next": None if rows.next is None else encode_cursor(route.name, rows.next)}
    return part if route.summed is None else part | {"summary": rows.summary}


def _response(reply: KeptAnswer) -> web.Response:
    headers = {"Idempotency-Replayed": "true"} if reply.is_replayed else {}
    kind = JSON if reply.body else None
    return web.Response(status=reply.status, body=reply.body or None, content_type=kind, headers=headers)


def _seal(request: web.Request) -> Seal:
    """By the token of who asks, which nobody else has, and the gateway only as a hash: they alone can repeat it."""
    return Seal([request.headers[hdrs.AUTHORIZATION]])


def _wants_csv(request: web.Request) -> bool:
    return csv.CONTENT_TYPE in request.headers.get(hdrs.ACCEPT, "")
