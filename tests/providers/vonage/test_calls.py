"""Vonage through the whole gateway: its signature, its words, one ledger, and its API to end a call by."""

import json
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from structlog.testing import capture_logs

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from tests.providers.vonage.driver import APPLICATION, CONVERSATION, LEG_UUID, PRIVATE_KEY, SECRET, UUID, token_of
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal


class FakeVonage:
    """The API: takes hang-ups, lists the legs that it was given, and knows the first one."""

    def __init__(self) -> None:
        self.hung_up: list[tuple[str, bytes]] = []
        self.legs: list[dict[str, object]] = []
        self.first_leg: dict[str, object] = {}
        self.url = ""

    async def hang_up(self, request: web.Request) -> web.Response:
        self.hung_up.append((request.path, await request.read()))
        return web.Response(status=204)

    async def call(self, _request: web.Request) -> web.Response:
        if self.first_leg:
            return web.json_response(self.first_leg)
        return web.json_response({"type": "NOT_FOUND", "error_title": "Not Found"}, status=404)

    async def calls(self, request: web.Request) -> web.Response:
        asked = request.query["conversation_uuid"]
        legs = [leg for leg in self.legs if leg["conversation_uuid"] == asked]
        return web.json_response({"count": len(legs), "_embedded": {"calls": legs}})


@pytest.fixture
async def vonage() -> AsyncIterator[FakeVonage]:
    fake = FakeVonage()
    application = web.Application()
    application.router.add_put("/v1/calls/{uuid}", fake.hang_up)
    application.router.add_get("/v1/calls/{uuid}", fake.call)
    application.router.add_get("/v1/calls", fake.calls)
    async with TestServer(application) as server:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, vonage: FakeVonage) -> AsyncIterator[Gateway]:
    options = {"application_id": APPLICATION, "private_key": PRIVATE_KEY, "api_url": vonage.url}
    options |= {"default_line": "+15550100001", "inbound_to": "+442079460000"}
    connection = Connection(name="vo", kind="vonage", secrets=(SECRET,), options=options)
    async with gateway_on(dsn, tmp_path, connections={"vo": connection}) as running:
        yield running


async def post(gateway: Gateway, fields: Mapping[str, object], target: str = "/hooks/vo") -> Any:
    """Post as Vonage does: a token over the body; the NCCO comes back, or nothing."""
    body = json.dumps(fields).encode()
    token = token_of(body, SECRET, gateway.clock.now())
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    response = await gateway.client.post(target, data=body, headers=headers)
    assert response.status in (200, 204), await response.text()
    return await response.json() if response.status == 200 else None


def target_of(action: Mapping[str, Any]) -> str:
    url = urlsplit(action["eventUrl"][0])
    return f"{url.path}?{url.query}"


START = {"uuid": UUID, "conversation_uuid": CONVERSATION, "region_url": "https://api-us-3.vonage.com"}
APP = START | {"endpoint_type": "app", "from_user": "alice", "to": "011442079460000"}
LEG = {"uuid": LEG_UUID, "conversation_uuid": CONVERSATION, "direction": "outbound", "status": "completed"}


def completed(gateway: Gateway, seconds: int) -> dict[str, object]:
    ended_at = gateway.clock.now().isoformat()
    return LEG | {"duration": str(seconds), "end_time": ended_at, "timestamp": ended_at, "price": "0.00732000"}


async def test_a_vonage_call_is_authorized_and_its_leg_is_charged(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        [connect] = await post(gateway, APP)
        assert (connect["limit"], connect["from"]) == (2220, "15550100001")
        assert await post(gateway, APP) == [connect]
        # The call can be ended, so a slice is held.
        assert await world.money(conn, account) == (D(1), D("0.135"))

        gateway.clock.advance(70)
        for _ in range(2):
            await post(gateway, completed(gateway, 61), target_of(connect))
        await post(gateway, completed(gateway, 61))
        assert await world.money(conn, account) == (D("0.946"), D(0))

        refused = await gateway.client.post("/hooks/vo", json=APP, headers={"Authorization": "Bearer e30.e30.AAAA"})
        assert (refused.status, await refused.read()) == (403, b"")


async def test_r13_an_inbound_vonage_call_is_forwarded_by_a_decision_of_its_own(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100002")
        await world.rate(conn, "44", "0.0270")
        [notify] = await post(gateway, START | {"endpoint_type": "phone", "from": "15557654321", "to": "15550100002"})
        assert (notify["action"], await world.money(conn, account)) == ("notify", (D(1), D(0)))

        [connect] = await post(gateway, {"conversation_uuid": CONVERSATION, "payload": notify["payload"]})
        assert (connect["limit"], connect["from"], connect["endpoint"][0]["number"]) == (
            2220,
            "15550100002",
            "442079460000",
        )
        gateway.clock.advance(70)
        await post(gateway, completed(gateway, 61), target_of(connect))
        await post(gateway, LEG | {"direction": "inbound", "uuid": UUID, "duration": "70"})

        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_r8_a_vonage_caller_of_a_suspended_number_hears_that_it_is_busy(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100002", state="suspended")

        [talk] = await post(gateway, START | {"endpoint_type": "phone", "from": "442079460000", "to": "15550100002"})

        assert (talk["action"], talk["text"]) == ("talk", "The number you called is busy.")


async def test_r18_a_vonage_call_is_cut_at_its_deadline(gateway: Gateway, pool: Pool, vonage: FakeVonage) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0.054")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        [connect] = await post(gateway, APP)
        answered_at = gateway.clock.now().isoformat()
        await post(gateway, LEG | {"status": "answered", "timestamp": answered_at}, target_of(connect))

        gateway.clock.advance(130)
        await gateway.cut()

        assert vonage.hung_up == [(f"/v1/calls/{UUID}", b'{"action":"hangup"}')]


async def test_r22_the_fate_of_a_vonage_call_is_asked_for(gateway: Gateway, pool: Pool, vonage: FakeVonage) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await post(gateway, APP)
        gateway.clock.advance(70)
        vonage.legs.append(completed(gateway, 61))

        gateway.clock.advance(3600)
        await gateway.reconcile()

        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_r13_r22_a_vonage_call_that_was_connected_to_nobody_is_closed_when_it_is_asked_for(
    gateway: Gateway, pool: Pool, vonage: FakeVonage
) -> None:
    """The caller of a forwarded call gave up before it was connected: no event is about that call."""
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100002")
        await world.rate(conn, "44", "0.0270")
        [notify] = await post(gateway, START | {"endpoint_type": "phone", "from": "15557654321", "to": "15550100002"})
        await post(gateway, {"conversation_uuid": CONVERSATION, "payload": notify["payload"]})
        vonage.first_leg = LEG | {"direction": "inbound", "end_time": gateway.clock.now().isoformat()}

        gateway.clock.advance(91)
        await gateway.reconcile()
        assert await world.money(conn, account) == (D(1), D(0))
        gateway.clock.advance(3600 + 120)
        await gateway.reconcile()

        ended = await conn.fetch("SELECT direction, state, reported_s, flags FROM call ORDER BY id")
        assert [tuple(row) for row in ended] == [
            ("inbound", "ended", 0, ["end_asked"]),
            ("forward", "ended", 0, ["end_asked"]),
        ]


async def test_an_end_whose_price_is_empty_is_charged_and_the_log_names_it(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        [connect] = await post(gateway, APP)
        gateway.clock.advance(70)

        with capture_logs() as lines:
            await post(gateway, completed(gateway, 61) | {"price": "", "end_time": "soon"}, target_of(connect))

        [line] = [each for each in lines if each["event"] == "call.ended"]
        assert sorted(line["left_out"]) == ["end_time", "price"]
        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_a_client_that_dials_nothing_is_refused_with_a_record(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")

        [said] = await post(gateway, {**APP, "to": ""})

        assert said["action"] == "talk"
        assert await conn.fetchval("SELECT reason FROM call") == "callee_invalid"
