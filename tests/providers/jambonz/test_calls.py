"""jambonz through the whole gateway: its signature, its words, one ledger, and its API to end a call by."""

import hmac
import json
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from gateway.usecases.calls.shown.show import cut_call
from tests.providers.jambonz.driver import ACCOUNT_SID, API_KEY, CALL_SID, LEG_SID, SECRET
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway, gateway_on

D = Decimal


class FakeJambonz:
    """The API: takes hang-ups of the state that the call is in, and says of each call what it was given."""

    def __init__(self) -> None:
        self.hung_up: list[tuple[str, str, bytes]] = []
        self.call: dict[str, object] = {}
        self.is_ringing = False
        self.url = ""

    async def update(self, request: web.Request) -> web.Response:
        body = await request.read()
        self.hung_up.append((request.path, request.headers["Authorization"], body))
        if json.loads(body)["call_status"] == ("completed" if self.is_ringing else "no-answer"):
            return web.Response(status=422, text="current call state is incompatible with requested action")
        return web.Response(status=202)

    async def show(self, _request: web.Request) -> web.Response:
        return web.json_response(self.call) if self.call else web.Response(status=404)


@pytest.fixture
async def jambonz() -> AsyncIterator[FakeJambonz]:
    fake = FakeJambonz()
    application = web.Application()
    application.router.add_put("/v1/Accounts/{account}/Calls/{call}", fake.update)
    application.router.add_get("/v1/Accounts/{account}/Calls/{call}", fake.show)
    async with TestServer(application) as server:
        fake.url = str(server.make_url("")).rstrip("/")
        yield fake


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, jambonz: FakeJambonz) -> AsyncIterator[Gateway]:
    options = {"api_url": jambonz.url, "account_sid": ACCOUNT_SID, "api_key": API_KEY}
    options |= {"default_line": "+15550100001", "inbound_to": "+442079460000"}
    connection = Connection(name="jb", kind="jambonz", secrets=(SECRET,), options=options)
    async with gateway_on(dsn, tmp_path, connections={"jb": connection}) as running:
        yield running


async def post(gateway: Gateway, fields: Mapping[str, object], hook: str = "/hooks/jb") -> Any:
    """Post as the feature server does: to the path and the query of a hook, signed over the body as it is sent."""
    url, body = urlsplit(hook), json.dumps(fields).encode()
    timestamp = int(gateway.clock.now().timestamp())
    signature = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
    headers = {"Jambonz-Signature": f"t={timestamp},v1={signature}", "Content-Type": "application/json"}
    target = f"{url.path}?{url.query}" if url.query else url.path
    response = await gateway.client.post(target, data=body, headers=headers)
    assert response.status == 200, await response.text()
    return await response.json()


LEG = {"call_sid": LEG_SID, "parent_call_sid": CALL_SID, "direction": "outbound", "sip_status": 200}
FIRST = {"call_sid": CALL_SID, "direction": "inbound", "call_status": "trying", "sip_status": 100}
USER = FIRST | {"from": "alice", "to": "011442079460000", "sip": {"headers": {"X-Authenticated-User": "alice@acme"}}}
OUTSIDE = FIRST | {"from": "+15557654321", "to": "+15550100002", "sip": {"headers": {}}}


async def test_a_jambonz_call_is_authorized_and_its_leg_is_charged(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        verbs = await post(gateway, USER)
        tag, dial = verbs
        assert (dial["timeLimit"], dial["callerId"]) == (2220, "+15550100001")
        assert await post(gateway, USER) == verbs
        assert await world.money(conn, account) == (D(1), D("0.135"))

        gateway.clock.advance(70)
        ended = LEG | {"call_status": "completed", "duration": 61, "customerData": dial["tag"]}
        await post(gateway, ended)
        await post(gateway, ended)
        over = FIRST | {"dial_call_status": "completed", "dial_sip_status": 200, "customerData": tag["data"]}
        assert await post(gateway, over, dial["actionHook"]) == [{"verb": "hangup"}]
        assert await world.money(conn, account) == (D("0.946"), D(0))

        refused = await gateway.client.post("/hooks/jb", json=USER, headers={"Jambonz-Signature": "t=1,v1=00"})
        assert (refused.status, await refused.read()) == (403, b"")


async def test_r21_a_jambonz_call_whose_start_was_lost_is_charged_by_its_tag(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        tag = {"leg": "outbound", "caller": "alice", "callee": "+442079460000", "line": "+15550100001"}

        await post(gateway, LEG | {"call_status": "completed", "duration": 61, "customerData": tag})

        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_a_jambonz_call_that_nobody_answers_holds_nothing(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        tag, dial = await post(gateway, USER)

        over = FIRST | {"dial_call_status": "ringing", "dial_sip_status": 180, "customerData": tag["data"]}
        [decline] = await post(gateway, over, dial["actionHook"])

        assert (decline["verb"], decline["status"]) == ("sip:decline", 480)
        assert await world.money(conn, account) == (D(1), D(0))


async def test_r13_an_inbound_jambonz_call_is_forwarded_by_a_decision_of_its_own(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100002")
        await world.rate(conn, "44", "0.0270")
        tag, redirect = await post(gateway, OUTSIDE)
        assert await world.money(conn, account) == (D(1), D(0))

        tag, dial = await post(gateway, FIRST | {"customerData": tag["data"]}, redirect["actionHook"])
        assert (dial["timeLimit"], dial["callerId"]) == (2220, "+15550100002")
        gateway.clock.advance(70)
        await post(gateway, LEG | {"call_status": "completed", "duration": 61, "customerData": dial["tag"]})
        await post(gateway, FIRST | {"call_status": "completed", "duration": 61, "customerData": tag["data"]})

        assert await world.money(conn, account) == (D("0.946"), D(0))
        states = await conn.fetch("SELECT direction, state FROM call ORDER BY id")
        assert [tuple(row) for row in states] == [("inbound", "ended"), ("forward", "ended")]


async def test_r8_jambonz_is_told_busy_for_a_suspended_number(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100002", state="suspended")

        verbs = await post(gateway, OUTSIDE)

        assert verbs == [{"verb": "sip:decline", "status": 486, "reason": "Busy Here"}]


async def test_r18_a_jambonz_call_is_cut_at_its_deadline(gateway: Gateway, pool: Pool, jambonz: FakeJambonz) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0.054")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        _, dial = await post(gateway, USER)
        await post(gateway, LEG | {"call_status": "in-progress", "customerData": dial["tag"]})

        gateway.clock.advance(130)
        await gateway.cut()

        path = f"/v1/Accounts/{ACCOUNT_SID}/Calls/{CALL_SID}"
        assert jambonz.hung_up == [(path, f"Bearer {API_KEY}", b'{"call_status":"completed"}')]


async def test_r19_a_jambonz_call_that_still_rings_is_cut_at_once(
    gateway: Gateway, pool: Pool, jambonz: FakeJambonz
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        tag, dial = await post(gateway, USER)
        jambonz.is_ringing = True

        await cut_call(conn, actor=CLERK, reference=f"jb:{CALL_SID}", now=gateway.clock.now())
        await gateway.cut()

        completed, no_answer = b'{"call_status":"completed"}', b'{"call_status":"no-answer"}'
        assert [body for _, _, body in jambonz.hung_up] == [completed, no_answer]
        over = FIRST | {"dial_call_status": "ringing", "dial_sip_status": 180, "customerData": tag["data"]}
        await post(gateway, over, dial["actionHook"])
        assert await world.money(conn, account) == (D(1), D(0))


async def test_r22_the_fate_of_a_jambonz_call_is_asked_for(gateway: Gateway, pool: Pool, jambonz: FakeJambonz) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await post(gateway, USER)
        jambonz.call = FIRST | {"call_status": "completed", "duration": 61}

        gateway.clock.advance(70)
        await post(gateway, FIRST | {"call_status": "completed", "duration": 61})
        gateway.clock.advance(20)
        await gateway.reconcile()

        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_trap5_r22_the_lost_end_of_a_short_jambonz_call_is_found_before_jambonz_forgets_it(
    gateway: Gateway, pool: Pool, jambonz: FakeJambonz
) -> None:
    """Its record is gone an hour after its end, which is before the deadline of a call that might last an hour."""
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="100")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        _, dial = await post(gateway, USER)
        await post(gateway, LEG | {"call_status": "in-progress", "customerData": dial["tag"]})
        over = FIRST | {"call_status": "completed", "duration": 61}

        for minute in range(130):
            gateway.clock.advance(60)
            # Up for a minute, and remembered for an hour.
            jambonz.call = FIRST | {"call_status": "in-progress"} if minute < 1 else over if minute < 61 else {}
            await gateway.reconcile()

        assert await world.money(conn, account) == (D("99.946"), D(0))
        assert [list(row["flags"]) for row in await conn.fetch("SELECT flags FROM call")] == [["end_asked"]]


async def test_r22_a_jambonz_call_that_is_up_keeps_everything_however_often_it_is_asked_for(
    gateway: Gateway, pool: Pool, jambonz: FakeJambonz
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="100")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        _, dial = await post(gateway, USER)
        await post(gateway, LEG | {"call_status": "in-progress", "customerData": dial["tag"]})
        jambonz.call = FIRST | {"call_status": "in-progress"}
        read = "SELECT hold, held_s, must_end_at, cut_due_at, extend_due_at FROM live_call"
        before = await conn.fetch(read)

        for _ in range(2):
            gateway.clock.advance(900)
            await gateway.reconcile()
            assert await conn.fetch(read) == before
            next_look = await conn.fetchval("SELECT reconcile_due_at FROM live_call")
            assert (next_look - gateway.clock.now()).total_seconds() == 900
        assert jambonz.hung_up == []
