"""Providers that report a leg and the call: seconds beat the zero of a leg, in either order (R21).

The leg's report says that nobody answered, the other one that 95 s were talked, and 100 s have passed.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest

from gateway.domain.calls.call import Limits
from gateway.postgres.types import Pool
from tests.providers.bitrix24 import test_calls as bitrix24
from tests.providers.bitrix24.portal import acme, fake_portal, portal_connection
from tests.providers.plivo import test_calls as plivo
from tests.providers.signalwire import test_calls as signalwire
from tests.providers.telnyx import test_calls as telnyx
from tests.providers.twilio import test_calls as twilio
from tests.providers.voximplant import test_calls as voximplant
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal
LINE, CALLEE = "+15550100001", "+442079460000"
PASSED_S, TALKED_S = 100, 95
CHARGE = D("0.054")
Post = Callable[[Gateway, str, Mapping[str, str]], Awaitable[object]]


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway with the limits as they come."""
    connections = {each.name: each for each in (twilio.TWILIO, signalwire.SIGNALWIRE, plivo.PLIVO)}
    async with gateway_on(dsn, tmp_path, connections=connections, limits=Limits()) as running:
        yield running


@pytest.fixture
async def account(pool: Pool) -> int:
    return await open_account(pool)


async def open_account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, LINE)
        await world.rate(conn, "44", "0.0270")
        return account


async def figures(pool: Pool, account: int) -> tuple[Decimal, list[str]]:
    """What the account has left, and the flags of its call."""
    async with pool.acquire() as conn:
        balance, held = await world.money(conn, account)
        assert held == 0
        return balance, await conn.fetchval("SELECT flags FROM call")


def target_of(url: str | None) -> str:
    """What of a URL of ours a provider requests: TwiML's have a fragment, which stays with them."""
    parts = urlsplit(url or "")
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


@dataclass(frozen=True)
class Dialled:
    """A provider whose document dials a leg: where the leg and `<Dial>` report to, and what both report."""

    post: Post
    start: tuple[str, Mapping[str, str]]
    leg_url: str
    leg: Mapping[str, str]
    dial: Mapping[str, str]
    dial_url: str = "action"

    async def reports(self, gateway: Gateway) -> list[tuple[str, Mapping[str, str]]]:
        """Start the call; the report of its leg, and that of the call."""
        said = await self.post(gateway, *self.start)
        document = ET.fromstring(said if isinstance(said, str) else said[1])  # type: ignore[index]  # noqa: S314 - ours
        urls = {name: value for element in document.iter() for name, value in element.attrib.items()}
        return [(target_of(urls[self.leg_url]), self.leg), (target_of(urls[self.dial_url]), self.dial)]


TWIML_LEG = {"CallStatus": "no-answer", "CallDuration": "0"}
TWIML_DIAL = {"CallStatus": "in-progress", "DialCallStatus": "completed", "DialCallDuration": str(TALKED_S)}
PLIVO_IDS = {"CallUUID": plivo.CALL, "DialALegUUID": plivo.CALL, "DialBLegUUID": plivo.LEG, "CallStatus": "in-progress"}
PLIVO_LEG = PLIVO_IDS | {"DialAction": "hangup", "Event": "DialHangup"}
DIALLED = {
    "twilio": Dialled(
        post=twilio.twilio,
        start=(
            "/hooks/tw",
            {"AccountSid": twilio.ACCOUNT_SID, "CallSid": twilio.CALL_SID, "Direction": "inbound"}
            | {"CallStatus": "ringing", "From": "sip:alice@acme.sip.twilio.com"}
            | {"To": f"sip:{CALLEE}@acme.sip.twilio.com"},
        ),
        leg_url="statusCallback",
        leg={"AccountSid": twilio.ACCOUNT_SID, "CallSid": twilio.LEG_SID, "ParentCallSid": twilio.CALL_SID} | TWIML_LEG,
        dial={"AccountSid": twilio.ACCOUNT_SID, "CallSid": twilio.CALL_SID, "DialCallSid": twilio.LEG_SID} | TWIML_DIAL,
    ),
    "signalwire": Dialled(
        post=signalwire.signalwire,
        start=(
            f"/hooks/sw?line={LINE[1:]}",
            signalwire.INBOUND | {"From": "sip:alice@acme.sip.signalwire.com", "To": f"sip:{CALLEE}@acme"},
        ),
        leg_url="statusCallback",
        leg={"AccountSid": signalwire.PROJECT, "CallSid": signalwire.LEG, "ParentCallSid": signalwire.CALL} | TWIML_LEG,
        dial={"AccountSid": signalwire.PROJECT, "CallSid": signalwire.CALL} | TWIML_DIAL,
    ),
    "plivo": Dialled(
        post=plivo.plivo,
        start=(f"/hooks/pl?line={LINE[1:]}", plivo.START),
        leg_url="callbackUrl",
        leg=PLIVO_LEG
        | {"DialBLegDuration": "0", "DialBLegHangupCause": "NO_ANSWER", "DialBLegHangupCauseCode": "3000"},
        dial=PLIVO_LEG
        | {"DialBLegDuration": str(TALKED_S), "DialBLegHangupCause": "NORMAL_CLEARING"}
        | {"DialBLegHangupCauseCode": "4000"},
        dial_url="callbackUrl",
    ),
}


@pytest.mark.parametrize("is_leg_first", [True, False], ids=["leg first", "call first"])
@pytest.mark.parametrize("dialled", DIALLED.values(), ids=DIALLED.keys())
async def test_r21_what_dial_says_was_talked_beats_a_leg_that_nobody_answered(
    gateway: Gateway, pool: Pool, account: int, *, dialled: Dialled, is_leg_first: bool
) -> None:
    reports = await dialled.reports(gateway)
    gateway.clock.advance(PASSED_S)

    for report in (reports if is_leg_first else reports[::-1]) * 2:
        await dialled.post(gateway, *report)

    assert await figures(pool, account) == (1 - CHARGE, ["end_differs"])


@pytest.fixture
async def telnyx_gateway(dsn: str, tmp_path: Path) -> AsyncIterator[tuple[Gateway, telnyx.Api]]:
    async with telnyx.telnyx_api() as api:
        connections = telnyx.connections_of(api)
        async with gateway_on(dsn, tmp_path, connections=connections, limits=Limits()) as running:
            yield running, api


async def test_r21_texml_is_asked_what_an_answered_call_talked_whose_leg_says_nothing(
    telnyx_gateway: tuple[Gateway, telnyx.Api], pool: Pool, account: int
) -> None:
    """Its `<Dial>` tells no figures, so the other report is the one that it is asked for."""
    gateway, api = telnyx_gateway
    call = {"AccountSid": telnyx.ACCOUNT, "CallSid": telnyx.CALL, "ConnectionId": telnyx.SIP_CONNECTION}
    parties = {"CallStatus": "ringing", "From": LINE, "To": CALLEE}
    texml = ET.fromstring(await telnyx.form(gateway, "/hooks/tx", call | parties))  # noqa: S314 - our own document
    target = target_of(texml[0][0].get("statusCallback"))
    leg = {"AccountSid": telnyx.ACCOUNT, "CallSid": telnyx.LEG, "ParentCallSid": telnyx.CALL}
    await telnyx.form(gateway, target, leg | {"CallStatus": "in-progress"})
    gateway.clock.advance(TALKED_S)
    api.texml = {"status": "completed", "duration": "120", "end_time": gateway.clock.now().isoformat()}

    await telnyx.form(gateway, target, leg | {"CallStatus": "no-answer"})
    gateway.clock.advance(15)
    await gateway.ask_doubted()

    assert await figures(pool, account) == (1 - CHARGE, ["end_differs", "end_asked"])


@pytest.mark.parametrize("is_leg_first", [True, False], ids=["leg first", "call first"])
async def test_r21_the_seconds_of_call_control_beat_a_leg_that_nobody_answered(
    telnyx_gateway: tuple[Gateway, telnyx.Api], pool: Pool, account: int, *, is_leg_first: bool
) -> None:
    """What its leg was told of the answer comes back with the end; an end by the state before that knows of none."""
    gateway, api = telnyx_gateway
    await telnyx.event(gateway, "call.initiated", **telnyx.DIALS)
    ringing = {"call_control_id": telnyx.LEG, "client_state": api.states[telnyx.LEG]}
    await telnyx.event(gateway, "call.answered", **ringing)
    gateway.clock.advance(TALKED_S)
    talked = ringing | {"client_state": api.states[telnyx.LEG]}
    reports = [ringing | {"hangup_cause": "no_answer"}, talked | {"hangup_cause": "normal_clearing"}]

    for report in (reports if is_leg_first else reports[::-1]) * 2:
        await telnyx.event(gateway, "call.hangup", **report)

    assert await figures(pool, account) == (1 - CHARGE, ["end_differs"])


@pytest.mark.parametrize("is_leg_first", [True, False], ids=["leg first", "call first"])
async def test_r21_the_seconds_of_voximplant_beat_an_end_with_none_and_bitrix24_changes_nothing(
    dsn: str, tmp_path: Path, pool: Pool, *, is_leg_first: bool
) -> None:
    account = await acme(pool)
    async with fake_portal() as portal:
        connections = {"vox": bitrix24.VOXIMPLANT, "b24": portal_connection(portal, account)}
        async with gateway_on(dsn, tmp_path, connections=connections, limits=Limits()) as gateway:
            await bitrix24.started(gateway)
            gateway.clock.advance(PASSED_S)
            ended_ms = int(gateway.clock.now().timestamp() * 1000)
            leg = {"role": "B", "ended_ms": ended_ms}
            legs = [
                leg | {"code": 408},
                leg | {"answered_ms": ended_ms - TALKED_S * 1000, "duration": TALKED_S},
            ]
            for each in (legs if is_leg_first else legs[::-1]) * 2:
                end = {"type": "call.end", "ended_by": "normal", "legs": [each]}
                await bitrix24.voximplant(gateway, end | bitrix24.FIELDS)
                await bitrix24.told_of_its_end(gateway)

    assert await figures(pool, account) == (1 - CHARGE, ["end_differs"])


async def test_r21_a_voximplant_session_is_asked_by_its_own_address(
    dsn: str, tmp_path: Path, pool: Pool, account: int
) -> None:
    """The row of a live call goes with the call; where to ask about its end stays."""
    connections = {"vox": voximplant.VOXIMPLANT}
    async with gateway_on(dsn, tmp_path, connections=connections, limits=Limits()) as gateway:
        call = {"call_id": "42-outbound", "direction": "outbound", "caller": "alice", "line": LINE[1:]}
        call |= {"callee": f"011{CALLEE[1:]}"}
        start = {"type": "call.start", "control_url": voximplant.CONTROL_URL}
        await voximplant.voximplant(gateway, start | call)
        await voximplant.voximplant(gateway, {"type": "call.answer", "call_id": "42-outbound"})
        await voximplant.voximplant(gateway, {"type": "call.end", "ended_by": "normal", "legs": []} | call)

    assert await pool.fetchval("SELECT control_url FROM doubted_end") == voximplant.CONTROL_URL
