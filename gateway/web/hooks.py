"""/hooks/{connection}: one handler for every provider and every event. It knows no provider and no SQL."""

from collections.abc import Mapping
from typing import Final

import msgspec
from aiohttp import web

from gateway.context import Context
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook, ProviderFailed
from gateway.domain.events import (
    AccountPoked,
    CallAnswered,
    CallClicked,
    CallEnded,
    CallHinted,
    CallStarted,
    Event,
    Ignored,
)
from gateway.hook_captures import CapturedHook, beginning
from gateway.providers.abilities import SendsLongRecords
from gateway.providers.base import Acknowledged, Adapter, Charged, Hook, Reply
from gateway.usecases.calls.book import Book
from gateway.usecases.calls.command import Commands
from gateway.usecases.calls.starts.start_request import Repeated
from gateway.usecases.crm.register import note_click
from gateway.usecases.provider_accounts.pull import poke
from gateway.web.authentication import Authentication
from gateway.web.bodies import BODY_MAX, BrokenBody, EncodedBody, read_body
from gateway.web.hook_log import HookLog
from gateway.web.keys import Traffic

HOOKS_PATH: Final = "/hooks/"
_RETRY_AFTER: Final = {"Retry-After": "1"}


class HookHandler:
    """Authenticate, parse, have it decided or recorded, reply; and one line in the log."""

    def __init__(self, context: Context, book: Book, traffic: Traffic) -> None:
        self._context = context
        self._book = book
        self._traffic = traffic
        self._commands = Commands(context, book)
        self._log = HookLog(context.metrics)
        self._connections = context.settings.connections
        self._authentication = Authentication()
        self._body_max = {
            kind: adapter.body_max if isinstance(adapter, SendsLongRecords) else BODY_MAX
            for kind, adapter in context.adapters.items()
        }

    async def handle(self, request: web.BaseRequest) -> web.Response:
        if self._traffic.draining:
            return _last(503, _RETRY_AFTER)
        self._traffic.in_flight += 1
        try:
            return await self._route(request)
        finally:
            self._traffic.in_flight -= 1

    async def _route(self, request: web.BaseRequest) -> web.Response:
        name = request.path.removeprefix(HOOKS_PATH)
        connection = self._connections.get(name)
        if connection is None:
            self._log.rejected(name="unknown", status=404, why=f"no connection {name[:64]!r}")
            return _problem(404, f"there is no connection {name[:64]!r}")
        adapter = self._context.adapters[connection.kind]
        with self._log.timed(name) as line:
            reply = await self._reply(request, connection, adapter, line)
        if line.hook is not None and self._context.captures.has_room():
            self._context.captures.keep(_captured(request, name, line, line.hook, reply))
        return reply

    async def _reply(
        self, request: web.BaseRequest, connection: Connection, adapter: Adapter, line: "HookLog.Line"
    ) -> web.Response:
        try:
            event = await self._understand(request, connection, adapter, line)
            if isinstance(event, web.Response):
                return event
            return await self._answer(event, connection, adapter, line)
        except MalformedHook as error:
            self._refuse(connection.name, line, 400, str(error))
            return _problem(400, str(error))
        except ProviderFailed as error:
            line.rejected(503, str(error))
            return _last(503, _RETRY_AFTER)
        except Exception as error:  # noqa: BLE001 - the outermost place that knows the hook
            line.failed(error)
            return _last(503, _RETRY_AFTER)

    async def _understand(
        self, request: web.BaseRequest, connection: Connection, adapter: Adapter, line: "HookLog.Line"
    ) -> Event | web.Response:
        """What an authentic webhook says; the reply to one that is not taken."""
        name, size_max = connection.name, self._body_max[connection.kind]
        try:
            hook = line.hook = await self._read(request, size_max)
            secret = self._authentication.authenticate(hook, connection, adapter)
            self._context.receipts.prove(name, secret, hook.received_at)
            event = adapter.parse(hook, connection)
        except BrokenBody as error:
            line.broke_off(str(error))
            return _last(400)
        except EncodedBody:
            self._refuse(name, line, 415, "the body is compressed")
            return _last(415, {"Accept-Encoding": "identity"})
        except web.HTTPRequestEntityTooLarge:
            self._refuse(name, line, 413, f"the body is larger than {size_max} bytes")
            return _last(413)
        except BadSignature as error:
            self._refuse(name, line, 403, str(error))
            return web.Response(status=403)
        except MalformedHook as error:
            self._refuse(name, line, 400, str(error))
            return _problem(400, str(error), field=error.field)
        self._context.receipts.accept(name, hook.received_at)
        return event

    def _refuse(self, connection: str, line: "HookLog.Line", status: int, why: str) -> None:
        """A webhook that is not authentic, or cannot be read: told to the log, and to whoever asks later."""
        line.rejected(status, why)
        self._context.receipts.refuse(connection, status=status, why=why, at=self._context.clock.now())

    async def _read(self, request: web.BaseRequest, body_max: int) -> Hook:
        body = await read_body(request, size_max=body_max)
        return Hook(
            method=request.method,
            url=self._context.settings.public_url + request.raw_path,
            headers=request.headers,
            body=body,
            received_at=self._context.clock.now(),
        )

    async def _answer(
        self, event: Event, connection: Connection, adapter: Adapter, line: "HookLog.Line"
    ) -> web.Response:
        match event:
            case CallStarted():
                document = await self._start(event, connection, line)
                return web.Response(body=document, content_type=adapter.decision_type)
            case CallAnswered() | CallEnded() | CallHinted():
                result = await self._book.take(connection, event)
                outcome = result if isinstance(result, Charged) else Acknowledged()
                line.noted(event, outcome)
            case Ignored():
                await self._note(event, connection)
                outcome = Acknowledged()
                line.ignored(event)
        reply = adapter.reply(event, outcome, connection, public_url=self._context.settings.public_url)
        await self._commands.send(connection, event, reply.body)
        return _response(reply)

    async def _start(self, event: CallStarted, connection: Connection, line: "HookLog.Line") -> bytes:
        """Decide a start, have it commanded where that is the provider's way, and the reply.

        A forwarded call that nobody else would ask about before it is dialled (R13) is decided about too, as if it had
        asked by a webhook of its own. A stored reply is not commanded again where that might do something twice.
        """
        started = await self._book.start(connection, event)
        line.started(event, started)
        if isinstance(started, Repeated) and await self._commands.is_late(connection, event):
            return started.reply
        second = self._commands.second_start(connection, started.reply)
        if second is not None:
            with self._log.timed(connection.name) as second_line:
                await self._start(second, connection, second_line)
        await self._commands.send(connection, event, started.reply)
        return started.reply

    async def _note(self, event: Ignored, connection: Connection) -> None:
        """What is no event of a call, and yet tells us something."""
        match event:
            case AccountPoked():
                await poke(self._context, connection, event)
            case CallClicked():
                await note_click(self._context, connection, event)


def _captured(
    request: web.BaseRequest, connection: str, line: "HookLog.Line", hook: Hook, reply: web.Response
) -> CapturedHook:
    """A webhook for those who look at it later."""
    said = reply.body if isinstance(reply.body, bytes) else b""
    return CapturedHook(
        connection,
        hook.received_at,
        line.kind,
        line.outcome,
        line.call_id,
        hook.method,
        request.raw_path,
        request.content_type,
        len(hook.body),
        beginning(hook.body),
        reply.status,
        reply.content_type,
        beginning(said),
        line.seconds,
        line.why,
    )


def _response(reply: Reply) -> web.Response:
    if not reply.body:
        return web.Response(status=reply.status)
    return web.Response(status=reply.status, body=reply.body, content_type=reply.content_type)


def _last(status: int, headers: Mapping[str, str] | None = None) -> web.Response:
    """The last reply on its connection."""
    reply = web.Response(status=status, headers=headers)
    reply.force_close()
    return reply


def _problem(status: int, detail: str, *, field: str = "") -> web.Response:
    """RFC 9457, naming the field that is wrong."""
    problem = {"type": "about:blank", "status": status, "detail": detail}
    if field:
        problem["field"] = field
    return web.Response(status=status, body=msgspec.json.encode(problem), content_type="application/problem+json")
