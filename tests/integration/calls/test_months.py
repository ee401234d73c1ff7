"""Calls are kept in months: made ahead, turned to, opened only where they are asked for, and never in the way."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from gateway.domain.problems import ProblemCode
from gateway.postgres.calls import months
from gateway.postgres.pool import open_pool
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.calls.months import keep_months, make_months
from tests.support import world
from tests.support.command_line import Gateway as CommandLine
from tests.support.command_line import undone
from tests.support.running import Gateway

IDS_OF_A_MONTH = 10**10


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    async with pool.acquire() as conn:
        await world.number(conn, await world.account(conn, balance="100"), "+15550100001")
        await world.rate(conn, "44", "0.01")
        yield conn


async def months_of(conn: PgConnection, *call_ids: str) -> list[int]:
    """Which month each call is in, by its id; 0 is what there was at first."""
    statement = "SELECT id FROM call WHERE provider_call_id = $1"
    return [await conn.fetchval(statement, call_id) // IDS_OF_A_MONTH for call_id in call_ids]


async def summed_up(conn: PgConnection) -> int:
    """Of how many ranges of pages the index of instants knew nothing; now it does."""
    statement = "SELECT sum(brin_summarize_new_values(relid)) FROM pg_partition_tree('call_started') WHERE isleaf"
    ranges: int = await conn.fetchval(statement)
    return ranges


async def many_more(conn: PgConnection) -> None:
    """As the first call, in more pages than a range of the index of instants has, and fewer than two have."""
    await conn.execute(
        "INSERT INTO call OVERRIDING SYSTEM VALUE"
        " SELECT (jsonb_populate_record(first, jsonb_build_object('id', id, 'provider_call_id', id::text))).*"
        " FROM (SELECT call AS first FROM call ORDER BY id LIMIT 1) AS row,"
        " (SELECT nextval('call_id_seq') AS id FROM generate_series(1, 4000)) AS given"
    )


async def test_calls_of_a_month_get_ids_of_it(gateway: Gateway, conn: PgConnection) -> None:
    await keep_months(gateway.process.context)
    await gateway.start("march")
    gateway.clock.at = datetime(2026, 4, 1, tzinfo=UTC)
    await gateway.start("late")
    for _ in range(2):
        await keep_months(gateway.process.context)
    await gateway.start("april")
    gateway.clock.advance(60)
    for call_id in ("march", "late", "april"):
        await gateway.end(call_id, seconds=60)

    assert await months_of(conn, "march", "late", "april") == [0, 0, 1]
    tables = await conn.fetch("SELECT call_id, tableoid::regclass::text AS name FROM ledger_entry WHERE kind = 'call'")
    assert [row["name"] for row in tables] == ["ledger_entry_kept", "ledger_entry_kept", "ledger_entry_2026_04"]
    assert (await months.look(conn)).newest == date(2026, 6, 1)
    assert (await check_ledger(conn, now=gateway.clock.now())).ok


async def test_when_a_month_is_turned_to_the_calls_of_those_before_are_found_by_their_instants(
    gateway: Gateway, conn: PgConnection
) -> None:
    await keep_months(gateway.process.context)
    await gateway.start("march")
    await many_more(conn)
    gateway.clock.at = datetime(2026, 4, 1, tzinfo=UTC)
    await keep_months(gateway.process.context)
    of_march = await summed_up(conn)
    await many_more(conn)

    assert (of_march, await summed_up(conn)) == (0, 1)


async def test_of_processes_that_turn_at_once_no_two_give_the_same_id(pool: Pool, conn: PgConnection) -> None:
    await make_months(conn, date(2026, 3, 14))

    async def turn_and_number() -> list[int]:
        async with pool.acquire() as own:
            await months.turn(own, date(2026, 4, 1))
            return [await own.fetchval("SELECT nextval('call_id_seq')") for _ in range(20)]

    numbers = [each for given in await asyncio.gather(*(turn_and_number() for _ in range(4))) for each in given]

    assert sorted(numbers) == list(range(IDS_OF_A_MONTH, IDS_OF_A_MONTH + 80))


async def test_no_call_is_refused_while_months_are_made(gateway: Gateway, conn: PgConnection) -> None:
    async def make_two_years() -> None:
        for month in range(24):
            assert await months.add(conn, date(2026 + month // 12, 1 + month % 12, 1))

    making = asyncio.create_task(make_two_years())
    replies = []
    while not making.done():
        call_id = f"now{len(replies)}"
        replies.append((await gateway.start(call_id))["action"])
        gateway.clock.advance(1)
        await gateway.end(call_id, seconds=1)

    await making
    assert set(replies) == {"connect"}


async def test_whoever_reads_for_long_is_waited_for_and_not_in_the_way(
    gateway: Gateway, conn: PgConnection, pool: Pool
) -> None:
    async with pool.acquire() as reader, reader.transaction():
        await reader.execute("LOCK TABLE call_default IN ACCESS SHARE MODE")
        adding = asyncio.create_task(months.add(conn, date(2026, 4, 1)))
        replies = [(await gateway.start(f"a{number}"))["action"] for number in range(5)]
        assert not adding.done()

    assert await adding
    assert set(replies) == {"connect"}


async def test_a_call_of_no_month_is_put_on_record_all_the_same_and_told(gateway: Gateway, conn: PgConnection) -> None:
    await conn.execute("SELECT setval('call_id_seq', $1)", 5 * IDS_OF_A_MONTH)

    await gateway.start("stray")
    gateway.clock.advance(60)
    ended = await gateway.end("stray", seconds=60)

    assert ended["charged"] == "0.010000"
    assert [each.text for each in (await check_ledger(conn, now=world.NOON)).differences] == [
        "there are calls of no month"
    ]


@pytest.mark.parametrize("table", ["call", "crm_call", "ledger_entry"])
async def test_a_part_that_is_missing_is_told(dsn: str, conn: PgConnection, table: str) -> None:
    await make_months(conn, world.NOON.date())
    await conn.execute(f"ALTER TABLE {table} DETACH PARTITION {table}_2026_04")

    with undone():
        company = CommandLine({"GATEWAY_DATABASE_URL": dsn}, clock=world.FakeClock(world.NOON))
        found = json.loads((await company.run("doctor", "--json")).stdout)

    assert ProblemCode.MONTH_MISSING in {each["problem"] for each in found}
    assert [each.kind for each in (await check_ledger(conn, now=world.NOON)).differences] == ["month"]


# What webhooks wait for, but for the statements that no call is asked by.
HOT = {
    "start_gather": ("[]", world.NOON, True),
    "start_apply": ("[]", world.NOON, [1], True, 1, "10"),
    "forwards_in_circles": ("[]",),
    "end_gather": ("[]",),
    "end_apply": ("[]", world.NOON, [1], 1, 1, [1], "10"),
    "answer_apply": ([1], *[[world.NOON]] * 5, [1], [world.NOON], 1, 1),
    "end_reopen": ([1], 1, 1),
    "call_flag": ([1], "refused", world.NOON, 1, 1),
    "figures_note": ([1], [1], ["normal"], [None], [None], world.NOON, 1, 1),
}


@pytest.fixture
async def two_years(dsn: str, conn: PgConnection) -> AsyncIterator[PgConnection]:
    """A connection of the production pool to a database that has been kept for two years."""
    for month in range(24):
        assert await months.add(conn, date(2026 + month // 12, 1 + month % 12, 1))
    pool = await open_pool(dsn, size=1, statement_timeout=timedelta(minutes=1))
    async with pool.acquire() as own:
        yield own
    pool.terminate()


async def preparing(conn: PgConnection, name: str) -> str:
    """What prepares a query; where it asks a function of several statements, the last of those, which does the work."""
    asked = re.search(r"FROM (calls_\w+)\(", sql(name))
    if asked is None:
        return f"PREPARE {name} AS {sql(name)}"
    types, source = await conn.fetchrow(
        "SELECT oidvectortypes(proargtypes), prosrc FROM pg_proc WHERE proname = $1", asked[1]
    )
    return f"PREPARE {name} ({types}) AS {source.partition('RETURN QUERY')[2].rpartition('END')[0]}"


async def explain(conn: PgConnection, name: str, arguments: tuple[Any, ...]) -> str:
    await conn.execute(await preparing(conn, name))
    types: list[str] = await conn.fetchval(
        "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = $1", name
    )
    given = [
        await conn.fetchval(f"SELECT quote_nullable($1::{kind}) || '::{kind}'", value)
        for value, kind in zip(arguments, types, strict=True)
    ]
    rows = await conn.fetch(f"EXPLAIN EXECUTE {name}({', '.join(given)})")
    return "\n".join(row[0] for row in rows)


@pytest.mark.parametrize("name", HOT)
async def test_what_a_webhook_waits_for_opens_no_month_that_it_does_not_need(
    two_years: PgConnection, name: str
) -> None:
    plan = await explain(two_years, name, HOT[name])

    assert not re.search(r"\b(call|crm_call|ledger_entry)_20\d\d", plan)


async def test_calls_are_looked_up_in_their_months_alone(two_years: PgConnection) -> None:
    await two_years.execute("PREPARE looked_up AS SELECT id FROM call WHERE id = ANY($1) AND id BETWEEN $2 AND $3")

    rows = await two_years.fetch(f"EXPLAIN EXECUTE looked_up('{{1, {IDS_OF_A_MONTH}}}', 1, {IDS_OF_A_MONTH})")

    plan = "\n".join(row[0] for row in rows)
    assert set(re.findall(r"on (call_\w+)", plan)) == {"call_first", "call_2026_01"}
