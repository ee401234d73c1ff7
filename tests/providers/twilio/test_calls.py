"""Twilio through the whole gateway: its signature, its words, one ledger."""

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
TOKEN = "token"
TWILIO = Connection(
    name="tw",
    kind="twilio",
    secrets=(TOKEN,),
    options={"account_sid": ACCOUNT_SID, "default_line": "+15550100001"},
)


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections={"tw": TWILIO}) as running:
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


async def test_r43_a_user_who_withholds_the_number_is_refused_with_words_and_not_shown(
    gateway: Gateway, pool: Pool
) -> None:
    """Nothing of TwiML withholds a number."""
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        call = {"AccountSid": ACCOUNT_SID, "CallSid": CALL_SID, "Direction": "inbound", "CallStatus": "ringing"}
        call |= {"From": "sip:anonymous@anonymous.invalid", "To": "sip:+442079460000@acme.sip.twilio.com"}

        twiml = await twilio(gateway, "/hooks/tw", call)

        assert ET.fromstring(twiml).find("Reject") is not None  # noqa: S314 - our own document
        refused = await conn.fetchrow("SELECT reason, record_code, rule FROM call")
        assert refused is not None
        assert tuple(refused) == ("withholding_impossible", 433, "R43")
