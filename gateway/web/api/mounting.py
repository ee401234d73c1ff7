"""The API as an application of its own, below /v1: every answer has its headers, and what goes wrong is a problem."""

import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import msgspec
from aiohttp import hdrs, web

from gateway.context import Context
from gateway.domain.errors import GatewayError
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.errors import is_database_away, is_lock_held, is_own_fault, is_retryable, is_statement_cancelled
from gateway.web.api.database import ApiDatabase
from gateway.web.api.openapi import build_document
from gateway.web.api.problems import CONTENT_TYPE, Declined, ErrorCode, refused_by
from gateway.web.api.reading import FILE_MAX
from gateway.web.api.request_ids import HEADER, REQUEST_ID, request_id_of
from gateway.web.api.route import JSON, Route
from gateway.web.api.runner import ACTOR, Runner
from gateway.web.api.streaming import LEFT

PREFIX: Final = "/v1"
ROUTE: Final = web.RequestKey("route", str)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """An address part by part, those that a path names empty, and what it takes."""

    parts: Sequence[str]
    methods: Collection[str]

    def fits(self, parts: Sequence[str]) -> bool:
        return len(parts) == len(self.parts) and all(
            own in ("", given) for own, given in zip(self.parts, parts, strict=True)
        )


PLACES: Final = web.AppKey("places", Sequence[_Place])


def build_api(context: Context, database: ApiDatabase, routes: Sequence[Route]) -> web.Application:
    """The routes, each where the table says."""
    application = web.Application(middlewares=[_answer], client_max_size=FILE_MAX)
    runner = Runner(context, database)
    application[PLACES] = _places(routes)
    for route in routes:
        application.router.add_route(route.method, route.path, partial(_run, runner, route))
    return application


def _places(routes: Sequence[Route]) -> list[_Place]:
    """Those first that name least: what stands in an address itself is no value of a name in another."""
    methods: defaultdict[tuple[str, ...], set[str]] = defaultdict(set)
    for route in routes:
        parts = f"{PREFIX}{route.path}".split("/")
        methods[tuple("" if part.startswith("{") else part for part in parts)].add(route.method)
    places = [_Place(parts=parts, methods=found) for parts, found in methods.items()]
    return sorted(places, key=lambda place: [part == "" for part in place.parts])


def _methods(request: web.Request) -> Collection[str]:
    """What its address takes; nothing where there is none."""
    parts = request.rel_url.raw_path.split("/")
    return next((place.methods for place in request.app[PLACES] if place.fits(parts)), ())


class OpenApiHandler:
    """Serves the document, which is made when it is asked for first."""

    def __init__(self, routes: Sequence[Route]) -> None:
        self._routes = routes
        self._body = b""

    async def document(self, _request: web.Request) -> web.Response:
        self._body = self._body or msgspec.json.encode(build_document(self._routes))
        return web.Response(body=self._body, content_type=JSON, headers={hdrs.CACHE_CONTROL: "no-cache"})


async def _run(runner: Runner, route: Route, request: web.Request) -> web.StreamResponse:
    methods = _methods(request)
    if methods and request.method not in methods:
        raise web.HTTPMethodNotAllowed(request.method, methods)
    request[ROUTE] = route.name
    return await runner.run(route, request)


@web.middleware
async def _answer(request: web.Request, handler: Handler) -> web.StreamResponse:
    """One line of the log for each request, without what it asks for."""
    request[REQUEST_ID] = request_id_of(request)
    began = time.perf_counter()
    try:
        response = await handler(request)
    except Exception as error:  # noqa: BLE001 - the outermost place that knows the request
        response = _refused(request, _as_refused(error, request))
    if not response.prepared:
        response.headers[HEADER] = request[REQUEST_ID]
        response.headers[hdrs.CACHE_CONTROL] = "no-store"
        response.headers.update(request.get(LEFT, {}))
    logger().info(
        LogEvent.API_ANSWERED,
        method=request.method,
        route=request.get(ROUTE, "unknown"),
        status=response.status,
        actor=request.get(ACTOR),
        request_id=request[REQUEST_ID],
        ms=round((time.perf_counter() - began) * 1000, 1),
    )
    return response


def _as_refused(error: Exception, request: web.Request) -> Declined:
    match error:
        case Declined():
            return error
        case web.HTTPNotFound():
            return Declined(code=ErrorCode.NOT_FOUND, detail="there is no such address")
        case web.HTTPMethodNotAllowed():
            allowed = ", ".join(sorted(_methods(request) or error.allowed_methods))
            return Declined(code=ErrorCode.METHOD_NOT_ALLOWED, detail=f"this address takes {allowed}")
    refused = refused_by(error) if isinstance(error, GatewayError) else _unforeseen(error)
    if refused.code is ErrorCode.FAILED:
        logger().error(LogEvent.API_FAILED, request_id=request[REQUEST_ID], exc_info=error)
    return refused


def _unforeseen(error: Exception) -> Declined:
    """Of the database: that it is away, or too slow for this. Else a mistake of ours, which says nothing outside."""
    if is_own_fault(error):
        return Declined(code=ErrorCode.REFUSED, detail="the database cannot keep such a value")
    if is_statement_cancelled(error):
        return Declined(code=ErrorCode.UNAVAILABLE, detail="this took the database too long: ask for less at once")
    if any(is_so(error) for is_so in (is_database_away, is_lock_held, is_retryable)):
        return Declined(code=ErrorCode.UNAVAILABLE, detail="the database does not answer in time: try again")
    return Declined(code=ErrorCode.FAILED, detail="the gateway met an error of its own")


def _refused(request: web.Request, refused: Declined) -> web.Response:
    problem = refused.problem(request[REQUEST_ID])
    response = web.Response(status=refused.status, body=msgspec.json.encode(problem), content_type=CONTENT_TYPE)
    if refused.retry_after_s is not None:
        response.headers[hdrs.RETRY_AFTER] = str(refused.retry_after_s)
    if refused.code is ErrorCode.UNAUTHENTICATED:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    if refused.code is ErrorCode.METHOD_NOT_ALLOWED:
        response.headers[hdrs.ALLOW] = refused.detail.removeprefix("this address takes ")
    return response
