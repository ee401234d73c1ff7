"""Twilio and Voximplant through the whole gateway: their signatures, their words, one ledger."""

import hmac
import json
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from twilio.request_validator import RequestValidator

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal
ACCOUNT_SID = "AC0123456789abcdef0123456789abcdef"
CALL_SID = "CA0a1b2c3d4e5f60718293a4b5c6d7e8f9"
LEG_SID = "CA2c3d4e5f60718293a4b5c6d7e8f90a1b"
TOKEN, SECRET = "token", "shared-secret"
CONTROL_URL = "https://www-eu-01-123.voximplant.com:12093/request/1a2b.1700000000.1_10.0.0.1/0123456789abcdef"
TWILIO = Connection(
    name="tw",
    kind="twilio",
    secrets=(TOKEN,),
    options={"account_sid": ACCOUNT_SID, "default_line": "+15550100001"},
)
VOXIMPLANT = Connection(name="vox", kind="voximplant", secrets=(SECRET,), options={"outbound_line": "+15550100001"})


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections={"tw": TWILIO, "vox": VOXIMPLANT}) as running:
        yield running


async def twilio(gateway: Gateway, target: str, fields: Mapping[str, str]) -> str:
    """Post as Twilio does: signed over the public URL, which has no fragment on the wire."""
    url = gateway.process.context.settings.public_url + target
    headers = {"X-Twilio-Signature": RequestValidator(TOKEN).compute_signature(url, fields)}
    response = await gateway.client.post(target, data=dict(fields), headers=headers)
    assert response.status == 200, await response.text()
    return await response.text()


async def test_a_twilio_call_is_authorized_and_its_leg_is_charged(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        call = {"AccountSid": ACCOUNT_SID, "CallSid": CALL_SID, "Direction": "inbound", "FromCity": ""}
        call |= {"From": "sip:alice@acme.sip.twilio.com", "To": "sip:+442079460000@acme.sip.twilio.com"}

        start = call | {"CallStatus": "ringing"}
        twiml = await twilio(gateway, "/hooks/tw", start)
        dial = ET.fromstring(twiml).find("Dial")  # noqa: S314 - our own document
        assert dial is not None
        assert (dial.get("timeLimit"), dial.get("callerId")) == ("2220", "+15550100001")
        assert await twilio(gateway, "/hooks/tw", start) == twiml
        assert await world.money(conn, account) == (D(1), D("0.135"))

        number = dial.find("Number")
        assert number is not None
        callback = urlsplit(number.get("statusCallback") or "")
        target = f"{callback.path}?{callback.query}" if callback.query else callback.path
        leg = {"AccountSid": ACCOUNT_SID, "CallSid": LEG_SID, "ParentCallSid": CALL_SID, "CallStatus": "completed"}
        leg |= {"From": "+15550100001", "To": "+442079460000", "CallDuration": "61", "Duration": "2"}
        gateway.clock.advance(70)
        await twilio(gateway, target, leg)
        await twilio(gateway, target, leg)
        assert await world.money(conn, account) == (D("0.946"), D(0))

        refused = await gateway.client.post("/hooks/tw", data=start, headers={"X-Twilio-Signature": "AAAA"})
        assert (refused.status, await refused.read()) == (403, b"")


async def test_twilio_is_told_busy_for_a_suspended_number(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100002", state="suspended")
        call = {"AccountSid": ACCOUNT_SID, "CallSid": CALL_SID, "Direction": "inbound", "CallStatus": "ringing"}

        twiml = await twilio(gateway, "/hooks/tw", call | {"From": "+442079460000", "To": "+15550100002"})

        reject = ET.fromstring(twiml)[0]  # noqa: S314 - our own document
        assert (reject.tag, reject.get("reason")) == ("Reject", "busy")


async def voximplant(gateway: Gateway, body: Mapping[str, object]) -> dict[str, object]:
    raw, timestamp = json.dumps(body).encode(), str(int(gateway.clock.now().timestamp()))
    signature = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + raw, "sha256").hexdigest()
    headers = {"X-Gw-Timestamp": timestamp, "X-Gw-Signature": signature, "Content-Type": "application/json"}
    response = await gateway.client.post("/hooks/vox", data=raw, headers=headers)
    assert response.status == 200, await response.text()
    reply: dict[str, object] = await response.json()
    return reply


async def test_a_voximplant_call_is_authorized_and_charged_by_its_dialled_leg(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        fields = {"call_id": "42-outbound", "direction": "outbound", "caller": "alice", "callee": "442079460000"}
        fields |= {"line": "15550100001"}

        reply = await voximplant(gateway, {"type": "call.start", "control_url": CONTROL_URL} | fields)
        assert (reply["action"], reply["max_seconds"], reply["caller_id"]) == ("connect", 2220, "+15550100001")
        # The session can be told to hang up, so a slice is held.
        assert await world.money(conn, account) == (D(1), D("0.135"))
        gateway.clock.advance(70)
        ended_ms = int(gateway.clock.now().timestamp() * 1000)
        legs = [
            {"role": role, "answered_ms": ended_ms - 61_000, "ended_ms": ended_ms, "duration": 61, "cost": 0.0312}
            for role in ("A", "B")
        ]
        await voximplant(gateway, {"type": "call.end", "ended_by": "normal", "legs": legs} | fields)

        assert await world.money(conn, account) == (D("0.946"), D(0))
