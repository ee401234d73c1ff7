"""SignalWire through the whole gateway: its signature, its documents, and the call whose end got lost."""

import hmac
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from yarl import URL

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal
PROJECT = "b08dacad-fd7c-4549-8ad3-ca9b7c6a2d61"
CALL = "4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978"
LEG = "5a9c7b3f-0d2e-4a1b-9c2f-3e4d5c6b7a89"
KEY = "PSK_0123456789abcdef0123456789abcdef"
SIGNALWIRE = Connection(
    name="sw",
    kind="signalwire",
    secrets=(KEY,),
    options={"project_id": PROJECT, "space": "acme", "api_token": "PT1", "inbound_to": "+442079460000"},
)
INBOUND = {"AccountSid": PROJECT, "CallSid": CALL, "Direction": "inbound", "CallStatus": "ringing", "CallerName": ""}


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections={"sw": SIGNALWIRE}) as running:
        yield running


async def signalwire(gateway: Gateway, target: str, fields: Mapping[str, str], key: str = KEY) -> tuple[int, str]:
    """Post as SignalWire does: base64 of HMAC-SHA1 over the public URL and the sorted form."""
    url = gateway.process.context.settings.public_url + target
    message = url + "".join(name + fields[name] for name in sorted(fields))
    signature = b64encode(hmac.digest(key.encode(), message.encode(), "sha1")).decode()
    headers = {"X-SignalWire-Signature": signature}
    response = await gateway.client.post(URL(target, encoded=True), data=dict(fields), headers=headers)
    return response.status, await response.text()


def target_of(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.path}?{parts.query}"


async def test_a_signalwire_call_is_authorized_and_its_leg_is_charged(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        start = INBOUND | {"From": "sip:alice@acme.sip.signalwire.com", "To": "sip:+442079460000@acme"}

        said = await signalwire(gateway, "/hooks/sw?line=15550100001", start)
        dial = ET.fromstring(said[1]).find("Dial")  # noqa: S314 - our own document
        assert dial is not None
        assert (dial.get("timeLimit"), dial.get("callerId")) == ("2220", "+15550100001")
        assert await signalwire(gateway, "/hooks/sw?line=15550100001", start) == said
        assert await world.money(conn, account) == (D(1), D("0.135"))

        number = dial.find("Number")
        assert number is not None
        leg = {"AccountSid": PROJECT, "CallSid": LEG, "ParentCallSid": CALL, "CallStatus": "completed"}
        leg |= {"CallDuration": "61", "SequenceNumber": "3", "CallbackSource": "call-progress-events"}
        gateway.clock.advance(70)
        for _ in range(3):
            status, _said = await signalwire(gateway, target_of(number.get("statusCallback")), leg)
            assert status == 200
        assert await world.money(conn, account) == (D("0.946"), D(0))

        assert await signalwire(gateway, "/hooks/sw", start, "another") == (403, "")


async def test_r13_a_forwarded_signalwire_call_is_a_second_decision(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0.01")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        start = INBOUND | {"From": "+15550109999", "To": "+15550100001"}

        _, document = await signalwire(gateway, "/hooks/sw", start)
        redirect = ET.fromstring(document)[0]  # noqa: S314 - our own document
        assert redirect.tag == "Redirect"
        _, document = await signalwire(gateway, target_of(redirect.text), start)

        reject = ET.fromstring(document)[0]  # noqa: S314 - our own document
        assert (reject.tag, reject.get("reason")) == ("Reject", "busy")


async def test_r13_a_number_that_is_forwarded_to_itself_is_busy(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+442079460000")
        await world.rate(conn, "44", "0.0270")
        start = INBOUND | {"From": "+15550109999", "To": "+442079460000"}

        _, document = await signalwire(gateway, "/hooks/sw", start)
        redirect = ET.fromstring(document)[0]  # noqa: S314 - our own document
        _, document = await signalwire(gateway, target_of(redirect.text), start)

        reject = ET.fromstring(document)[0]  # noqa: S314 - our own document
        assert (reject.tag, reject.get("reason")) == ("Reject", "busy")
        assert await world.money(conn, account) == (D(1), D(0))


async def test_r22_signalwire_is_asked_for_a_call_whose_end_got_lost(dsn: str, tmp_path: Path, pool: Pool) -> None:
    """Its callbacks are best effort by its own words; a number tells of the end, but no figures."""
    asked: list[tuple[str, str]] = []

    async def calls(request: web.Request) -> web.Response:
        asked.append((request.method, request.path_qs))
        leg = {"status": "completed", "duration": 61, "price": 0.0162, "price_unit": "USD"}
        return web.json_response({"calls": [leg | {"end_time": "Tue, 31 Mar 2026 12:35:57 +0000"}]})

    application = web.Application()
    application.router.add_get("/api/laml/2010-04-01/Accounts/{account}/Calls", calls)
    async with TestServer(application) as server, pool.acquire() as conn:
        api = replace(SIGNALWIRE, options={**SIGNALWIRE.options, "api_url": str(server.make_url("")).rstrip("/")})
        async with gateway_on(dsn, tmp_path, connections={"sw": api}) as gateway:
            account = await world.account(conn, balance="1")
            await world.number(conn, account, "+15550100001")
            await world.rate(conn, "44", "0.0270")
            start = INBOUND | {"From": "sip:alice@acme.sip.signalwire.com", "To": "sip:+442079460000@acme"}
            await signalwire(gateway, "/hooks/sw?line=15550100001", start)
            gateway.clock.advance(70)
            ended = {"AccountSid": PROJECT, "CallSid": CALL, "CallStatus": "completed", "CallDuration": "68"}
            assert (await signalwire(gateway, "/hooks/sw", ended))[0] == 200

            gateway.clock.advance(60)
            await gateway.reconcile()

            path = f"/api/laml/2010-04-01/Accounts/{PROJECT}/Calls?ParentCallSid={CALL}&PageSize=50"
            assert asked == [("GET", path)]
            assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_r22_a_call_that_dialled_nobody_is_closed_when_its_first_leg_is_over(
    dsn: str, tmp_path: Path, pool: Pool
) -> None:
    """No leg is listed, and its end never came: it must not count as up for a day (R17)."""

    async def legs(_request: web.Request) -> web.Response:
        return web.json_response({"calls": []})

    async def first_leg(_request: web.Request) -> web.Response:
        return web.json_response({"status": "canceled", "duration": 0, "price": None})

    application = web.Application()
    application.router.add_get("/api/laml/2010-04-01/Accounts/{account}/Calls", legs)
    application.router.add_get("/api/laml/2010-04-01/Accounts/{account}/Calls/{sid}", first_leg)
    async with TestServer(application) as server, pool.acquire() as conn:
        api = replace(SIGNALWIRE, options={**SIGNALWIRE.options, "api_url": str(server.make_url("")).rstrip("/")})
        async with gateway_on(dsn, tmp_path, connections={"sw": api}) as gateway:
            account = await world.account(conn, balance="1")
            await world.number(conn, account, "+15550100001")
            await world.rate(conn, "44", "0.0270")
            start = INBOUND | {"From": "sip:alice@acme.sip.signalwire.com", "To": "sip:+442079460000@acme"}
            await signalwire(gateway, "/hooks/sw?line=15550100001", start)

            gateway.clock.advance(91)
            await gateway.reconcile()

            assert await conn.fetchval("SELECT state || ' ' || cause FROM call") == "ended cancelled"
            assert await world.money(conn, account) == (D(1), D(0))
            assert await conn.fetchval("SELECT count(*) FROM live_call") == 0
