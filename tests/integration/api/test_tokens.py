"""Tokens: what one may never get, whom they belong to, and how their secrets are kept."""

from datetime import timedelta

import pytest

from gateway.domain.access.roles import Role
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway


async def test_a_token_is_created_listed_and_revoked(gateway: Gateway) -> None:
    operator = await api_client(gateway)

    created = await operator.post("/tokens", {"role": "support", "name": "desk", "scopes": ["me:read"]})
    theirs = ApiClient(gateway, created.data["token"])
    me = await theirs.get("/me")
    listed = await operator.get("/tokens")
    revoked = await operator.ask("DELETE", f"/tokens/{created.data['id']}")

    assert (created.status, me.data["role"], me.data["scopes"]) == (201, "support", ["me:read"])
    assert listed.data["data"][0]["name"] == "desk"
    assert "token" not in listed.data["data"][0]
    assert (revoked.status, (await theirs.get("/me")).status) == (204, 401)
    assert (await operator.ask("DELETE", f"/tokens/{created.data['id']}")).status == 409


async def test_a_secret_is_told_again_to_the_same_asker_and_kept_sealed(gateway: Gateway) -> None:
    operator = await api_client(gateway)

    first = await operator.post("/tokens", {"role": "operator"}, key="one")
    again = await operator.post("/tokens", {"role": "operator"}, key="one")

    assert first.raw == again.raw
    async with gateway.process.context.pool.acquire() as conn:
        kept = await conn.fetchval("SELECT reply FROM idempotency")
        audited = await conn.fetch("SELECT after::text FROM audit")
    secret = first.data["token"]
    assert secret.encode() not in kept
    assert not any(secret in (each["after"] or "") for each in audited)


@pytest.mark.parametrize(
    ("role", "wanted", "status"),
    [
        (Role.ADMINISTRATOR, {"role": "operator"}, 409),
        (Role.ADMINISTRATOR, {"role": "reader"}, 201),
        (Role.READER, {"role": "reader"}, 403),
        (Role.SUPPORT, {"role": "support"}, 403),
        (Role.OPERATOR, {"role": "reader"}, 409),
        (Role.OPERATOR, {"role": "operator", "expires_at": "2020-01-01T00:00:00Z"}, 409),
        (Role.OPERATOR, {"role": "operator", "scopes": ["no:read"]}, 409),
        (Role.OPERATOR, {"role": "king"}, 422),
    ],
)
async def test_nobody_gets_what_is_mightier_than_they(
    gateway: Gateway, account: int, role: Role, wanted: dict[str, object], status: int
) -> None:
    asker = await api_client(gateway, role, account if role.is_of_account else None)

    assert (await asker.post("/tokens", wanted)).status == status


async def test_an_administrator_sees_and_revokes_the_own_accounts_only(
    gateway: Gateway, account: int, other_account: int
) -> None:
    administrator = await api_client(gateway, Role.ADMINISTRATOR, account)
    foreign = await (await api_client(gateway)).post("/tokens", {"role": "reader", "account_id": other_account})

    seen = await administrator.get("/tokens")

    assert {each["account_id"] for each in seen.data["data"]} == {account}
    assert (await administrator.get("/tokens", account_id=other_account)).status == 404
    assert (await administrator.post("/tokens", {"role": "reader", "account_id": other_account})).status == 404
    assert (await administrator.ask("DELETE", f"/tokens/{foreign.data['id']}")).status == 404
    assert (await administrator.ask("DELETE", "/tokens/999999")).status == 404


async def test_an_expired_token_is_nobodys(gateway: Gateway) -> None:
    operator = await api_client(gateway)
    soon = (gateway.clock.now() + timedelta(minutes=1)).isoformat()
    created = await operator.post("/tokens", {"role": "operator", "expires_at": soon})

    gateway.clock.advance(61)

    assert (await ApiClient(gateway, created.data["token"]).get("/me")).status == 401
