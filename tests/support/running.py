"""A gateway in this process, on a real database, driven over HTTP as a provider drives it."""

import itertools
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from gateway.app import Patience, Running, running
from gateway.clock import Clock
from gateway.domain.accounts.large_sums import LargeSums
from gateway.domain.calls.call import Limits
from gateway.domain.connection import Connection
from gateway.listeners import build_web
from gateway.providers.wire.signing import sign_standard
from gateway.settings import Settings
from gateway.usecases.calls.cut import Cutter
from gateway.usecases.calls.ends.ask_doubted_ends import doubts
from gateway.usecases.calls.ends.reconcile import reconcile_calls
from gateway.usecases.calls.ends.replay import replay_spool
from gateway.usecases.calls.extend import extend_holds
from gateway.usecases.lines.run_due import run_due
from gateway.web.hook_door import put_hooks_first
from tests.support.world import RECORDED, FakeClock

# What a gateway believes that is not told where it listens.
UNUSED_PORT = 8080
SECRET = "whsec_" + b64encode(b"k" * 32).decode()
# A slow machine is no finding: what is tested here is what becomes of calls, not how soon.
PATIENT = Patience(statement=timedelta(minutes=1), lock=timedelta(minutes=1), turn=timedelta(minutes=1), decision_s=60)
_ids = itertools.count(1)


class FakeProvider:
    """What takes call.hangup and call.status; remembers what it was asked, answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.hang_up_status = 200
        self.statuses: dict[str, dict[str, Any]] = {}
        self.unknown_status = 404
        self.is_stranger = False
        self.strange_body = b""
        self.url = ""

    async def control(self, request: web.Request) -> web.Response:
        body = json.loads(await request.read())
        self.asked.append(body)
        if body["type"] == "call.hangup":
            return self._said(self.hang_up_status)
        status = self.statuses.get(body["call_id"])
        return self._said(self.unknown_status) if status is None else web.json_response(status)

    def _said(self, status: int) -> web.Response:
        """A status; with 404 the contract's words, unless this is to be a stranger at the control URL."""
        if status == 404 and not self.is_stranger:
            return web.json_response({"status": "unknown"}, status=status)
        return web.Response(status=status, body=self.strange_body)

    def hang_ups(self) -> list[tuple[str, str]]:
        return [(body["call_id"], body["reason"]) for body in self.asked if body["type"] == "call.hangup"]


class Gateway:
    """One gateway process in the small, with a clock that the test moves and workers that it turns."""

    def __init__(self, process: Running, client: "TestClient[Any, Any]", clock: Any, provider: FakeProvider) -> None:
        self.process = process
        self.client = client
        self.clock = clock
        self.provider = provider
        self.cutter = Cutter(process.context)

    async def hook(
        self, body: dict[str, Any] | bytes, *, connection: str = "pbx", message_id: str | None = None
    ) -> aiohttp.ClientResponse:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        message_id = message_id or f"msg_{next(_ids)}"
        timestamp = str(int(self.clock.now().timestamp()))
        headers = {
            "webhook-id": message_id,
            "webhook-timestamp": timestamp,
            "webhook-signature": sign_standard(SECRET, message_id, timestamp, raw).decode(),
        }
        response: aiohttp.ClientResponse = await self.client.post(f"/hooks/{connection}", data=raw, headers=headers)
        await response.read()
        return response

    async def start(
        self,
        call_id: str,
        callee: str = "+442079460000",
        *,
        caller: str = "+15550100001",
        direction: str = "outbound",
        connection: str = "pbx",
        **more: Any,
    ) -> dict[str, Any]:
        body = {"type": "call.start", "call_id": call_id, "direction": direction, "caller": caller, "callee": callee}
        response = await self.hook(body | more, connection=connection)
        assert response.status == 200, await response.text()
        reply: dict[str, Any] = await response.json()
        return reply

    async def answer(self, call_id: str, *, connection: str = "pbx", **more: Any) -> None:
        response = await self.hook({"type": "call.answer", "call_id": call_id} | more, connection=connection)
        assert response.status == 200, await response.text()

    async def end(self, call_id: str, *, connection: str = "pbx", **more: Any) -> dict[str, Any]:
        response = await self.hook({"type": "call.end", "call_id": call_id} | more, connection=connection)
        assert response.status == 200, await response.text()
        reply: dict[str, Any] = await response.json()
        return reply

    async def cut(self) -> None:
        while await self.cutter.once():
            pass
        await self.cutter.finish()

    async def extend(self) -> None:
        while await extend_holds(self.process.context):
            pass

    async def run_due(self) -> None:
        while await run_due(self.process.context):
            pass

    async def reconcile(self) -> None:
        while await reconcile_calls(self.process.context, self.process.book):
            pass

    async def ask_doubted(self) -> None:
        while await doubts(self.process.book).once(self.process.context):
            pass

    async def replay(self) -> None:
        await replay_spool(self.process.context.spool, self.process.book)


@asynccontextmanager
async def fake_provider() -> AsyncIterator[FakeProvider]:
    provider = FakeProvider()
    application = web.Application()
    application.router.add_post("/control", provider.control)
    async with TestServer(application) as server:
        provider.url = str(server.make_url("/control"))
        yield provider


class GatewayServer(TestServer):
    """Serves an application of ours as `listening` does, webhooks first."""

    async def start_server(self, **kwargs: Any) -> None:
        await super().start_server(**kwargs)
        assert self.runner is not None
        assert self.runner.server is not None
        put_hooks_first(self.runner.server, self.app)


@asynccontextmanager
async def gateway_on(
    dsn: str,
    data: Path,
    *,
    clock: FakeClock | None = None,
    limits: Limits | None = None,
    connections: dict[str, Connection] | None = None,
    workers: bool = False,
    operator_email: str | None = None,
    encryption_keys: tuple[str, ...] = (),
    operator_second_factor: bool = False,
    large_sums: LargeSums | None = None,
    patience: Patience = PATIENT,
    port: int = 0,
) -> AsyncIterator[Gateway]:
    """Connections: `pbx` can be cut, `trunk` cannot; both sign with SECRET. `port` 0: any, which it does not know."""
    clock = clock or FakeClock()
    async with fake_provider() as provider:
        ours = {
            "pbx": Connection(name="pbx", kind="native", secrets=(SECRET,), control_url=provider.url),
            "trunk": Connection(name="trunk", kind="native", secrets=(SECRET,)),
        }
        settings = Settings(
            database_url=dsn,
            data=data,
            connections=ours | (connections or {}),
            limits=limits or RECORDED,
            operator_email=operator_email,
            encryption_keys=encryption_keys,
            operator_second_factor=operator_second_factor,
            large_sums=large_sums or LargeSums(),
            api_rate=100_000,
            port=port or UNUSED_PORT,
        )
        opened = gateway_by(settings, dsn, clock, provider, workers=workers, patience=patience, port=port)
        async with opened as gateway:
            yield gateway


@asynccontextmanager
async def gateway_by(
    settings: Settings,
    dsn: str,
    clock: Clock,
    provider: FakeProvider,
    *,
    workers: bool = False,
    patience: Patience = PATIENT,
    port: int = 0,
) -> AsyncIterator[Gateway]:
    """A gateway by settings that are there already."""
    async with (
        running(settings, dsn, clock, workers=workers, patience=patience, opened_at_once=1) as process,
        TestClient(GatewayServer(build_web(process), port=port)) as client,
    ):
        yield Gateway(process, client, clock, provider)
