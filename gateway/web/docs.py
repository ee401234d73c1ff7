"""/docs: the library. It is opened in a thread when somebody first asks for a page, and kept."""

import asyncio
from functools import cache
from typing import TYPE_CHECKING, Final

from aiohttp import web

if TYPE_CHECKING:
    from gateway.docs.library import Document, Library

ROOT: Final = "/docs"
# Nothing is loaded from another host, nothing is run, and no page of others shows ours in a frame.
_HEADERS: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    # Kept, and asked about each time: the next version's pages are seen at once.
    "Cache-Control": "no-cache",
}


class DocsHandler:
    """Serves the library with the addresses of this installation in it."""

    def __init__(self, public_url: str) -> None:
        self._public_url = public_url
        self._opening: asyncio.Future[Library] | None = None

    async def page(self, request: web.Request) -> web.StreamResponse:
        library = await self._library()
        return _reply(request, library.open(request.match_info["path"]))

    async def search(self, request: web.Request) -> web.StreamResponse:
        library = await self._library()
        return _reply(request, library.search(request.query.get("q", "")))

    async def _library(self) -> "Library":
        """Opened once; whoever comes meanwhile waits for the same one."""
        if self._opening is None:
            self._opening = asyncio.ensure_future(asyncio.to_thread(_open_library, self._public_url))
        return await asyncio.shield(self._opening)


async def to_first_page(_request: web.Request) -> web.StreamResponse:
    """Relative, so that it holds behind any proxy."""
    return web.Response(status=308, headers={"Location": "docs/"})


def routes(public_url: str) -> list[web.RouteDef]:
    handler = DocsHandler(public_url)
    return [
        web.get(ROOT, to_first_page),
        web.get(f"{ROOT}/search", handler.search),
        web.get(f"{ROOT}/{{path:.*}}", handler.page),
    ]


@cache
def _open_library(public_url: str) -> "Library":
    """One for all listeners. Processes that only serve calls have no need of a template and a Markdown library."""
    from gateway.docs.library import Library  # noqa: PLC0415 - see above

    return Library(public_url)


def _reply(request: web.Request, document: "Document") -> web.Response:
    tag = f'"{document.tag}"'
    headers = {**_HEADERS, "ETag": tag}
    if document.is_found and any(each.value in ("*", document.tag) for each in request.if_none_match or ()):
        return web.Response(status=304, headers=headers)
    return web.Response(
        status=200 if document.is_found else 404,
        body=document.body,
        content_type=document.content_type,
        charset="utf-8" if document.content_type.startswith("text/") else None,
        headers=headers,
    )
