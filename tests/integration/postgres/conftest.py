"""A primary with its standby, for all tests of this folder."""

from collections.abc import AsyncIterator

import pytest

from gateway.postgres.migrate import migrate
from tests.support.postgres import throwaway_directory
from tests.support.replication import Server, primary_and_standby


@pytest.fixture(scope="session")
async def pair() -> AsyncIterator[tuple[Server, Server]]:
    """The first is the primary, and the second follows it; both have our schema."""
    with throwaway_directory(memory=True) as directory:
        async with primary_and_standby(directory) as (first, second):
            await migrate(first.dsn)
            await first.wait_for(second)
            yield first, second
