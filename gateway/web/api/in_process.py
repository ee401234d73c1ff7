"""The API for the pages of the same process: asked by the names of routes, with the same checks, without HTTP between.

What the API does not say no page shows, and what it refuses no page does.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from aiohttp import web
from multidict import MultiDict

from gateway.context import Context
from gateway.domain.access.actor import Actor
from gateway.sealing import Seal
from gateway.web.api.database import ApiDatabase
from gateway.web.api.limits import RequestLimits
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import ReadRequest, read_fields, read_path, read_query
from gateway.web.api.repeats import KeptAnswer, once
from gateway.web.api.request_ids import REQUEST_ID, request_id_of
from gateway.web.api.route import Route
from gateway.web.api.runner import reply_of
from gateway.web.api.streaming import send_file, stream_csv
from gateway.web.api.whose import asked_of, require_reach

Texts = Mapping[str, str]
NOTHING: Final[Texts] = {}


class InProcessApi:
    """The routes by their names."""

    def __init__(self, context: Context, database: ApiDatabase, routes: Sequence[Route]) -> None:
        self._context = context
        self._database = database
        self._routes = {route.name: route for route in routes}
        self._limits = RequestLimits(context.settings.api_rate)

    def route(self, name: str) -> Route:
        return self._routes[name]

    async def read(self, name: str, actor: Actor, *, path: Texts = NOTHING, query: Texts = NOTHING) -> Any:
        """What a route says, as the values of its handler: a struct, or Rows of them. Declined, or a GatewayError."""
        route = self._routes[name]
        require_reach(actor, route)
        said = ReadRequest(
            path=read_path(route, path), query=read_query(route, MultiDict(query)), key=None, body=None, raw=b""
        )

        async def ask(conn: Any) -> Any:
            return await route.handle(await asked_of(conn, route, actor, said, context=self._context))

        return await self._database.read(ask)

    async def download(
        self, name: str, actor: Actor, request: web.Request, *, path: Texts, query: Texts
    ) -> web.StreamResponse:
        """A list as CSV, or a file, to the browser that asks for it. Its address names the route: no other is one."""
        route = self._routes[name]
        if not route.is_file:
            raise Declined(code=ErrorCode.NOT_FOUND, detail="there is no such file")
        require_reach(actor, route)
        request[REQUEST_ID] = request_id_of(request)
        self._limits.take(actor.name, at=asyncio.get_running_loop().time())
        said = ReadRequest(
            path=read_path(route, path), query=read_query(route, MultiDict(query)), key=None, body=None, raw=b""
        )
        send = stream_csv if route.is_list else send_file
        async with self._database.connection() as conn:
            asked = await asked_of(conn, route, actor, said, context=self._context)
            return await send(route, request, asked, self._limits)

    async def write(
        self,
        name: str,
        actor: Actor,
        *,
        path: Texts = NOTHING,
        body: Mapping[str, Any] | bytes | None = None,
        query: Texts = NOTHING,
        key: str,
        if_match: str | None = None,
        sealed_by: str,
    ) -> Any:
        """Do what a route does, once for its key; what it replies, decoded. None where it replies nothing.

        `sealed_by` is a secret of who asks, by which a reply is kept that tells one.
        """
        route = self._routes[name]
        require_reach(actor, route)
        raw = body if isinstance(body, bytes) else msgspec.json.encode(body)
        wanted = body if route.body in (None, bytes) else read_fields(route, body or {})
        said = ReadRequest(
            path=read_path(route, path), query=read_query(route, MultiDict(query)), key=key, body=wanted, raw=raw
        )
        async with self._database.connection() as conn:
            asked = await asked_of(conn, route, actor, said, context=self._context, if_match=if_match)

            async def do() -> KeptAnswer:
                return await reply_of(route, asked)

            if not route.is_write:
                reply = await do()
            else:
                async with conn.transaction():
                    reply = await once(
                        conn,
                        actor=actor,
                        key=key,
                        route=f"{route.method} {route.path} {sorted(path.items())} {sorted(query.items())}",
                        body=raw,
                        now=asked.now,
                        seal=Seal([sealed_by]) if route.tells_secret else None,
                        do=do,
                    )
        return msgspec.json.decode(reply.body) if reply.body else None
