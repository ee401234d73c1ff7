"""Webhooks go to their handler by aiohttp's server alone; all else goes through the application and its routes.

The router, an application's request and its middlewares are a third of what an empty handler costs.
"""

from typing import Any, Final

from aiohttp import StreamReader, hdrs, web
from aiohttp.http import HttpVersion11, RawRequestMessage

from gateway.web.bodies import BODY_MAX
from gateway.web.hooks import HOOKS_PATH, HookHandler

HOOKS: Final = web.AppKey("hooks", HookHandler)

_METHODS: Final = frozenset({hdrs.METH_POST, hdrs.METH_GET, hdrs.METH_HEAD})
_CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class _HookRequest(web.BaseRequest):
    """A request to a connection's address."""


def put_hooks_first(server: web.Server, application: web.Application) -> None:
    """Have the server of an application hand webhooks to its HOOKS, where it has any."""
    handler = application.get(HOOKS)
    if handler is None:
        return
    make, answer = server.request_factory, server.request_handler

    def make_request(message: RawRequestMessage, body: StreamReader, *more: Any) -> web.BaseRequest:
        if not message.url.raw_path.startswith(HOOKS_PATH):
            made: web.BaseRequest = make(message, body, *more)
            return made
        protocol, writer, task = more
        return _HookRequest(message, body, protocol, writer, task, task.get_loop(), client_max_size=BODY_MAX)

    async def answer_request(request: web.BaseRequest) -> web.StreamResponse:
        if not isinstance(request, _HookRequest):
            reply: web.StreamResponse = await answer(request)
            return reply
        if request.method not in _METHODS:
            return web.Response(status=405, headers={hdrs.ALLOW: ",".join(sorted(_METHODS))})
        if hdrs.EXPECT in request.headers and (refusal := await _let_continue(request)) is not None:
            return refusal
        return await handler.handle(request)

    server.request_factory, server.request_handler = make_request, answer_request


async def _let_continue(request: web.BaseRequest) -> web.Response | None:
    """Ask for the body that waits to be asked for; no other expectation is met. HTTP/1.0 knows of none."""
    if request.version < HttpVersion11:
        return None
    if request.headers[hdrs.EXPECT].lower() != "100-continue":
        return web.Response(status=417)
    await request.writer.write(_CONTINUE)
    # aiohttp counts these bytes as a beginning of the reply, which is none.
    request.writer.output_size = 0
    return None
