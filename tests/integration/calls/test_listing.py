"""Lists of calls: each call that fits comes once, however little is looked at for a part of the list."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateway.domain.errors import InvalidInput, NotFound
from gateway.postgres.calls.found_calls import CallFilters
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.calls.shown import listed_totals, listing
from gateway.usecases.calls.shown.listed_totals import sum_listed
from gateway.usecases.calls.shown.listing import CallListing, list_call_page
from tests.integration.calls.test_search import call
from tests.support import world
from tests.support.world import NOON

DAY = timedelta(days=1)


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    async with pool.acquire() as conn:
        yield conn


async def listed(
    conn: PgConnection,
    *,
    account_id: int | None = None,
    country: str | None = None,
    limit: int = 2,
    now: datetime = NOON + 30 * DAY,
    **wanted: Any,
) -> list[int]:
    """Ids of all parts, one after the other."""
    wanted_calls = CallListing(account_id=account_id, country=country, filters=CallFilters(**wanted))
    found: list[int] = []
    before = None
    while True:
        page = await list_call_page(conn, wanted_calls, before=before, limit=limit, now=now)
        assert len(page.calls) <= limit
        found += [each.id for each in page.calls]
        if page.next is None:
            return found
        before = page.next


async def test_all_calls_come_once_whatever_a_part_looks_at(
    conn: PgConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = await world.account(conn), await world.account(conn)
    ids = [await call(conn, (one, two)[at % 2], flags=["clock"] if at % 3 == 0 else []) for at in range(10)]
    monkeypatch.setattr(listing, "LOOKED_AT_MAX", 3)

    assert await listed(conn) == ids[::-1]
    assert await listed(conn, account_id=two) == ids[1::2][::-1]
    assert await listed(conn, flag="clock") == ids[::3][::-1]
    assert await listed(conn, flag="clock", account_id=two) == [ids[9], ids[3]]
    assert await listed(conn, line="+15550100009") == []


async def test_a_list_that_nothing_is_asked_for_is_added_up_for_fewer_calls(
    conn: PgConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    account_id = await world.account(conn)
    ids = [await call(conn, account_id) for _ in range(5)]
    monkeypatch.setattr(listed_totals, "SUMMED_UNASKED_MAX", 3)
    now = NOON + 30 * DAY

    every = await sum_listed(conn, CallListing(account_id=account_id), now=now)
    of_a_line = CallListing(account_id=account_id, filters=CallFilters(line="+15550100001"))

    assert (every.calls, every.stopped_before) == (3, ids[2])
    assert (await sum_listed(conn, of_a_line, now=now)).calls == 5


async def test_a_list_and_its_sum_are_planned_once_for_a_connection(conn: PgConnection) -> None:
    account_id = await world.account(conn)
    for _ in range(3):
        await list_call_page(conn, CallListing(account_id=account_id), before=None, limit=2, now=NOON)
        await sum_listed(conn, CallListing(account_id=account_id), now=NOON)

    planned = await conn.fetch(
        "SELECT generic_plans, custom_plans FROM pg_prepared_statements"
        " WHERE statement ~ 'calls_of_stretch' AND statement !~ 'pg_prepared_statements'"
    )

    assert len(planned) == 2
    assert {(each["generic_plans"], each["custom_plans"]) for each in planned} == {(3, 0)}


async def test_a_day_has_its_calls_and_those_put_on_record_long_after(
    conn: PgConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await world.account(conn)
    by_day = [
        [await call(conn, account, started_at=NOON + day * DAY, ended_at=NOON + day * DAY) for _ in range(3)]
        for day in range(4)
    ]
    late = await call(conn, account, started_at=NOON + DAY, ended_at=NOON + DAY, flags=["no_start"])
    monkeypatch.setattr(listing, "LOOKED_AT_MAX", 2)
    day = {"since": NOON + DAY, "until": NOON + 2 * DAY}

    assert await listed(conn, **day) == [late, *by_day[1][::-1]]
    assert await listed(conn, account_id=account, **day) == [late, *by_day[1][::-1]]
    assert await listed(conn, flag="no_start", **day) == [late]
    assert await listed(conn, since=NOON + 3 * DAY) == by_day[3][::-1]
    assert await listed(conn, until=NOON + timedelta(seconds=1)) == by_day[0][::-1]
    assert await listed(conn, since=NOON + 20 * DAY) == []
    assert await listed(conn, since=NOON + 4 * DAY, now=NOON + 400 * DAY) == []


async def test_countries_that_share_a_code_are_told_apart(conn: PgConnection, monkeypatch: pytest.MonkeyPatch) -> None:
    account = await world.account(conn)
    toronto, boston = "+14165550100", "+16175550100"
    canadian = [await call(conn, account, callee) for callee in (toronto, boston, boston, boston, toronto, toronto)]
    await call(conn, account, "112")

    assert await listed(conn, country="CA") == [canadian[5], canadian[4], canadian[0]]
    assert await listed(conn, country="CA", limit=1) == [canadian[5], canadian[4], canadian[0]]
    assert await listed(conn, country="GB") == []
    monkeypatch.setattr(listing, "_ROUNDS_MAX", 1)
    assert await listed(conn, country="CA", limit=1) == [canadian[5], canadian[4], canadian[0]]


async def test_what_makes_no_sense_is_refused(conn: PgConnection) -> None:
    with pytest.raises(NotFound):
        await listed(conn, account_id=7)
    with pytest.raises(InvalidInput, match="from"):
        await listed(conn, since=NOON, until=NOON)
    with pytest.raises(InvalidInput, match="country"):
        await listed(conn, country="Atlantis")
