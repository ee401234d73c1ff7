"""One HTTP connection: aiohttp's own, which tells the crowd what it is at, and repeats nothing of what it was sent."""

import asyncio
from typing import Any, Final, cast

import msgspec
from aiohttp import StreamReader, hdrs, web
from aiohttp.http import HttpProcessingError

from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.metrics import Metrics
from gateway.web.api.problems import CONTENT_TYPE, Declined, ErrorCode
from gateway.web.api.request_ids import HEADER, new_request_id
from gateway.web.crowd import Crowd, Phase

_LATE: Final = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
# Faults of whoever sent the request: what is no HTTP, a body that breaks, a connection that does.
_THEIRS: Final = (HttpProcessingError, web.RequestPayloadError, ConnectionError)


class HttpConnection(web.RequestHandler):
    """Nothing is inflated: no provider compresses, and what nobody has signed yet must cost nothing."""

    __slots__ = ("_body", "_crowd", "_metrics", "_wire")

    def __init__(self, server: web.Server, crowd: Crowd, metrics: Metrics) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), access_log=cast("Any", None), auto_decompress=False)
        self._crowd = crowd
        self._metrics = metrics
        self._body: StreamReader | None = None
        self._wire: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._wire = cast("asyncio.Transport", transport)
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._crowd.leave(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._crowd.hear(self)
        super().data_received(data)

    def begin(self, body: StreamReader) -> None:
        """The header of a request is there; its body may still be on its way."""
        self._body = body
        self._crowd.move(self, Phase.WORK if body.is_eof() else Phase.BODY)

    async def finish_response(
        self, request: web.BaseRequest, resp: web.StreamResponse, start_time: float | None
    ) -> tuple[web.StreamResponse, bool]:
        if isinstance(resp, web.HTTPExpectationFailed):  # aiohttp's own words repeat the header
            resp = web.Response(status=resp.status)
        try:
            return await super().finish_response(request, resp, start_time)
        finally:
            self._crowd.move(self, Phase.IDLE)

    def is_heard(self) -> bool:
        return self._body is None or self._body.is_eof()

    def bid_farewell(self, phase: Phase) -> None:
        if self._wire is not None:
            if phase in (Phase.HEADER, Phase.BODY):
                self._wire.write(_LATE)
            self._wire.close()

    def abandon(self) -> None:
        if self._wire is not None:
            self._wire.abort()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is malformed may hold a secret in the wrong place, so that none of it is repeated."""
        del message
        request_id = self._note(exc)
        if request.writer.output_size > 0:
            raise ConnectionError("a part of the reply is out, so that no other can be sent")
        reply = _malformed(request_id) if isinstance(exc, _THEIRS) else web.Response(status=status)
        reply.force_close()
        return reply

    def log_exception(self, *_args: Any, **kw: Any) -> None:
        """What aiohttp has to say of an error that reached it."""
        self._note(kw.get("exc_info"))

    def _note(self, error: object) -> str:
        """A name for the request, as no other is known of it."""
        request_id = new_request_id()
        if isinstance(error, _THEIRS):
            self._metrics.http_malformed.inc()
            logger().info(LogEvent.HTTP_MALFORMED, why=type(error).__name__, request_id=request_id)
        else:
            logger().error(LogEvent.HTTP_FAILED, exc_info=error, request_id=request_id)
        return request_id


def _malformed(request_id: str) -> web.Response:
    problem = Declined(code=ErrorCode.MALFORMED, detail="this cannot be read as HTTP").problem(request_id)
    headers = {HEADER: request_id, hdrs.CACHE_CONTROL: "no-store"}
    return web.Response(
        status=problem.status, body=msgspec.json.encode(problem), content_type=CONTENT_TYPE, headers=headers
    )
