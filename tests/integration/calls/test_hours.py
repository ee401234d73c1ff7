"""What became of calls hour by hour: of many calls only hours that are whole."""

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.calls.shown.hours import show_hours
from tests.support import calls, world
from tests.support.world import NOON

HOUR = timedelta(hours=1)


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    async with pool.acquire() as conn:
        yield conn


@pytest.fixture
async def account(conn: PgConnection) -> int:
    """Yesterday's call counts no more; an hour ago two were refused, and one of this hour was answered."""
    account = await world.account(conn, balance="10")
    await world.number(conn, account, "+15550100001")
    await world.rate(conn, "44")
    await calls.start(conn, "old", now=NOON - 24 * HOUR)
    for name in ("a", "b"):
        await calls.start(conn, name, callee="+33140000000", now=NOON - HOUR)
    await calls.start(conn, "c", now=NOON)
    await calls.answer(conn, "c")
    await calls.start(conn, "d", now=NOON)
    return account


async def test_each_hour_says_what_became_of_its_calls(conn: PgConnection, account: int) -> None:
    now = NOON + timedelta(minutes=30)

    for account_id in (None, account):
        found = await show_hours(conn, account_id=account_id, now=now)
        assert [(each.hour, each.calls, each.answered, each.refused) for each in found] == [
            (NOON, 2, 1, 0),
            (NOON - HOUR, 2, 0, 2),
        ]
    assert await show_hours(conn, account_id=await world.account(conn), now=now) == []


async def test_of_more_calls_than_are_looked_at_the_last_hour_is_left_out(conn: PgConnection, account: int) -> None:
    found = await show_hours(conn, account_id=None, now=NOON + timedelta(minutes=30), looked_at=3)

    assert [(each.hour, each.calls) for each in found] == [(NOON, 2)]
