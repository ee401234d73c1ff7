"""Telnyx through the whole gateway: TeXML in the reply, and Call Control by commands that its API is sent."""

import asyncio
import json
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from xml.etree import ElementTree as ET

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from nacl.signing import SigningKey

from gateway.domain.connection import Connection
from gateway.domain.errors import ProviderFailed
from gateway.domain.events import CallStarted, Direction
from gateway.postgres.types import Pool
from gateway.providers.base import Connect, Reject
from gateway.providers.registry import adapters
from gateway.usecases.calls.command import TIMEOUT_S, Commands
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal
KEY = SigningKey(b"k" * 32)
PUBLIC_KEY = b64encode(bytes(KEY.verify_key)).decode()
ACCOUNT = "f5586561-8ff0-4291-a51b-c7dfe4139ff9"
SIP_CONNECTION = "1684641123236054999"
CALL = "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"
LEG = "v3:9X2vxPDFY2RHSJ1EdMS0RHRksMTg7ldNxdjWbVr9zBjbGjGsSe-aiQ"
SECOND_CALL = "v3:1a8vwQXyIaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"
SESSION = "428c31b6-abf3-3bc1-b7f4-5013ef9657c1"


class Api:
    """Telnyx' API as far as commands go: obeys each `command_id` once, and fails as it is told."""

    def __init__(self) -> None:
        self.url = ""
        self.sent: list[tuple[str, dict[str, Any]]] = []
        self.obeyed: dict[str, dict[str, Any]] = {}
        self.states: dict[str, str] = {}
        self.fail: dict[str, int] = {}
        self.hang = False
        self.gone: set[str] = set()
        self.ended_at = ""
        self.texml: dict[str, str] = {}

    async def command(self, request: web.Request) -> web.Response:
        leg, action, body = request.match_info["leg"], request.match_info["action"], json.loads(await request.read())
        assert request.headers["Authorization"] == "Bearer KEY"
        self.sent.append((f"{leg} {action}", body))
        if self.hang:
            await asyncio.Event().wait()
        if action in self.fail:
            return web.json_response({"errors": [{"code": "10007"}]}, status=self.fail[action])
        if leg in self.gone:
            return web.json_response({"errors": [{"code": "90018", "title": "Call has already ended"}]}, status=422)
        self.obeyed.setdefault(body.get("command_id", action), body)
        self.states[leg] = body.get("client_state", self.states.get(leg, ""))
        if action == "transfer":
            self.states[LEG] = body["target_leg_client_state"]
        return web.json_response({"data": {"result": "ok"}})

    async def status(self, request: web.Request) -> web.Response:
        found = {"call_control_id": request.match_info["leg"], "is_alive": False, "end_time": self.ended_at}
        return web.json_response({"data": found})

    async def texml_call(self, request: web.Request) -> web.Response:
        return web.json_response({"sid": request.match_info["call"], **self.texml})

    def actions(self) -> list[str]:
        return [what for what, _ in self.sent]


@asynccontextmanager
async def telnyx_api() -> AsyncIterator[Api]:
    api = Api()
    application = web.Application()
    application.router.add_route("*", "/v2/calls/{leg}/actions/{action}", api.command)
    application.router.add_get("/v2/calls/{leg}", api.status)
    application.router.add_get("/v2/texml/Accounts/{account}/Calls/{call}", api.texml_call)
    async with TestServer(application) as server:
        api.url = str(server.make_url("/v2"))
        yield api


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with telnyx_api() as running:
        yield running


def connections_of(api: Api) -> dict[str, Connection]:
    """TeXML, Call Control, and Call Control that forwards what comes in."""
    options = {"api_key": "KEY", "api_url": api.url, "outbound_connection_id": SIP_CONNECTION}
    sip = options | {"inbound_to": "sip:pbx@example.com"}
    forwarding = options | {"inbound_to": "+442079460000"}
    kind = "telnyx-call-control"
    return {
        "tx": Connection(name="tx", kind="telnyx", secrets=(PUBLIC_KEY,), options=sip | {"account_sid": ACCOUNT}),
        "cc": Connection(name="cc", kind=kind, secrets=(PUBLIC_KEY,), options=sip),
        "forwarding": Connection(name="forwarding", kind=kind, secrets=(PUBLIC_KEY,), options=forwarding),
    }


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, api: Api) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections=connections_of(api)) as running:
        yield running


async def post(gateway: Gateway, target: str, body: bytes) -> aiohttp.ClientResponse:
    """Post as Telnyx does, signed over the time and the body."""
    timestamp = str(int(gateway.clock.now().timestamp()))
    signature = b64encode(KEY.sign(timestamp.encode() + b"|" + body).signature).decode()
    headers = {"telnyx-timestamp": timestamp, "telnyx-signature-ed25519": signature}
    response: aiohttp.ClientResponse = await gateway.client.post(target, data=body, headers=headers)
    await response.read()
    return response


async def line(conn: Any, *, balance: str = "1", state: str = "active") -> int:
    account = await world.account(conn, balance=balance)
    await world.number(conn, account, "+15550100001", state=state)
    await world.rate(conn, "44", "0.0270")
    return account


# TeXML.


async def form(gateway: Gateway, target: str, fields: Mapping[str, str]) -> str:
    response = await post(gateway, target, urlencode(fields).encode())
    assert response.status == 200, await response.text()
    return await response.text()


async def test_a_texml_call_is_authorized_and_its_leg_is_charged(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await line(conn)
        call = {"AccountSid": ACCOUNT, "CallSid": CALL, "ConnectionId": SIP_CONNECTION, "CallStatus": "ringing"}
        call |= {"From": "sip:15550100001@acme.sip.telnyx.com", "To": "+442079460000", "CallingPartyType": "sip"}

        texml = await form(gateway, "/hooks/tx", call)
        dial = ET.fromstring(texml).find("Dial")  # noqa: S314 - our own document
        assert dial is not None
        assert (dial.get("timeLimit"), dial.get("callerId")) == ("2220", "+15550100001")
        assert await form(gateway, "/hooks/tx", call) == texml
        assert await world.money(conn, account) == (D(1), D("0.135"))

        callback = urlsplit(dial[0].get("statusCallback") or "")
        leg = {"AccountSid": ACCOUNT, "CallSid": LEG, "ParentCallSid": CALL, "CallStatus": "completed"}
        leg |= {"From": "+15550100001", "To": "+442079460000", "CallDuration": "61"}
        gateway.clock.advance(70)
        for _ in range(2):
            await form(gateway, f"{callback.path}?{callback.query}", leg)
        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_r21_a_texml_call_whose_end_comes_before_its_start_is_charged_once(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await line(conn)
        start = CallStarted(
            call_id=CALL,
            direction=Direction.OUTBOUND,
            caller="+15550100001",
            callee="+442079460000",
            line="+15550100001",
        )
        settings = gateway.process.context.settings
        connect = Connect(caller_id="+15550100001", max_seconds=2220)
        would_say = adapters()["telnyx"].reply(
            start, connect, settings.connections["tx"], public_url=settings.public_url
        )
        callback = urlsplit(ET.fromstring(would_say.body)[0][0].get("statusCallback") or "")  # noqa: S314 - our own document
        leg = {"AccountSid": ACCOUNT, "CallSid": LEG, "ParentCallSid": CALL, "CallStatus": "completed"}
        call = {"AccountSid": ACCOUNT, "CallSid": CALL, "ConnectionId": SIP_CONNECTION, "CallStatus": "ringing"}
        call |= {"From": "sip:15550100001@acme.sip.telnyx.com", "To": "+442079460000", "CallingPartyType": "sip"}

        await form(gateway, f"{callback.path}?{callback.query}", leg | {"CallDuration": "61"})
        assert "<Reject" in await form(gateway, "/hooks/tx", call)
        await form(gateway, f"{callback.path}?{callback.query}", leg | {"CallDuration": "61"})

        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_a_texml_call_whose_end_got_lost_is_not_charged_for_its_ringing(
    gateway: Gateway, pool: Pool, api: Api
) -> None:
    """What is asked for is the first leg, which may have been up before the dialled one was answered."""
    async with pool.acquire() as conn:
        account = await line(conn)
        call = {"AccountSid": ACCOUNT, "CallSid": CALL, "ConnectionId": SIP_CONNECTION, "CallStatus": "ringing"}
        texml = await form(gateway, "/hooks/tx", call | {"From": "+15550100001", "To": "+442079460000"})
        callback = urlsplit(ET.fromstring(texml)[0][0].get("statusCallback") or "")  # noqa: S314 - our own document
        leg = {"AccountSid": ACCOUNT, "CallSid": LEG, "ParentCallSid": CALL, "CallStatus": "in-progress"}
        gateway.clock.advance(25)
        await form(gateway, f"{callback.path}?{callback.query}", leg)
        gateway.clock.advance(58)
        ended_at = gateway.clock.now().isoformat()
        api.texml = {"status": "completed", "duration": "83", "end_time": ended_at}

        await form(gateway, "/hooks/tx", {"AccountSid": ACCOUNT, "CallSid": CALL, "CallStatus": "completed"})
        gateway.clock.advance(20)
        await gateway.reconcile()

        assert await conn.fetchval("SELECT reported_s FROM call") == 58
        assert await world.money(conn, account) == (D("0.973"), D(0))


async def test_a_texml_hook_with_a_query_of_somebody_else_is_refused(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await line(conn)
        call = {"AccountSid": ACCOUNT, "CallSid": CALL, "From": "+1555", "To": "+15550100001", "CallStatus": "ringing"}

        target = "/hooks/tx?callee=%2B442079460000&leg=forward&line=%2B15550100001"
        refused = await post(gateway, target, urlencode(call).encode())

        assert (refused.status, await refused.read()) == (403, b"")
        assert await world.money(conn, account) == (D(1), D(0))


async def test_texml_is_told_busy_for_a_suspended_number(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await line(conn, state="suspended")
        call = {"AccountSid": ACCOUNT, "CallSid": CALL, "From": "+442079460001", "To": "+15550100001"}

        texml = await form(gateway, "/hooks/tx", call | {"CallStatus": "ringing"})

        reject = ET.fromstring(texml)[0]  # noqa: S314 - our own document
        assert (reject.tag, reject.get("reason")) == ("Reject", "busy")


# Call Control.


async def event(gateway: Gateway, kind: str, *, by: str = "cc", at: datetime | None = None, **payload: object) -> int:
    occurred_at = (at or gateway.clock.now()).isoformat()
    ids = {"call_control_id": CALL, "call_session_id": SESSION}
    data = {"event_type": kind, "occurred_at": occurred_at, "payload": {**ids, **payload}}
    response = await post(gateway, f"/hooks/{by}", json.dumps({"data": data}).encode())
    return response.status


DIALS = {"from": "+15550100001", "to": "+442079460000", "direction": "outgoing", "connection_id": SIP_CONNECTION}
RINGS = {"from": "+442079460001", "to": "+15550100001", "direction": "incoming", "connection_id": "1"}


async def test_a_call_is_authorized_by_a_command_and_its_leg_is_charged(gateway: Gateway, pool: Pool, api: Api) -> None:
    async with pool.acquire() as conn:
        account = await line(conn)

        assert await event(gateway, "call.initiated", **DIALS) == 200
        what, transfer = api.sent[0]
        assert what == f"{CALL} transfer"
        assert (transfer["to"], transfer["from"], transfer["time_limit_secs"]) == (
            "+442079460000",
            "+15550100001",
            2220,
        )
        assert await world.money(conn, account) == (D(1), D("0.135"))
        state = api.states[LEG]
        assert await event(gateway, "call.initiated", **DIALS | {"call_control_id": LEG, "client_state": state}) == 200

        gateway.clock.advance(10)
        assert await event(gateway, "call.answered", call_control_id=LEG, client_state=state) == 200
        gateway.clock.advance(61)
        ended = {"call_control_id": LEG, "client_state": api.states[LEG], "hangup_cause": "normal_clearing"}
        for _ in range(2):
            assert await event(gateway, "call.hangup", **ended) == 200
        transferred = transfer["client_state"]
        assert await event(gateway, "call.hangup", client_state=transferred, hangup_cause="normal_clearing") == 200

        assert await world.money(conn, account) == (D("0.946"), D(0))
        assert api.actions() == [f"{CALL} transfer", f"{LEG} client_state_update"]


async def test_an_end_that_overtakes_its_answer_is_charged_all_the_same(gateway: Gateway, pool: Pool, api: Api) -> None:
    """Such an end does not say whether there was an answer, so it is not believed: Telnyx is asked when it was."""
    async with pool.acquire() as conn:
        account = await line(conn)
        await event(gateway, "call.initiated", **DIALS)
        leg = {"call_control_id": LEG, "client_state": api.states[LEG]}
        answered_at = gateway.clock.now() + timedelta(seconds=10)
        api.ended_at = (answered_at + timedelta(seconds=61)).isoformat()
        gateway.clock.advance(71)
        api.gone = {CALL, LEG}

        await event(gateway, "call.hangup", hangup_cause="normal_clearing", **leg)
        assert await world.money(conn, account) == (D(1), D("0.135"))
        await event(gateway, "call.answered", at=answered_at, **leg)
        gateway.clock.advance(20)
        await gateway.reconcile()

        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_a_suspended_number_is_rejected_as_busy_by_a_command(gateway: Gateway, pool: Pool, api: Api) -> None:
    async with pool.acquire() as conn:
        await line(conn, state="suspended")

        assert await event(gateway, "call.initiated", **RINGS) == 200

        assert [(what, body["cause"]) for what, body in api.sent] == [(f"{CALL} reject", "USER_BUSY")]


async def test_r16_a_webhook_that_comes_again_leads_to_the_same_command(gateway: Gateway, pool: Pool, api: Api) -> None:
    async with pool.acquire() as conn:
        account = await line(conn)

        for _ in range(3):
            assert await event(gateway, "call.initiated", **DIALS) == 200

        assert len(api.sent) == 3
        assert len(api.obeyed) == 1
        assert await world.money(conn, account) == (D(1), D("0.135"))


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_command_that_fails_has_the_webhook_repeated(
    gateway: Gateway, pool: Pool, api: Api, status: int
) -> None:
    """We answer 503, which Telnyx repeats: nothing is lost, and nothing is held twice."""
    async with pool.acquire() as conn:
        account = await line(conn)
        api.fail = {"transfer": status}

        assert await event(gateway, "call.initiated", **DIALS) == 503
        api.fail = {}
        assert await event(gateway, "call.initiated", **DIALS) == 200

        assert len(api.obeyed) == 1
        assert await world.money(conn, account) == (D(1), D("0.135"))
        figures = gateway.process.context.metrics.render().decode()
        assert 'gateway_commands_total{connection="cc",result="failed"} 1.0' in figures
        assert 'gateway_commands_total{connection="cc",result="done"} 1.0' in figures


async def test_a_telnyx_that_does_not_answer_does_not_hold_the_webhook(gateway: Gateway, api: Api) -> None:
    """Telnyx waits 2 s for the reply."""
    context = gateway.process.context
    connection = context.settings.connections["cc"]
    told = Reject(sip_code=486, reason="number_suspended")
    call = CallStarted(call_id=CALL, direction=Direction.INBOUND, caller="", callee="", line="")
    reply = context.adapters[connection.kind].reply(call, told, connection, public_url="")
    api.hang = True

    with pytest.raises(ProviderFailed, match="no command within"):
        await Commands(context, gateway.process.book, timeout_s=0.05).send(connection, call, reply.body)
    assert TIMEOUT_S < 2


async def test_a_telnyx_that_is_away_has_the_webhook_repeated(dsn: str, tmp_path: Path, pool: Pool) -> None:
    options = {"api_key": "KEY", "api_url": "http://127.0.0.1:1", "outbound_connection_id": SIP_CONNECTION}
    cc = Connection(name="cc", kind="telnyx-call-control", secrets=(PUBLIC_KEY,), options=options)
    async with pool.acquire() as conn, gateway_on(dsn, tmp_path, connections={"cc": cc}) as gateway:
        await line(conn)

        assert await event(gateway, "call.initiated", **DIALS) == 503


async def test_a_transfer_that_is_refused_for_good_is_hung_up(gateway: Gateway, pool: Pool, api: Api) -> None:
    """Repeating it would be refused again, and the caller would be left in limbo."""
    async with pool.acquire() as conn:
        await line(conn)
        api.fail = {"transfer": 422}

        assert await event(gateway, "call.initiated", **DIALS) == 200

        assert api.actions() == [f"{CALL} transfer", f"{CALL} hangup"]


async def test_a_caller_who_gave_up_meanwhile_holds_nothing(gateway: Gateway, pool: Pool, api: Api) -> None:
    async with pool.acquire() as conn:
        account = await line(conn)
        api.gone, api.ended_at = {CALL}, gateway.clock.now().isoformat()

        assert await event(gateway, "call.initiated", **DIALS) == 200
        gateway.clock.advance(20)
        await gateway.reconcile()

        assert await world.money(conn, account) == (D(1), D(0))


async def test_a_busy_callee_ends_the_first_leg_too_and_costs_nothing(gateway: Gateway, pool: Pool, api: Api) -> None:
    async with pool.acquire() as conn:
        account = await line(conn)
        await event(gateway, "call.initiated", **DIALS)

        status = await event(
            gateway, "call.hangup", call_control_id=LEG, client_state=api.states[LEG], hangup_cause="user_busy"
        )

        assert status == 200
        assert (api.sent[-1][0], api.sent[-1][1]["cause"]) == (f"{CALL} reject", "USER_BUSY")
        assert await world.money(conn, account) == (D(1), D(0))


async def test_r13_a_forwarded_call_is_decided_by_itself(gateway: Gateway, pool: Pool, api: Api) -> None:
    async with pool.acquire() as conn:
        account = await line(conn)
        await event(gateway, "call.initiated", by="forwarding", **RINGS)
        assert api.actions() == [f"{CALL} transfer"]
        assert (api.sent[0][1]["to"], api.sent[0][1]["time_limit_secs"]) == ("+442079460000", 2220)
        assert await world.money(conn, account) == (D(1), D("0.135"))
        leg = {"call_control_id": LEG, "client_state": api.states[LEG]}
        dialled = {"from": "+15550100001", "to": "+442079460000", "direction": "outgoing"}

        await event(gateway, "call.initiated", by="forwarding", **dialled, **leg)
        assert api.actions() == [f"{CALL} transfer"]
        await event(gateway, "call.answered", by="forwarding", **leg)
        gateway.clock.advance(61)
        leg["client_state"] = api.states[LEG]
        await event(gateway, "call.hangup", by="forwarding", hangup_cause="normal_clearing", **leg)

        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_r13_a_forwarded_call_is_authorized_and_limited_though_its_leg_never_tells_of_its_start(
    gateway: Gateway, pool: Pool, api: Api
) -> None:
    async with pool.acquire() as conn:
        account = await line(conn, balance="0.03")
        await event(gateway, "call.initiated", by="forwarding", **RINGS)

        await event(gateway, "call.answered", by="forwarding", call_control_id=LEG, client_state=api.states[LEG])

        assert api.sent[0][1]["time_limit_secs"] == 60
        assert await conn.fetchval("SELECT granted_s FROM call WHERE direction = 'forward' AND state = 'open'") == 60
        assert await world.money(conn, account) == (D("0.03"), D("0.027"))


async def test_r13_a_forward_that_is_refused_for_money_is_never_dialled_and_told_busy(
    gateway: Gateway, pool: Pool, api: Api
) -> None:
    async with pool.acquire() as conn:
        await line(conn, balance="0.02")

        assert await event(gateway, "call.initiated", by="forwarding", **RINGS) == 200

        assert [(what, body["cause"]) for what, body in api.sent] == [(f"{CALL} reject", "USER_BUSY")]


async def test_r13_a_loop_of_forwarding_ends_at_the_number_that_is_forwarded_to_itself(
    gateway: Gateway, pool: Pool, api: Api
) -> None:
    """The number that calls are forwarded to is one of ours that arrives at the same connection."""
    async with pool.acquire() as conn:
        account = await line(conn)
        await world.number(conn, account, "+442079460000")
        came_back = RINGS | {"from": "+15550100001", "to": "+442079460000", "call_control_id": SECOND_CALL}

        await event(gateway, "call.initiated", by="forwarding", **RINGS)
        await event(gateway, "call.initiated", by="forwarding", **came_back)

        assert [what for what, _ in api.sent] == [f"{CALL} transfer", f"{SECOND_CALL} reject"]
        assert api.sent[1][1]["cause"] == "USER_BUSY"
        refused = "SELECT callee, reason, sip_code FROM call WHERE state = 'refused'"
        assert [tuple(row) for row in await conn.fetch(refused)] == [("+442079460000", "forwarded_to_itself", 486)]

        busy = {"call_control_id": LEG, "client_state": api.states[LEG], "hangup_cause": "user_busy"}
        await event(gateway, "call.hangup", by="forwarding", **busy)
        assert await world.money(conn, account) == (D(1), D(0))


async def test_r16_a_forwarded_call_whose_webhook_comes_again_is_dialled_by_the_same_command(
    gateway: Gateway, pool: Pool, api: Api
) -> None:
    async with pool.acquire() as conn:
        account = await line(conn)

        for _ in range(2):
            assert await event(gateway, "call.initiated", by="forwarding", **RINGS) == 200

        assert (len(api.sent), len(api.obeyed)) == (2, 1)
        assert await world.money(conn, account) == (D(1), D("0.135"))


async def test_r16_a_webhook_that_comes_again_late_commands_nothing_a_second_time(
    gateway: Gateway, pool: Pool, api: Api
) -> None:
    """Telnyx knows a command that comes twice for 60 s: after that it would transfer a call that talks."""
    async with pool.acquire() as conn:
        await line(conn)
        began_at = gateway.clock.now()
        await event(gateway, "call.initiated", at=began_at, **DIALS)

        gateway.clock.advance(59)
        assert await event(gateway, "call.initiated", at=began_at, **DIALS) == 200
        gateway.clock.advance(1)
        assert await event(gateway, "call.initiated", at=began_at, **DIALS) == 200

        assert api.actions() == [f"{CALL} transfer"] * 2


@pytest.mark.parametrize("by", ["cc", "forwarding"])
async def test_r16_a_late_repeat_commands_nothing_whenever_it_says_that_it_happened(
    gateway: Gateway, pool: Pool, api: Api, by: str
) -> None:
    async with pool.acquire() as conn:
        await line(conn)
        said = RINGS if by == "forwarding" else DIALS
        await event(gateway, "call.initiated", by=by, **said)

        gateway.clock.advance(60)
        assert await event(gateway, "call.initiated", by=by, at=gateway.clock.now(), **said) == 200

        assert api.actions() == [f"{CALL} transfer"]


async def test_a_first_start_is_commanded_however_late_it_comes(gateway: Gateway, pool: Pool, api: Api) -> None:
    async with pool.acquire() as conn:
        await line(conn)

        await event(gateway, "call.initiated", at=gateway.clock.now() - timedelta(seconds=90), **DIALS)

        assert api.actions() == [f"{CALL} transfer"]


def forged(**said: str) -> str:
    """A state that a user of a WebRTC library gives his own call."""
    return b64encode(json.dumps(said).encode()).decode()


async def test_nobody_charges_a_strangers_line_by_the_state_of_his_own_call(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await line(conn, balance="100")
        ago = (gateway.clock.now() - timedelta(minutes=59)).isoformat()
        state = forged(
            call="v3:neverwas12345",
            direction="outbound",
            caller="+15559990000",
            callee="+442079460000",
            line="+15550100001",
            answered_at=ago,
        )

        own = {"call_control_id": LEG, "call_session_id": "another", "client_state": state}
        assert await event(gateway, "call.hangup", hangup_cause="normal_clearing", **own) == 200

        assert await world.money(conn, account) == (D(100), D(0))
        assert await conn.fetchval("SELECT count(*) FROM call") == 0


async def test_nobody_ends_a_call_for_nothing_by_the_state_of_another(gateway: Gateway, pool: Pool, api: Api) -> None:
    async with pool.acquire() as conn:
        account = await line(conn)
        await event(gateway, "call.initiated", **DIALS)
        made_up = forged(call=CALL, direction="outbound", caller="", callee="", line="")

        for state in (made_up, api.states[LEG]):
            own = {"call_control_id": f"{LEG}2", "call_session_id": "another", "client_state": state}
            await event(gateway, "call.hangup", hangup_cause="originator_cancel", **own)

        assert await conn.fetchval("SELECT state FROM call") == "open"
        assert await world.money(conn, account) == (D(1), D("0.135"))
        assert f"{CALL} hangup" not in api.actions()


@pytest.mark.parametrize("start", [DIALS, RINGS])
async def test_a_call_that_can_be_neither_let_go_on_nor_ended_has_its_webhook_repeated(
    gateway: Gateway, pool: Pool, api: Api, start: dict[str, str]
) -> None:
    """As with a bad API key: the call must not be left in limbo in silence."""
    async with pool.acquire() as conn:
        await line(conn)
        api.fail = {"transfer": 401, "hangup": 401}

        assert await event(gateway, "call.initiated", **start) == 503
        api.fail = {}
        assert await event(gateway, "call.initiated", **start) == 200

        figures = gateway.process.context.metrics.render().decode()
        assert 'gateway_commands_total{connection="cc",result="refused"} 2.0' in figures
        assert 'gateway_commands_total{connection="cc",result="done"} 1.0' in figures


async def test_the_state_of_a_leg_is_text_that_telnyx_takes(gateway: Gateway, pool: Pool, api: Api) -> None:
    async with pool.acquire() as conn:
        await line(conn)
        await event(gateway, "call.initiated", **DIALS)

    assert json.loads(b64decode(api.states[LEG], validate=True)[32:])["call"] == CALL
