"""A gateway that knows where it listens, and an account to ask about."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import unused_port

from tests.support import world
from tests.support.running import Gateway, gateway_on


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, port=unused_port()) as gateway:
        yield gateway


@pytest.fixture
async def account(gateway: Gateway) -> int:
    async with gateway.process.context.pool.acquire() as conn:
        return await world.account(conn)


@pytest.fixture
async def other_account(gateway: Gateway) -> int:
    async with gateway.process.context.pool.acquire() as conn:
        return await world.account(conn)
