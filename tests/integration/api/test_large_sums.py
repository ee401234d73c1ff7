"""By the API a large sum is accepted, and waits: another operator approves it, once, or refuses it."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.domain.access.actor import Actor, command_line
from gateway.domain.access.roles import Role
from gateway.domain.accounts.large_sums import LargeSums
from gateway.usecases.access.tokens import TokenTerms, create_token
from tests.support import world
from tests.support.api import ApiClient, api_client
from tests.support.running import Gateway, gateway_on


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, large_sums=LargeSums(elsewhere=Decimal(100))) as gateway:
        yield gateway


async def client_of(gateway: Gateway, maker: Actor) -> ApiClient:
    """A program to which somebody has given a token."""
    async with gateway.process.context.pool.acquire() as conn:
        terms = TokenTerms(role=Role.OPERATOR, account_id=None)
        created = await create_token(conn, actor=maker, terms=terms, now=gateway.clock.now())
    return ApiClient(gateway, created.token)


@pytest.fixture
async def anna(gateway: Gateway) -> ApiClient:
    return await client_of(gateway, command_line("anna"))


@pytest.fixture
async def boris(gateway: Gateway) -> ApiClient:
    return await client_of(gateway, command_line("boris"))


@pytest.fixture
async def account(gateway: Gateway) -> int:
    async with gateway.process.context.pool.acquire() as conn:
        return await world.account(conn)


async def balance(client: ApiClient, account: int) -> str:
    found: str = (await client.get(f"/accounts/{account}")).data["balance"]
    return found


async def test_a_large_sum_is_accepted_and_booked_when_another_approves(
    anna: ApiClient, boris: ApiClient, account: int
) -> None:
    body = {"amount": "100.01", "external_id": "p-1"}
    asked = await anna.post(f"/accounts/{account}/top-ups", body, key="one")
    again = await anna.post(f"/accounts/{account}/top-ups", body, key="one")
    path = f"/large-sums/{asked.data['id']}"
    own = await anna.post(f"{path}/approve", None)
    before = await balance(boris, account)
    listed = await boris.get("/large-sums", state="waiting", account_id=account)
    approved = await boris.post(f"{path}/approve", None, key="two")
    repeated = await boris.post(f"{path}/approve", None, key="two")
    once_more = await boris.post(f"{path}/approve", None)

    assert (asked.status, asked.data["state"], asked.data["asked_by"]) == (202, "waiting", "cli:anna")
    assert (again.status, again.raw, again.headers["Idempotency-Replayed"]) == (202, asked.raw, "true")
    assert (own.status, own.data["code"], before) == (409, "conflict", "100.000000")
    assert listed.data["data"] == [asked.data]
    assert (approved.status, approved.data["state"], approved.data["decided_by"]) == (200, "approved", "cli:boris")
    assert (repeated.raw, once_more.status) == (approved.raw, 409)
    assert await balance(boris, account) == "200.010000"


async def test_a_large_sum_is_refused(anna: ApiClient, boris: ApiClient, account: int) -> None:
    body = {"amount": "-500", "note": "an error"}
    asked = await anna.post(f"/accounts/{account}/adjustments", body)

    refused = await boris.post(f"/large-sums/{asked.data['id']}/refuse", None)

    assert (refused.status, refused.data["state"], refused.data["entry_id"]) == (200, "refused", None)
    assert await balance(boris, account) == "100.000000"


async def test_what_is_not_large_is_booked_at_once(anna: ApiClient, account: int) -> None:
    booked = await anna.post(f"/accounts/{account}/refunds", {"amount": "100"})

    assert (booked.status, booked.data["balance_after"]) == (201, "200.000000")


async def test_support_sees_what_waits_and_approves_nothing(gateway: Gateway, anna: ApiClient, account: int) -> None:
    asked = await anna.post(f"/accounts/{account}/refunds", {"amount": "101"})
    support = await api_client(gateway, Role.SUPPORT)

    assert (await support.get("/large-sums")).data["data"] == [asked.data]
    assert (await support.post(f"/large-sums/{asked.data['id']}/approve", None)).status == 403
