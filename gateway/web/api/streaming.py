"""Answers that are sent as they are made: lists as CSV, and files."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final

from aiohttp import hdrs, web

from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.web.api import csv
from gateway.web.api.limits import RequestLimits
from gateway.web.api.request_ids import REQUEST_ID
from gateway.web.api.route import Asked, Route

# Rows of a streamed list that are read at once.
CSV_PAGE: Final = 1000
# What an answer tells of how many requests are left.
LEFT: Final = web.RequestKey("left", dict[str, str])


async def stream_csv(
    route: Route, request: web.Request, asked: Asked[Any, Any], limits: RequestLimits
) -> web.StreamResponse:
    """All parts of a list; the first is read before anything is promised."""
    with limits.exporting(asked.actor.name):
        part = await route.handle(replace(asked, limit=CSV_PAGE))
        columns = route.columns or csv.columns_of(route.reply)
        async with _streamed(request, csv.CONTENT_TYPE, f"{route.name}.csv") as response:
            await response.write(csv.header_of(columns))
            await response.write(csv.lines_of(part.data, columns))
            while part.next is not None:
                part = await route.handle(replace(asked, limit=CSV_PAGE, after=part.next))
                await response.write(csv.lines_of(part.data, columns))
        return response


async def send_file(
    route: Route, request: web.Request, asked: Asked[Any, Any], limits: RequestLimits
) -> web.StreamResponse:
    """A file, as it is made; whether it can be is known before anything is promised."""
    with limits.exporting(asked.actor.name):
        parts = await route.handle(asked)
        ending = route.reply_type.rpartition("/")[2]
        async with _streamed(request, route.reply_type, f"{route.name}.{ending}") as response:
            async for part in parts:
                await response.write(part)
        return response


@asynccontextmanager
async def _streamed(request: web.Request, kind: str, name: str) -> AsyncIterator[web.StreamResponse]:
    """An answer whose end is not known when it begins; its headers must be there from its first byte."""
    headers = {"X-Request-Id": request[REQUEST_ID], hdrs.CACHE_CONTROL: "no-store", **request.get(LEFT, {})}
    response = web.StreamResponse(headers=headers)
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
