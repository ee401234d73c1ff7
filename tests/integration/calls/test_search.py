"""Calls are listed by what they are: each filter leaves those that fit, and filters go together."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.errors import InvalidInput, NotFound
from gateway.postgres.calls import found_calls
from gateway.postgres.calls.found_calls import CallFilters
from gateway.usecases.calls.shown import search
from gateway.usecases.calls.shown.search import CallSearch, Sort, search_calls, sum_calls
from tests.support import world
from tests.support.world import NOON

LINE, OTHER = "+15550100001", "+15550100002"
LONDON, PARIS, OSLO = "+442079460000", "+33140000000", "+4722225555"


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


async def call(conn: Any, account: int, callee: str = LONDON, **columns: Any) -> int:
    """An ended call, unless its columns say otherwise."""
    row = {
        "connection": "pbx",
        "direction": "outbound",
        "caller": LINE,
        "line": LINE,
        "state": "ended",
        "rule": "R14",
        "record_code": 200,
        "sip_code": 200,
        "granted_s": 3600,
        "started_at": NOON,
        "ended_at": NOON,
        "charge": Decimal(0),
    }
    row |= {"account_id": account, "callee": callee} | columns
    if row["state"] == "refused":
        row |= {"ended_at": None, "charge": None, "granted_s": 0}
    names = ", ".join(row)
    values = ", ".join(f"${at + 1}" for at in range(len(row)))
    call_id: int = await conn.fetchval(
        f"INSERT INTO call (provider_call_id, {names}) VALUES (gen_random_uuid()::text, {values}) RETURNING id",  # noqa: S608 - our own names
        *row.values(),
    )
    return call_id


async def listed(conn: Any, *, sort: Sort = Sort.STARTED, limit: int = 100, **wanted: Any) -> list[int]:
    where = {name: wanted.pop(name) for name in ("account_id", "is_live", "before", "country") if name in wanted}
    found = await search_calls(conn, CallSearch(filters=CallFilters(**wanted), sort=sort, limit=limit, **where))
    assert found.totals.stopped_before is None
    return [view.call.id for view in found.views]


async def test_each_filter_leaves_the_calls_that_fit(conn):
    one, two = await world.account(conn), await world.account(conn)
    plain = await call(conn, one)
    theirs = await call(conn, two, line=OTHER, caller="201", connection="trunk")
    refused = await call(conn, one, state="refused", reason="no_money")
    flagged = await call(conn, one, flags=["clock", "end_differs"])
    inbound = await call(conn, one, LINE, direction="inbound", caller=PARIS)
    dear = await call(conn, one, charge=Decimal("2.5"))
    late = await call(conn, one, started_at=NOON + timedelta(days=1), ended_at=NOON + timedelta(days=1))

    assert await listed(conn) == [late, dear, inbound, flagged, refused, theirs, plain]
    assert await listed(conn, account_id=two) == [theirs]
    assert await listed(conn, line=OTHER) == [theirs]
    assert await listed(conn, number=PARIS) == [inbound]
    assert await listed(conn, state="refused") == [refused]
    assert await listed(conn, reason="no_money") == [refused]
    assert await listed(conn, flag="end_differs") == [flagged]
    assert await listed(conn, flag="end_differs", account_id=one) == [flagged]
    assert await listed(conn, flag="no_rate") == []
    assert await listed(conn, direction="inbound") == [inbound]
    assert await listed(conn, connection="trunk") == [theirs]
    assert await listed(conn, country="FR") == [inbound]  # the far party's
    assert await listed(conn, country="United Kingdom", account_id=one, reason="no_money") == [refused]
    assert await listed(conn, since=NOON + timedelta(seconds=1)) == [late]
    assert await listed(conn, until=NOON) == []
    assert await listed(conn, min_charge=Decimal("2.5")) == [dear]


async def test_filters_go_together(conn):
    account, day = await world.account(conn), timedelta(days=1)
    wanted = await call(conn, account, PARIS, state="refused", reason="capped", flags=["refused"])
    await call(conn, account, PARIS, state="refused", reason="capped", flags=["refused"], line=OTHER, caller=OTHER)
    await call(conn, account, PARIS, state="refused", reason="no_money", flags=["refused"])
    await call(conn, account, PARIS, state="refused", reason="capped")
    await call(conn, account, LONDON, state="refused", reason="capped", flags=["refused"])
    await call(conn, account, PARIS, state="refused", reason="capped", flags=["refused"], started_at=NOON + day)

    found = await listed(
        conn, flag="refused", state="refused", reason="capped", line=LINE, number=PARIS, since=NOON, until=NOON + day
    )

    assert found == [wanted]


async def test_the_dearest_come_first_if_so_wanted(conn):
    account = await world.account(conn)
    cheap, dear, free = [await call(conn, account, charge=Decimal(charge)) for charge in ("1", "3", "0")]

    assert await listed(conn, sort=Sort.CHARGE) == [dear, cheap, free]
    assert await listed(conn, sort=Sort.CHARGE, limit=1) == [dear]


async def test_a_rare_call_is_found_behind_many_pages_and_what_was_not_looked_at_is_said(conn, monkeypatch):
    account = await world.account(conn)
    rare = await call(conn, account, OSLO)
    others = [await call(conn, account) for _ in range(6)]
    monkeypatch.setattr(search, "PAGE", 2)
    assert await listed(conn, number=OSLO) == [rare]

    monkeypatch.setattr(search, "CALLS_LOOKED_AT_MAX", 4)
    found = await search_calls(conn, CallSearch(filters=CallFilters(number=OSLO)))

    assert (found.views, found.totals.stopped_before) == ([], others[2])


async def test_flags_are_counted_by_flag(conn):
    account = await world.account(conn)
    await call(conn, account, flags=["clock", "end_differs"], flagged_at=NOON)
    await call(conn, account, flags=["clock"], flagged_at=NOON)
    await call(conn, account)
    await call(conn, account, flags=["clock"], flagged_at=NOON - timedelta(days=2))

    assert await found_calls.count_flags(conn, since=NOON - timedelta(days=1)) == {"clock": 2, "end_differs": 1}


async def test_a_search_for_nothing_that_can_be_is_refused(conn):
    with pytest.raises(NotFound):
        await listed(conn, account_id=7)
    with pytest.raises(InvalidInput, match="limit"):
        await listed(conn, limit=0)
    with pytest.raises(InvalidInput, match="from: must be before to"):
        await listed(conn, since=NOON, until=NOON)
    with pytest.raises(InvalidInput, match="Atlantis"):
        await listed(conn, country="Atlantis")


async def test_calls_are_added_up_by_currency_however_many_are_listed(conn):
    dollars, euros = await world.account(conn), await world.account(conn, currency="EUR")
    await call(conn, dollars, charge=Decimal("1.5"), billed_s=60)
    await call(conn, dollars, charge=Decimal(2), billed_s=90)
    await call(conn, euros, charge=Decimal(3), billed_s=30)
    await call(conn, euros)
    await call(conn, euros, state="refused", reason="no_money")

    totals = await sum_calls(conn, CallSearch(limit=1))
    listed_totals = (await search_calls(conn, CallSearch(sort=Sort.CHARGE, limit=1))).totals

    assert (totals.calls, totals.refused, totals.talked, totals.billed_s) == (5, 1, 3, 180)
    assert totals.charges == {"EUR": Decimal(3), "USD": Decimal("3.5")}
    assert (listed_totals.calls, listed_totals.charges) == (1, {"EUR": Decimal(3)})
