"""The numbers of old calls are kept for as long as the operator says; money, reasons and searches stay."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from gateway.postgres.calls import anonymise
from gateway.postgres.calls.found_calls import CallFilters
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.calls.anonymise import anonymise_old_calls
from gateway.usecases.calls.shown.search import CallSearch, search_calls
from gateway.usecases.calls.shown.show import show_call
from tests.support import world
from tests.support.running import Gateway

LINE = "+15550100001"
GONE = {"action": "reject", "sip_code": 487, "reason": "call_ended"}


@pytest.fixture
async def conn(pool: Pool, gateway: Gateway) -> AsyncIterator[PgConnection]:
    """Calls of old: one that was charged, one that came in, a refused one, one dialled wrong; then a new one."""
    async with pool.acquire() as conn:
        await world.number(conn, await world.account(conn), LINE)
        await world.rate(conn, "44", "0.01")
        await gateway.start("charged")
        gateway.clock.advance(60)
        await gateway.end("charged", seconds=60)
        await gateway.start("incoming", LINE, caller="+447400123456", direction="inbound")
        await gateway.end("incoming", seconds=0)
        await gateway.start("refused", "+81312345678")
        await gateway.start("wrong", "alice@example.com")
        gateway.clock.at += timedelta(days=90, hours=1)
        await gateway.start("new")
        yield conn


async def forget(gateway: Gateway, days: int | None) -> bool:
    context = gateway.process.context
    return await anonymise_old_calls(replace(context, settings=replace(context.settings, numbers_days=days)))


async def parties(conn: PgConnection) -> list[tuple[str, str]]:
    return [tuple(row) for row in await conn.fetch("SELECT caller, callee FROM call ORDER BY id")]


async def test_numbers_of_old_calls_lose_their_last_digits(gateway: Gateway, conn: PgConnection) -> None:
    assert not await forget(gateway, 90)

    assert await parties(conn) == [
        (LINE, "+442079******"),
        ("+447400******", LINE),
        (LINE, "+81312******"),
        (LINE, "******"),
        (LINE, "+442079460000"),
    ]
    assert (await check_ledger(conn)).ok


async def test_they_are_kept_for_as_long_as_nobody_says_otherwise(gateway: Gateway, conn: PgConnection) -> None:
    before = await parties(conn)

    await forget(gateway, None)
    await forget(gateway, 91)

    assert await parties(conn) == before


async def test_why_an_old_call_was_priced_or_refused_so_is_still_said(gateway: Gateway, conn: PgConnection) -> None:
    before = {each: (await show_call(conn, reference=f"pbx:{each}")).explanation for each in ("charged", "refused")}

    await forget(gateway, 90)

    after = {each: (await show_call(conn, reference=f"pbx:{each}")).explanation for each in before}
    assert after == before
    wrong = (await show_call(conn, reference="pbx:wrong")).explanation
    assert not [each for each in wrong if "was read" in each]


async def test_an_old_call_is_found_by_what_is_left_of_its_number(gateway: Gateway, conn: PgConnection) -> None:
    await forget(gateway, 90)

    by_number = await search_calls(conn, CallSearch(filters=CallFilters(number="+447400123456")))
    by_country = await search_calls(conn, CallSearch(country="JP"))

    assert [each.call.provider_call_id for each in by_number.views] == ["incoming"]
    assert [each.call.provider_call_id for each in by_country.views] == ["refused"]


async def test_r16_the_start_of_an_anonymised_call_is_not_decided_anew(gateway: Gateway, conn: PgConnection) -> None:
    await forget(gateway, 90)

    assert await gateway.start("charged") == await gateway.start("charged") == {"call_id": "charged", **GONE}
    assert (await gateway.start("new"))["action"] == "connect"
    assert await conn.fetchval("SELECT count(*) FROM call") == 5


async def test_it_goes_on_where_it_was_in_small_batches_and_one_process_at_a_time(
    gateway: Gateway, conn: PgConnection, pool: Pool
) -> None:
    now = gateway.clock.now()
    before = now - timedelta(days=1)
    async with pool.acquire() as other, other.transaction():
        assert await anonymise.anonymise(other, before=before, limit=3, now=now) == 3
        assert await anonymise.anonymise(conn, before=before, limit=3, now=now) == 0

    assert await anonymise.anonymise(conn, before=before, limit=3, now=now) == 1
    assert await anonymise.anonymise(conn, before=before, limit=3, now=now) == 0
