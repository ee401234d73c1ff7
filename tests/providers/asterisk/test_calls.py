"""Asterisk's forms through the whole gateway; the dialplan that posts them is run in `tests/e2e/asterisk`."""

from base64 import b64encode
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal
CHANNEL = "1774960480.12"
LOGIN = {"Authorization": "Basic " + b64encode(b"ast:secret").decode()}
CALL = {"channel": CHANNEL, "direction": "outbound", "caller": "1001", "callee": "011442079460000"}


class FakeAri:
    def __init__(self) -> None:
        self.asked: list[str] = []
        self.status = 204
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != "Basic " + b64encode(b"gateway:pw").decode():
            return web.Response(status=401)
        self.asked.append(f"{request.method} {request.rel_url.raw_path_qs}")
        return web.Response(status=self.status)


@pytest.fixture
async def ari() -> AsyncIterator[FakeAri]:
    fake = FakeAri()
    application = web.Application()
    application.router.add_route("*", "/ari/channels/{id}", fake.handle)
    async with TestServer(application) as server:
        fake.url = str(server.make_url("/ari"))
        yield fake


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, ari: FakeAri) -> AsyncIterator[Gateway]:
    options = {"outbound_to": "PJSIP/{callee}@trunk", "default_line": "+15550100001", "ari_password": "pw"}
    connection = Connection(name="ast", kind="asterisk", secrets=("secret",), control_url=ari.url, options=options)
    async with gateway_on(dsn, tmp_path, connections={"ast": connection}) as running:
        yield running


async def post(gateway: Gateway, **fields: str) -> dict[str, str]:
    response = await gateway.client.post("/hooks/ast", data=CALL | fields, headers=LOGIN)
    assert response.status == 200, await response.text()
    reply: dict[str, str] = await response.json()
    return reply


async def test_a_call_by_asterisk_is_authorized_answered_and_charged_once(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        reply = await post(gateway, type="start")
        assert reply == {
            "action": "connect",
            "dial": "PJSIP/+442079460000@trunk",
            "caller_id": "+15550100001",
            "max_ms": "2220000",
            "presentation": "allowed",
        }
        assert await post(gateway, type="start") == reply
        # The gateway can end the call, so a slice is held.
        assert await world.money(conn, account) == (D(1), D("0.135"))
        await post(gateway, type="answer")
        gateway.clock.advance(61)
        at = str(int(gateway.clock.now().timestamp()))
        for _ in range(2):
            assert await post(gateway, type="end", dialstatus="ANSWER", answered_ms="60200", at=at) == {
                "action": "taken"
            }

        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_r33_a_form_without_the_login_is_refused(gateway: Gateway) -> None:
    response = await gateway.client.post("/hooks/ast", data=CALL | {"type": "start"})

    assert (response.status, await response.read()) == (403, b"")


async def test_r18_the_gateway_ends_a_call_at_its_deadline(gateway: Gateway, pool: Pool, ari: FakeAri) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await post(gateway, type="start")
        await post(gateway, type="answer")

        for _ in range(12):
            gateway.clock.advance(299)
            await gateway.extend()
        gateway.clock.advance(60)
        await gateway.cut()

        assert ari.asked == [f"DELETE /ari/channels/{CHANNEL}"]
