"""Plivo through the whole gateway: its nonce and its XML, and the call whose figures got lost."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree as ET

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from plivo.utils.signature_v3 import construct_post_url, get_signature_v3
from yarl import URL

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal
CALL = "6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f"
LEG = "c0a58e17-9d24-4f6b-8a13-72e5b4c9d806"
TOKEN = "Y2Q2ZDgxZmY5YWRiOTI5YmQ1Njg0MTAxZWIyOTc4"
PLIVO = Connection(name="pl", kind="plivo", secrets=(TOKEN,), options={"auth_id": "MA1", "inbound_to": "+442079460000"})
CALLED = {"CallUUID": CALL, "Direction": "inbound", "CallStatus": "ringing", "Event": "StartApp", "CallerName": ""}
START = CALLED | {"From": "sip:alice2041@phone.plivo.com", "To": "sip:011442079460000@phone.plivo.com"}


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections={"pl": PLIVO}) as running:
        yield running


async def plivo(gateway: Gateway, target: str, fields: Mapping[str, str], token: str = TOKEN) -> tuple[int, str]:
    """Post as Plivo does: signed over the public URL, the form and a nonce, by its own library."""
    url = gateway.process.context.settings.public_url + target
    signature = get_signature_v3(token.encode(), construct_post_url(url, dict(fields)).decode(), "1234567890")
    headers = {"X-Plivo-Signature-V3": signature.decode(), "X-Plivo-Signature-V3-Nonce": "1234567890"}
    response = await gateway.client.post(URL(target, encoded=True), data=dict(fields), headers=headers)
    return response.status, await response.text()


def target_of(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.path}?{parts.query}"


async def test_a_plivo_call_is_authorized_and_its_leg_is_charged(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        said = await plivo(gateway, "/hooks/pl?line=15550100001", START)
        dial = ET.fromstring(said[1]).find("Dial")  # noqa: S314 - our own document
        assert dial is not None
        assert (dial.get("timeLimit"), dial.get("callerId")) == ("2220", "15550100001")
        assert await plivo(gateway, "/hooks/pl?line=15550100001", START) == said
        assert await world.money(conn, account) == (D(1), D("0.135"))

        told = target_of(dial.get("callbackUrl"))
        leg = {"CallUUID": CALL, "DialALegUUID": CALL, "DialBLegUUID": LEG, "CallStatus": "in-progress"}
        assert (await plivo(gateway, told, leg | {"DialAction": "answer"}))[0] == 200
        gateway.clock.advance(61)
        end = leg | {"DialAction": "hangup", "DialBLegDuration": "61", "DialBLegBillDuration": "120"}
        for _ in range(3):
            assert (await plivo(gateway, told, end | {"DialBLegHangupCauseCode": "4000"}))[0] == 200
        await plivo(gateway, "/hooks/pl", START | {"Event": "Hangup", "CallStatus": "completed", "Duration": "75"})
        assert await world.money(conn, account) == (D("0.946"), D(0))

        assert await plivo(gateway, "/hooks/pl", START, "another") == (403, "")


async def test_plivo_is_told_busy_for_a_suspended_number(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100002", state="suspended")

        _, document = await plivo(gateway, "/hooks/pl", CALLED | {"From": "442079460000", "To": "15550100002"})

        hangup = ET.fromstring(document)[0]  # noqa: S314 - our own document
        assert (hangup.tag, hangup.get("reason")) == ("Hangup", "busy")


async def test_r13_a_forwarded_plivo_call_is_a_second_decision(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0.01")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        start = CALLED | {"From": "15550109999", "To": "15550100001"}

        _, document = await plivo(gateway, "/hooks/pl", start)
        redirect = ET.fromstring(document)[0]  # noqa: S314 - our own document
        assert redirect.tag == "Redirect"
        _, document = await plivo(gateway, target_of(redirect.text), start | {"Event": "Redirect"})

        hangup = ET.fromstring(document)[0]  # noqa: S314 - our own document
        assert (hangup.tag, hangup.get("reason")) == ("Hangup", "busy")


async def test_r22_plivo_is_asked_for_a_call_whose_figures_got_lost(dsn: str, tmp_path: Path, pool: Pool) -> None:
    """The hangup URL tells the end, but the first leg's seconds."""
    asked: list[tuple[str, str]] = []

    async def calls(request: web.Request) -> web.Response:
        asked.append((request.method, request.path_qs))
        leg = {"bill_duration": 61, "billed_duration": 120, "total_amount": "0.01100", "hangup_cause_code": 4000}
        leg |= {"answer_time": "2026-03-31 12:34:56+00:00", "end_time": "2026-03-31 12:35:57+00:00"}
        return web.json_response({"objects": [leg]})

    application = web.Application()
    application.router.add_get("/v1/Account/MA1/Call/", calls)
    async with TestServer(application) as server, pool.acquire() as conn:
        api = replace(PLIVO, options={**PLIVO.options, "api_url": str(server.make_url("")).rstrip("/")})
        async with gateway_on(dsn, tmp_path, connections={"pl": api}) as gateway:
            account = await world.account(conn, balance="1")
            await world.number(conn, account, "+15550100001")
            await world.rate(conn, "44", "0.0270")
            await plivo(gateway, "/hooks/pl?line=15550100001", START)
            gateway.clock.advance(70)
            ended = START | {"Event": "Hangup", "CallStatus": "completed", "Duration": "68", "BillDuration": "120"}
            assert (await plivo(gateway, "/hooks/pl", ended))[0] == 200

            gateway.clock.advance(60)
            await gateway.reconcile()

            assert asked == [("GET", f"/v1/Account/MA1/Call/?parent_call_uuid={CALL}&limit=20")]
            assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_r15_r22_a_plivo_call_that_is_up_keeps_its_hold_though_its_answer_got_lost(
    dsn: str, tmp_path: Path, pool: Pool
) -> None:
    """The list of legs knows those that are over only."""
    asked: list[str] = []

    async def calls(request: web.Request) -> web.Response:
        asked.append(request.path_qs)
        return web.json_response({} if "status" in request.query else {"objects": []})

    application = web.Application()
    application.router.add_get("/v1/Account/MA1/Call/{rest:.*}", calls)
    async with TestServer(application) as server, pool.acquire() as conn:
        api = replace(PLIVO, options={**PLIVO.options, "api_url": str(server.make_url("")).rstrip("/")})
        async with gateway_on(dsn, tmp_path, connections={"pl": api}) as gateway:
            account = await world.account(conn, balance="1")
            await world.number(conn, account, "+15550100001")
            await world.rate(conn, "44", "0.0270")
            await plivo(gateway, "/hooks/pl?line=15550100001", START)

            gateway.clock.advance(91)
            await gateway.reconcile()

            account_url = "/v1/Account/MA1/Call/"
            assert asked == [f"{account_url}?parent_call_uuid={CALL}&limit=20", f"{account_url}{CALL}/?status=live"]
            assert await world.money(conn, account) == (D(1), D("0.135"))


async def test_r13_r22_a_plivo_call_that_never_dialled_is_closed_when_it_is_asked_for(
    dsn: str, tmp_path: Path, pool: Pool
) -> None:
    """The caller of a forwarded call gave up before its `<Dial>`: no webhook is about that call."""
    over = {"answer_time": None, "bill_duration": 0, "end_time": "2026-01-02 03:04:09+00:00"}
    over |= {"hangup_cause_code": 4000, "hangup_source": "Caller"}

    async def calls(request: web.Request) -> web.Response:
        if "status" in request.query:
            return web.json_response({"api_id": "1", "error": "not found"}, status=404)
        return web.json_response(over if request.match_info["rest"] else {"objects": []})

    application = web.Application()
    application.router.add_get("/v1/Account/MA1/Call/{rest:.*}", calls)
    async with TestServer(application) as server, pool.acquire() as conn:
        api = replace(PLIVO, options={**PLIVO.options, "api_url": str(server.make_url("")).rstrip("/")})
        async with gateway_on(dsn, tmp_path, connections={"pl": api}) as gateway:
            account = await world.account(conn, balance="1")
            await world.number(conn, account, "+15550100001")
            await world.rate(conn, "44", "0.0270")
            start = CALLED | {"From": "15550109999", "To": "15550100001"}
            _, document = await plivo(gateway, "/hooks/pl", start)
            redirect = ET.fromstring(document)[0]  # noqa: S314 - our own document
            await plivo(gateway, target_of(redirect.text), start | {"Event": "Redirect"})
            await plivo(gateway, "/hooks/pl", start | {"Event": "Hangup", "CallStatus": "cancel"})

            gateway.clock.advance(91)
            await gateway.reconcile()

            assert await world.money(conn, account) == (D(1), D(0))
            ended = await conn.fetch("SELECT direction, state, cause, reported_s, flags FROM call ORDER BY id")
            assert [tuple(row) for row in ended] == [
                ("inbound", "ended", "cancelled", 0, []),
                ("forward", "ended", "cancelled", 0, ["end_asked"]),
            ]
