"""By the pages a large sum waits, and another operator approves or refuses it."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.domain.access.roles import Role
from gateway.domain.accounts.large_sums import LargeSums
from tests.integration.pages.conftest import SignIn
from tests.support import world
from tests.support.running import Gateway, gateway_on

PATH = "/money/large-sums"


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, large_sums=LargeSums(elsewhere=Decimal(100))) as gateway:
        yield gateway


@pytest.fixture
async def account(gateway: Gateway) -> int:
    async with gateway.process.context.pool.acquire() as conn:
        return await world.account(conn)


async def test_a_large_sum_waits_for_another_operator(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    anna, boris = await sign_in(Role.OPERATOR), await sign_in(Role.OPERATOR)
    form = {"amount": "500", "external_id": "p-1", "key": "k1"}

    asked = await anna.post(f"/accounts/{account}/top-up", form)
    told = await (await anna.get(asked.headers["Location"])).text()
    own = await anna.post(f"{PATH}/1/approve", {"key": "k2"})
    approved = await boris.post(f"{PATH}/1/approve", {"key": "k3"})
    shown = await (await boris.get(approved.headers["Location"])).text()

    assert asked.headers["Location"] == f"{PATH}?done=asked"
    assert "Nothing is booked yet" in told
    assert "$500.00" in told
    assert own.status == 409
    assert "It is booked." in shown
    assert 'action="/money/large-sums/1/approve"' not in shown
    assert await gateway.process.context.pool.fetchval("SELECT balance FROM account") == 600


async def test_a_large_sum_is_refused(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    anna, boris = await sign_in(Role.OPERATOR), await sign_in(Role.OPERATOR)
    await anna.post(f"/accounts/{account}/adjust", {"amount": "-500", "note": "an error", "key": "k1"})

    refused = await boris.post(f"{PATH}/1/refuse", {"key": "k2"})

    assert refused.headers["Location"] == f"{PATH}?done=refused"
    assert await gateway.process.context.pool.fetchval("SELECT balance FROM account") == 100


async def test_support_sees_them_without_a_button(gateway: Gateway, sign_in: SignIn, account: int) -> None:
    anna, support = await sign_in(Role.OPERATOR), await sign_in(Role.SUPPORT)
    await anna.post(f"/accounts/{account}/refund", {"amount": "500", "key": "k1"})

    shown = await (await support.get(PATH)).text()

    assert "$500.00" in shown
    assert "/approve" not in shown
