"""What only reads is asked of the replica, and of the primary where that cannot answer."""

from dataclasses import replace

import pytest
from aiohttp.test_utils import TestClient

from gateway.listeners import build_web
from gateway.web.api.database import open_api_database
from tests.support.api import api_client
from tests.support.running import Gateway, GatewayServer

AWAY = "postgresql://nobody:nothing@127.0.0.1:1/none"


@pytest.mark.parametrize("is_there", [True, False])
async def test_a_read_is_answered_whether_the_replica_is_there_or_not(
    gateway: Gateway, dsn: str, *, is_there: bool
) -> None:
    token = (await api_client(gateway)).token
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "one"}
    wanted = {"name": "Acme", "currency": "USD", "email": "a@b.example"}
    async with (
        open_api_database(dsn, dsn if is_there else AWAY) as database,
        TestClient(GatewayServer(build_web(replace(gateway.process, api=database)))) as client,
    ):
        made = await client.post("/v1/accounts", json=wanted, headers=headers)
        seen = await client.get("/v1/accounts", headers=headers)
        names = [each["name"] for each in (await seen.json())["data"]]
        missing = await client.get("/v1/accounts/999", headers=headers)
        async with database.replica() as conn:
            is_asked = conn is not None

    assert (made.status, seen.status, missing.status) == (201, 200, 404)
    assert names == ["Acme"]
    assert is_asked is is_there
