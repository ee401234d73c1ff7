"""Voximplant's scenario through the whole gateway: its signature, its words, one ledger."""

import hmac
import json
from collections.abc import AsyncIterator, Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal
SECRET = "shared-secret"
CONTROL_URL = "https://www-eu-01-123.voximplant.com:12093/request/1a2b.1700000000.1_10.0.0.1/0123456789abcdef"
VOXIMPLANT = Connection(name="vox", kind="voximplant", secrets=(SECRET,), options={"outbound_line": "+15550100001"})


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections={"vox": VOXIMPLANT}) as running:
        yield running


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
        fields = {"call_id": "42-outbound", "direction": "outbound", "caller": "alice", "callee": "011442079460000"}
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
