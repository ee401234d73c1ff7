"""Bitrix24 beside Voximplant through the whole gateway: what both tell of one call is charged once, in any order."""

import asyncio
import hmac
import itertools
import json
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlencode

import pytest

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from gateway.usecases.crm.register import registrars
from tests.providers.bitrix24.driver import CALL_END, CLICK
from tests.providers.bitrix24.portal import CALLEE, LINE, FakePortal, acme, fake_portal, portal_connection, turn
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal
SECRET, TOKEN = "shared-secret", "token"
VOXIMPLANT = Connection(name="vox", kind="voximplant", secrets=(SECRET,), options={"outbound_line": LINE})
DIALLED = f"011{CALLEE[1:]}"
FIELDS = {"call_id": "42-outbound", "direction": "outbound", "caller": "alice", "callee": DIALLED, "line": LINE[1:]}


@pytest.fixture
async def portal() -> AsyncIterator[FakePortal]:
    async with fake_portal() as fake:
        yield fake


@pytest.fixture
async def account(pool: Pool) -> int:
    return await acme(pool)


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path, portal: FakePortal, account: int) -> AsyncIterator[Gateway]:
    connections = {"vox": VOXIMPLANT, "b24": portal_connection(portal, account)}
    async with gateway_on(dsn, tmp_path, connections=connections) as running:
        yield running


async def bitrix24(gateway: Gateway, fields: Mapping[str, str] | bytes, *, token: str = TOKEN) -> int:
    body = fields if isinstance(fields, bytes) else urlencode(fields | {"auth[application_token]": token}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = await gateway.client.post("/hooks/b24", data=body, headers=headers)
    assert await response.read() == b""
    return response.status


async def voximplant(gateway: Gateway, body: Mapping[str, object]) -> dict[str, object]:
    raw, timestamp = json.dumps(body).encode(), str(int(gateway.clock.now().timestamp()))
    signature = hmac.new(SECRET.encode(), f"{timestamp}.".encode() + raw, "sha256").hexdigest()
    headers = {"X-Gw-Timestamp": timestamp, "X-Gw-Signature": signature, "Content-Type": "application/json"}
    response = await gateway.client.post("/hooks/vox", data=raw, headers=headers)
    assert response.status == 200, await response.text()
    reply: dict[str, object] = await response.json()
    return reply


async def started(gateway: Gateway) -> None:
    await voximplant(gateway, {"type": "call.start"} | FIELDS)


async def ended(gateway: Gateway) -> None:
    ended_ms = int(gateway.clock.now().timestamp() * 1000)
    leg = {"role": "B", "answered_ms": ended_ms - 61_000, "ended_ms": ended_ms, "duration": 61, "cost": 0.0312}
    await voximplant(gateway, {"type": "call.end", "ended_by": "normal", "legs": [leg]} | FIELDS)


async def told_of_its_end(gateway: Gateway) -> None:
    """The portal's own idea of the call, with its own cost; of a native line, and as the echo of a registration."""
    for call_id in (b"5E316880469A6376", b"externalCall.1"):
        body = CALL_END.replace(b"5E316880469A6376", call_id).replace(b"TESTTOKEN", TOKEN.encode())
        assert await bitrix24(gateway, body) == 200


async def told_of_its_start(gateway: Gateway) -> None:
    for event in ("ONVOXIMPLANTCALLINIT", "ONVOXIMPLANTCALLSTART"):
        for call_id in ("5E316880469A6376.1773306964.8740011", "externalCall.1.1"):
            assert await bitrix24(gateway, {"event": event, "data[CALL_ID]": call_id, "data[USER_ID]": "12"}) == 200


TOLD = (started, ended, told_of_its_start, told_of_its_end)


@pytest.mark.parametrize("order", list(itertools.permutations(range(len(TOLD)))))
async def test_r21_a_call_that_voximplant_and_bitrix24_tell_of_is_charged_once(
    gateway: Gateway, pool: Pool, account: int, order: tuple[int, ...]
) -> None:
    for at in order:
        gateway.clock.advance(70)
        await TOLD[at](gateway)

    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (D("0.946"), D(0))
        assert await conn.fetchval("SELECT count(*) FROM call") == 1
        assert await conn.fetchval("SELECT count(*) FROM ledger_entry WHERE kind = 'call'") == 1


async def test_the_echo_of_our_own_registration_registers_nothing(
    gateway: Gateway, portal: FakePortal, pool: Pool
) -> None:
    [registrar] = registrars(gateway.process.context)
    await turn(registrar)
    await started(gateway)
    await turn(registrar)
    [crm_id] = portal.open
    for event in ("ONVOXIMPLANTCALLINIT", "ONVOXIMPLANTCALLSTART"):
        await bitrix24(gateway, {"event": event, "data[CALL_ID]": crm_id, "data[REST_APP_ID]": "2"})
    gateway.clock.advance(70)
    await ended(gateway)
    await turn(registrar)
    await bitrix24(gateway, {"event": "ONVOXIMPLANTCALLEND", "data[CALL_ID]": crm_id, "data[COST]": "0.0540"})
    await turn(registrar)

    assert portal.methods() == ["register", "finish"]
    assert portal.finished[crm_id]["COST"] == 0.054
    assert await pool.fetchval("SELECT count(*) FROM call") == 1


async def test_a_clicked_number_is_finished_under_the_portals_own_id(gateway: Gateway, portal: FakePortal) -> None:
    [registrar] = registrars(gateway.process.context)
    await turn(registrar)
    portal.open["externalCall.clicked.1"] = {"EXTERNAL_CALL_ID": ""}
    click = CLICK | {"data[CALL_ID]": "externalCall.clicked.1", "data[PHONE_NUMBER_INTERNATIONAL]": CALLEE}
    assert await bitrix24(gateway, click) == 200

    await started(gateway)
    gateway.clock.advance(70)
    await ended(gateway)
    await turn(registrar)

    assert list(portal.finished) == ["externalCall.clicked.1"]
    assert portal.methods() == ["finish"]


async def test_r33_an_event_with_another_token_is_refused(gateway: Gateway) -> None:
    assert await bitrix24(gateway, CLICK, token="another") == 403
    assert await bitrix24(gateway, CALL_END) == 403


async def test_the_crm_is_no_part_of_a_decision(gateway: Gateway, portal: FakePortal, pool: Pool) -> None:
    """A portal that hangs, and one that was never asked: a start writes nothing for it, and waits for nothing."""
    [registrar] = registrars(gateway.process.context)
    await turn(registrar)
    portal.delay_s = 3600

    await started(gateway)
    gateway.clock.advance(70)
    await ended(gateway)

    assert portal.asked == []
    assert await pool.fetchval("SELECT count(*) FROM crm_call") == 0


async def test_the_workers_of_a_process_register_calls_by_themselves(
    dsn: str, tmp_path: Path, portal: FakePortal, account: int
) -> None:
    connections = {"b24": portal_connection(portal, account)}
    async with gateway_on(dsn, tmp_path, connections=connections, workers=True) as gateway:
        async with asyncio.timeout(20):
            while not await gateway.process.context.pool.fetchval("SELECT count(*) FROM crm_portal"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            await gateway.start("a", CALLEE)
            await gateway.end("a", seconds=95)
            while not portal.finished:  # noqa: ASYNC110 - rows have no event
                await asyncio.sleep(0.05)

    assert portal.methods() == ["register", "finish"]
