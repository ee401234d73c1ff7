"""The simulated provider: it places calls by signed webhooks, and takes hang-ups and questions at an address.

It does not watch `max_seconds`: the gateway has to end its calls, and does.
"""

import asyncio
import base64
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from socket import AF_INET, SOCK_STREAM
from socket import socket as Socket  # noqa: N812 - a type
from types import MappingProxyType
from typing import Any, Final

import aiohttp
from aiohttp import web

from gateway.clock import Clock
from gateway.demo.calls import BEARER, SIGNED, SimulatedCall
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, GatewayError
from gateway.domain.events import Cause, Direction
from gateway.providers.base import Hook
from gateway.providers.native.adapter import Native
from gateway.providers.wire.signing import sign_standard, unix

# Within the time that a process is given to stop.
HANG_UP_ALL_S: Final = 3.0
REQUEST_TIMEOUT_S: Final = 10.0
# A gateway that looks whether the control URL works asks about a call of this name.
_NEVER_MADE: Final = "test-"
_UNKNOWN: Final = "?"
# How the ids of calls begin that were only tried.
TRIED: Final = "test-"


class DemoFailed(GatewayError):
    """Something in the demo did not go as it should."""

    code = "demo_failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class HookReply:
    """What the gateway replied: the bytes, and what they say."""

    raw: bytes
    body: Mapping[str, Any]


class SimulatedProvider:
    """`connections` are its two: one that signs, and one with a bearer token for a person with curl."""

    def __init__(self, *, control_url: str, session: aiohttp.ClientSession, clock: Clock) -> None:
        secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self.control_url = control_url
        self.connections: Mapping[str, Connection] = MappingProxyType(
            {
                SIGNED: _connection(SIGNED, "signature", secret, control_url),
                BEARER: _connection(BEARER, "bearer", secrets.token_hex(12), control_url),
            }
        )
        self.gateway_url = ""
        # Told of the calls that somebody made with curl: the call, and whether it is picked up or over.
        self.on_guest: Callable[[SimulatedCall], None] = lambda _call: None
        self._session = session
        self._clock = clock
        self._calls: dict[tuple[str, str], SimulatedCall] = {}
        self._under_way: set[asyncio.Task[None]] = set()

    async def start(self, call: SimulatedCall) -> HookReply:
        """Ask the gateway whether to connect a call; a refused one is forgotten."""
        call.started_at = call.started_at or self._clock.now()
        self._calls[call.connection, call.call_id] = call
        reply = await self._send(call.connection, call.start_body())
        if reply.body["action"] != "connect":
            self.forget(call)
        return reply

    def pick_up(self, call: SimulatedCall) -> None:
        call.answered_at = self._clock.now()

    def hang_up(self, call: SimulatedCall, cause: Cause = Cause.NORMAL) -> None:
        call.ended_at, call.cause = self._clock.now(), cause

    async def answer(self, call: SimulatedCall) -> None:
        self.pick_up(call)
        await self._send(call.connection, call.answer_body())

    async def end(self, call: SimulatedCall, cause: Cause = Cause.NORMAL) -> HookReply:
        """Tell the end of a call, once, whoever was first to end it."""
        if call.ended_at is None:
            self.hang_up(call, cause)
        reply = await self._send(call.connection, call.end_body())
        self.forget(call)
        call.over.set()
        return reply

    async def end_lost(self, *, connection: str, call_id: str) -> None:
        """End a call that an earlier provider left behind: it knows of no answer."""
        ended_at = self._clock.now().isoformat()
        body = {"type": "call.end", "call_id": call_id, "ended_at": ended_at, "seconds": 0, "cause": "failed"}
        await self._send(connection, body)

    async def end_all(self) -> None:
        """End what is up, and tell of every end that was not told, as far as that goes within a moment."""
        with suppress(TimeoutError):
            async with asyncio.timeout(HANG_UP_ALL_S):
                await asyncio.gather(*self._under_way, return_exceptions=True)
                await asyncio.gather(*(self.end(call) for call in self._calls.values()), return_exceptions=True)

    async def control(self, request: web.Request) -> web.Response:
        """`call.hangup` and `call.status`, if the signature or the token is right."""
        connection = self.connections[request.match_info["connection"]]
        body = await request.read()
        now = self._clock.now()
        hook = Hook(method="POST", url=str(request.url), headers=request.headers, body=body, received_at=now)
        try:
            Native().authenticate(hook, connection)
        except BadSignature:
            return web.Response(status=403)
        message = json.loads(body)
        call = self._calls.get((connection.name, message["call_id"]))
        if call is None and message["call_id"].startswith(_NEVER_MADE):
            return web.json_response({"status": "unknown"}, status=404)
        if message["type"] == "call.hangup":
            return self._take_hang_up(call)
        if message["type"] == "call.status":
            return self._tell_status(call, connection.name, message["call_id"])
        return web.Response(status=501)

    def _take_hang_up(self, call: SimulatedCall | None) -> web.Response:
        if call is None:
            return web.json_response({"status": "unknown"}, status=404)
        if call.ended_at is None:
            self.hang_up(call, Cause.LIMIT)
            task = asyncio.create_task(self._end_cut(call))
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return web.json_response({})

    async def _end_cut(self, call: SimulatedCall) -> None:
        # When this fails, the gateway asks again after a while.
        with suppress(DemoFailed, aiohttp.ClientError, TimeoutError):
            await self.end(call)
            if call.caller == _UNKNOWN:
                self.on_guest(call)

    def _tell_status(self, call: SimulatedCall | None, connection: str, call_id: str) -> web.Response:
        """A call we do not know was made with curl, and somebody picks it up; or it is of an earlier demo, and over.

        Of one that was only tried we know nothing, as any provider.
        """
        if call is None and call_id.startswith(TRIED):
            return web.json_response({"status": "unknown"}, status=404)
        if call is None:
            call = SimulatedCall(
                connection=connection,
                call_id=call_id,
                direction=Direction.OUTBOUND,
                caller=_UNKNOWN,
                callee=_UNKNOWN,
                line=_UNKNOWN,
            )
            if connection == BEARER:
                self.pick_up(call)
                self._calls[connection, call_id] = call
                self.on_guest(call)
            else:
                self.hang_up(call, Cause.FAILED)
        call.asked.set()
        return web.json_response(call.status_body())

    async def _send(self, connection: str, body: Mapping[str, Any]) -> HookReply:
        raw = json.dumps(body).encode()
        url = f"{self.gateway_url}/hooks/{connection}"
        # A delivery that is repeated keeps its id.
        message_id = f"{body['type']}:{body['call_id']}"
        headers = self._proof(self.connections[connection], message_id, raw)
        async with self._session.post(url, data=raw, headers=headers) as response:
            reply = await response.read()
            if response.status != 200:
                raise DemoFailed(f"the gateway answered {body['type']} with {response.status}: {reply.decode()}")
            return HookReply(raw=reply, body=json.loads(reply))

    def _proof(self, connection: Connection, message_id: str, raw: bytes) -> dict[str, str]:
        headers = {"Content-Type": "application/json"}
        if connection.auth == "bearer":
            return headers | {"Authorization": f"Bearer {connection.secrets[0]}"}
        timestamp = unix(self._clock.now())
        signature = sign_standard(connection.secrets[0], message_id, timestamp, raw).decode()
        return headers | {
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": signature,
        }

    def forget(self, call: SimulatedCall) -> None:
        """Know no more of a call that is over for the gateway."""
        self._calls.pop((call.connection, call.call_id), None)


@asynccontextmanager
async def open_provider(clock: Clock) -> AsyncIterator[SimulatedProvider]:
    """A provider that listens on a free port of this machine."""
    timeout = aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S)
    with Socket(AF_INET, SOCK_STREAM) as socket:
        socket.bind(("127.0.0.1", 0))
        control_url = f"http://127.0.0.1:{socket.getsockname()[1]}"
        async with aiohttp.ClientSession(timeout=timeout) as session:
            provider = SimulatedProvider(control_url=control_url, session=session, clock=clock)
            application = web.Application()
            application.router.add_post(f"/{{connection:{SIGNED}|{BEARER}}}", provider.control)
            runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=1)
            await runner.setup()
            try:
                await web.SockSite(runner, socket).start()
                yield provider
            finally:
                await runner.cleanup()


def _connection(name: str, auth: str, secret: str, control_url: str) -> Connection:
    return Connection(name=name, kind="native", auth=auth, secrets=(secret,), control_url=f"{control_url}/{name}")
