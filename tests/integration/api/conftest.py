"""An account to ask about."""

import pytest

from tests.support import world
from tests.support.running import Gateway


@pytest.fixture
async def account(gateway: Gateway) -> int:
    async with gateway.process.context.pool.acquire() as conn:
        return await world.account(conn)


@pytest.fixture
async def other_account(gateway: Gateway) -> int:
    async with gateway.process.context.pool.acquire() as conn:
        return await world.account(conn)
