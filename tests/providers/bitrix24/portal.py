"""A Bitrix24 portal on loopback: its REST for calls and its OAuth, as strict as the real ones are said to be."""

import asyncio
import json
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from gateway.usecases.crm.register import CallRegistrar, registrars
from tests.support import world
from tests.support.running import Gateway

NOT_FOUND = "Call is not found (call should be registered prior to finishing)"
LINE, CALLEE = "+15550100001", "+442079460000"
LIMITED = {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}


class FakePortal:
    """Registers calls once by their external id, finishes them once, and shows in its statistics what is finished."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, dict[str, Any]]] = []
        # By the CRM's own id: what was registered, and what finished it.
        self.open: dict[str, dict[str, Any]] = {}
        self.finished: dict[str, dict[str, Any]] = {}
        # What is answered before anything is done, and what after all is done: the answer that gets lost.
        self.refusals: deque[tuple[int, dict[str, Any]]] = deque()
        self.losses: deque[int] = deque()
        self.delay_s = 0.0
        # None: no token is asked for, as by an incoming webhook.
        self.access: str | None = None
        self.refresh = "first"
        self.refreshed = 0

    def methods(self) -> list[str]:
        return [method.rpartition(".")[2] for method, _ in self.asked]

    async def rest(self, request: web.Request) -> web.Response:
        method, body = request.match_info["method"], json.loads(await request.read())
        self.asked.append((method, body))
        await asyncio.sleep(self.delay_s)
        if self.refusals:
            status, error = self.refusals.popleft()
            return web.json_response(error, status=status)
        if self.access is not None and body.get("auth") != self.access:
            return web.json_response({"error": "expired_token", "error_description": "x"}, status=401)
        status, reply = self._answer(method, body)
        if self.losses:
            return web.Response(status=self.losses.popleft())
        return web.json_response(reply, status=status)

    def _answer(self, method: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        match method:
            case "telephony.externalCall.register":
                external = body["EXTERNAL_CALL_ID"]
                known = [name for name, call in self.open.items() if call["EXTERNAL_CALL_ID"] == external]
                call_id = known[0] if known else f"externalCall.{len(self.open) + len(self.finished) + 1}.1"
                self.open[call_id] = body
                return 200, {"result": {"CALL_ID": call_id}}
            case "telephony.externalCall.finish":
                call_id = body["CALL_ID"]
                if self.open.pop(call_id, None) is None:
                    return 400, {"error": "ERROR_CORE", "error_description": NOT_FOUND}
                self.finished[call_id] = body
                return 200, {"result": {"ID": "1", "CALL_ID": call_id, "COST": f"{body['COST']:.4f}"}}
            case "voximplant.statistic.get":
                call_id = body["FILTER"]["CALL_ID"]
                return 200, {"result": [{"CALL_ID": call_id}] if call_id in self.finished else []}
        return 404, {"error": "ERROR_METHOD_NOT_FOUND", "error_description": method}

    async def oauth(self, request: web.Request) -> web.Response:
        self.refreshed += 1
        if request.query["refresh_token"] != self.refresh:
            return web.json_response({"error": "invalid_grant"}, status=400)
        self.access, self.refresh = f"access-{self.refreshed}", f"refresh-{self.refreshed}"
        return web.json_response({"access_token": self.access, "refresh_token": self.refresh, "expires_in": 3600})


@asynccontextmanager
async def fake_portal() -> AsyncIterator[FakePortal]:
    portal = FakePortal()
    application = web.Application()
    application.router.add_post("/rest/{method}", portal.rest)
    application.router.add_get("/oauth/token/", portal.oauth)
    async with TestServer(application) as server:
        portal.url = str(server.make_url("/")).rstrip("/")
        yield portal


async def acme(pool: Pool) -> int:
    """An account with a dollar, a number, and prices for it."""
    async with pool.acquire() as conn:
        account_id = await world.account(conn, balance="1")
        await world.number(conn, account_id, LINE)
        await world.rate(conn, "44", "0.0270")
        await world.rate(conn, kind="inbound", per_minute="0")
        return account_id


def portal_connection(portal: FakePortal, account: int, **options: str) -> Connection:
    given = {"account": str(account), "rest_url": f"{portal.url}/rest", "user_id": "12"}
    return Connection(name="b24", kind="bitrix24", secrets=("token",), options=given | options)


async def registrar_of(gateway: Gateway) -> CallRegistrar:
    """The CRM's worker, which has had its first turn: from now on calls are registered."""
    [found] = registrars(gateway.process.context)
    await turn(found)
    return found


async def turn(registrar: CallRegistrar) -> None:
    while await registrar.once():
        pass


async def told(pool: Pool) -> list[tuple[str, int, str | None]]:
    """State, tries and last reply of each call."""
    rows = await pool.fetch("SELECT state, tries, last_reply FROM crm_call ORDER BY call_id")
    return [tuple(row) for row in rows]


async def states(pool: Pool) -> list[str]:
    return [state for state, _, _ in await told(pool)]


async def talk(gateway: Gateway, call_id: str = "a", **end: Any) -> None:
    await gateway.start(call_id, CALLEE)
    await gateway.end(call_id, **({"seconds": 95} | end))


def refused(*answers: tuple[int, Mapping[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    return [(status, dict(body)) for status, body in answers]
