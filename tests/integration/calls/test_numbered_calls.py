"""Calls are found by a number however many there are, whatever of them was added up; what is taken away is not."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.postgres.types import PgConnection
from gateway.usecases.calls import roll_up as rolling_up
from gateway.usecases.calls.anonymise import anonymise_old_calls
from gateway.usecases.calls.roll_up import roll_up
from gateway.usecases.calls.shown import listing
from tests.integration.calls.test_listing import listed
from tests.integration.calls.test_search import call
from tests.support import calls, world
from tests.support.running import Gateway
from tests.support.world import NOON

LINE, RARE, FREQUENT = "+15550100001", "+442079460001", "+442079460002"


@pytest.fixture
async def conn(gateway: Gateway) -> AsyncIterator[PgConnection]:
    async with gateway.process.context.pool.acquire() as conn:
        yield conn


async def add_up(gateway: Gateway) -> None:
    while await roll_up(gateway.process.context):
        pass


async def numbers_kept(conn: PgConnection) -> list[str]:
    return [row["number"] for row in await conn.fetch("SELECT DISTINCT number FROM call_number ORDER BY number")]


async def test_a_number_is_found_in_all_calls_and_not_only_among_those_that_a_part_looks_at(
    gateway: Gateway, conn: PgConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await world.account(conn), await world.account(conn)
    rare = await call(conn, one, RARE, flags=["clock"])
    frequent = [await call(conn, (one, two)[at % 2], FREQUENT) for at in range(9)]
    monkeypatch.setattr(listing, "LOOKED_AT_MAX", 3)
    monkeypatch.setattr(rolling_up, "BATCH", 4)

    for _ in range(4):
        assert await listed(conn, number=RARE) == [rare]
        assert await listed(conn, number=RARE, account_id=one, flag="clock") == [rare]
        assert await listed(conn, number=RARE, account_id=two) == []
        assert await listed(conn, number=FREQUENT) == frequent[::-1]
        assert await listed(conn, number=FREQUENT, account_id=two) == frequent[1::2][::-1]
        assert await listed(conn, number=LINE, since=NOON, until=NOON + timedelta(days=1)) == [*frequent[::-1], rare]
        await roll_up(gateway.process.context)

    page = await listing.list_call_page(
        conn,
        listing.CallListing(filters=listing.CallFilters(number=RARE)),
        before=None,
        limit=2,
        now=NOON,
    )
    assert ([each.id for each in page.calls], page.next) == ([rare], None)


async def test_a_call_that_is_committed_late_is_found_at_once_and_later(gateway: Gateway, conn: PgConnection) -> None:
    await world.number(conn, await world.account(conn), LINE)
    await world.rate(conn, "44")
    async with gateway.process.context.pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        late = await calls.start(slow, "late", callee=RARE)
        await call(conn, 1, FREQUENT)
        await add_up(gateway)
        await transaction.commit()

    assert await listed(conn, number=RARE) == [late]
    await add_up(gateway)
    assert await listed(conn, number=RARE) == [late]
    await calls.end(conn, "late", 7)
    await add_up(gateway)
    assert await listed(conn, number=RARE) == [late]
    assert await conn.fetchval("SELECT count(*) FROM usage_awaited WHERE call_id = $1", late) == 0


async def test_a_call_whose_end_came_first_is_found_by_what_its_start_says(
    gateway: Gateway, conn: PgConnection
) -> None:
    await world.number(conn, await world.account(conn), LINE)
    await world.rate(conn, "44")
    await calls.end(conn, "c1", 7)
    await add_up(gateway)

    started = await calls.start(conn, "c1", callee=RARE)
    at_once = await listed(conn, number=RARE)
    await add_up(gateway)

    assert at_once == await listed(conn, number=RARE) == [started]


@pytest.mark.parametrize("is_added_up_before", [True, False])
async def test_a_number_that_was_taken_is_kept_nowhere_and_found_by_what_is_left(
    gateway: Gateway, conn: PgConnection, *, is_added_up_before: bool
) -> None:
    old = await call(conn, await world.account(conn), RARE)
    if is_added_up_before:
        await add_up(gateway)
    gateway.clock.advance(timedelta(days=91).total_seconds())
    context = gateway.process.context

    await anonymise_old_calls(replace(context, settings=replace(context.settings, numbers_days=90)))
    at_once = await listed(conn, number=RARE)
    await add_up(gateway)

    assert at_once == await listed(conn, number=RARE) == await listed(conn, number=LINE) == [old]
    assert await numbers_kept(conn) == [LINE, "+442079******"]
