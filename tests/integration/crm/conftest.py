"""A portal and an account, for every test of a CRM."""

from collections.abc import AsyncIterator

import pytest

from gateway.postgres.types import Pool
from tests.providers.bitrix24.portal import FakePortal, acme, fake_portal


@pytest.fixture
async def portal() -> AsyncIterator[FakePortal]:
    async with fake_portal() as fake:
        yield fake


@pytest.fixture
async def account(pool: Pool) -> int:
    return await acme(pool)
