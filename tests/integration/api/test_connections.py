"""Connections by the API: how they are, without what is secret, and a call played through one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from gateway.domain.access.roles import Role
from gateway.domain.connection import Connection
from gateway.usecases.connections.receipts import ReceiptsWriter
from tests.support import world
from tests.support.api import ApiClient, api_client
from tests.support.running import SECRET, Gateway, gateway_on

LINE = "+15550100001"
CREDENTIALS = "http://user:hidden-word@127.0.0.1:9/control?key=hidden-word"


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """With a connection whose control URL has what proves who asks, one without a secret, and one of Voximplant's."""
    options = {"account_id": "1", "secret_name": "GATEWAY_SECRET"}
    connections = {
        "guarded": Connection(name="guarded", kind="native", secrets=(SECRET,), control_url=CREDENTIALS),
        "off": Connection(name="off", kind="native"),
        "vox": Connection(name="vox", kind="voximplant", secrets=("v" * 40,), options=options),
    }
    async with gateway_on(dsn, tmp_path, connections=connections, port=unused_port()) as gateway:
        yield gateway


@pytest.fixture
async def operator(gateway: Gateway) -> ApiClient:
    async with gateway.process.context.pool.acquire() as conn:
        await world.number(conn, await world.account(conn), LINE)
        await world.rate(conn, "44", "0.0270")
    return await api_client(gateway)


async def test_connections_are_shown_with_how_they_are_and_without_what_is_secret(
    gateway: Gateway, operator: ApiClient
) -> None:
    await gateway.start("a1")
    await gateway.client.post("/hooks/trunk", data=b"{}")
    await ReceiptsWriter(gateway.process.context).once()

    listed = await operator.get("/connections")
    pbx = (await operator.get("/connections/pbx")).data
    guarded = await operator.get("/connections/guarded")

    by_name = {each["name"]: each for each in listed.data["data"]}
    assert (by_name["pbx"]["state"], by_name["off"]["state"], by_name["pbx"]["secret_used"]) == ("on", "off", 1)
    assert by_name["pbx"]["last_hook_at"] == "2026-03-11T12:00:00Z"
    assert by_name["trunk"]["last_refused_status"] == 403
    assert pbx["control"] == {"is_right": True, "status": 404, "says": "it knows no such call, as it should"}
    assert (guarded.data["control_url"], guarded.data["control"]["is_right"]) == ("http://127.0.0.1:9/control", False)
    assert b"hidden-word" not in listed.raw + guarded.raw
    assert (await operator.get("/connections/nothing")).status == 404


async def test_a_kit_has_what_proves_who_sends_only_for_who_may_test_it(gateway: Gateway, operator: ApiClient) -> None:
    support = await api_client(gateway, Role.SUPPORT)

    whole = (await operator.get("/connections/vox/kit")).data["kit"]
    read = (await support.get("/connections/vox/kit")).data["kit"]

    assert "Webhooks of the account" in whole
    assert "Webhooks of the account" not in read
    assert "/hooks/vox" in read


async def test_a_call_is_played_through_a_connection(gateway: Gateway, operator: ApiClient) -> None:
    wanted = {"line": LINE, "callee": "+442079460000", "seconds": 5}

    played = await operator.post("/connections/pbx/test", wanted)
    support = await api_client(gateway, Role.SUPPORT)

    assert (played.status, played.data["call"]["connects"], played.data["control"]["is_right"]) == (200, True, True)
    assert [each["action"] for each in (await operator.get("/audit", action="connections.test")).data["data"]] == [
        "connections.test"
    ]
    assert (await operator.get(f"/calls/{played.data['call']['call']}")).data["charge"] == "0.027000"
    assert (await operator.post("/connections/off/test", wanted)).status == 409
    assert (await operator.post("/connections/pbx/test", wanted | {"line": "+15550100009"})).status == 404
    assert (await support.post("/connections/pbx/test", wanted)).status == 403
