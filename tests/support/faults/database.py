"""What can be done to a database, until it is undone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from tests.support.installation import Installation
from tests.support.world import FakeClock


@asynccontextmanager
async def database_unusable(its: Installation) -> AsyncIterator[None]:
    await its.alter("WITH ALLOW_CONNECTIONS false")
    yield
    await its.alter("WITH ALLOW_CONNECTIONS true")


@asynccontextmanager
async def migrations_pending(its: Installation) -> AsyncIterator[None]:
    """As of the version before."""
    await its.execute("CREATE TABLE later AS SELECT * FROM migration ORDER BY version DESC LIMIT 1")
    await its.execute("DELETE FROM migration WHERE version IN (SELECT version FROM later)")
    yield
    await its.execute("INSERT INTO migration SELECT * FROM later")


@asynccontextmanager
async def database_read_only(its: Installation) -> AsyncIterator[None]:
    await its.alter("SET default_transaction_read_only = on")
    yield
    await its.alter("RESET default_transaction_read_only")


@asynccontextmanager
async def crash_may_lose(its: Installation) -> AsyncIterator[None]:
    await its.alter("SET synchronous_commit = off")
    yield
    await its.alter("RESET synchronous_commit")


@asynccontextmanager
async def database_clock_apart(its: Installation) -> AsyncIterator[None]:
    its.gateway.clock = FakeClock(its.now + timedelta(minutes=1))
    yield
    its.gateway.clock = None


@asynccontextmanager
async def month_missing(its: Installation) -> AsyncIterator[None]:
    await its.execute("ALTER TABLE call DETACH PARTITION call_default")
    yield
    await its.execute("ALTER TABLE call ATTACH PARTITION call_default DEFAULT")
