"""The roll-up of calls is what the calls themselves say, whatever becomes of them and of who adds them up."""

import asyncio
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from gateway.postgres.types import PgConnection
from gateway.usecases.accounts import move_money
from gateway.usecases.calls.roll_up import roll_up
from tests.integration.calls.test_listing import listed
from tests.support import calls, world
from tests.support.actors import CLERK
from tests.support.running import Gateway
from tests.support.world import NOON

D = Decimal
LINE = "+15550100001"
# As plain as can be said: what is final, and what was given back of it.
COUNTED = """
    SELECT
        coalesce(account_id, 0),
        (started_at AT TIME ZONE coalesce((SELECT time_zone FROM account WHERE id = account_id), 'UTC'))::date,
        CASE WHEN line_id IS NULL THEN '' ELSE line END, coalesce(direction, ''), connection,
        CASE
            WHEN state = 'orphan' THEN 'no_start'
            WHEN state = 'refused' THEN reason
            WHEN answered_at IS NOT NULL THEN 'answered'
            ELSE cause
        END,
        count(*),
        sum(coalesce(billed_s, 0)),
        sum(coalesce(charge, 0) - (
            SELECT coalesce(sum(amount), 0) FROM ledger_entry WHERE call_id = call.id AND kind = 'refund'
        )),
        sum(coalesce(cost, 0))
    FROM call
    WHERE state <> 'open'
    GROUP BY 1, 2, 3, 4, 5, 6
"""
ROLLED_UP = """
    SELECT account_id, day, line, direction, connection, outcome, sum(calls), sum(seconds), sum(spend), sum(cost)
    FROM usage_day
    GROUP BY 1, 2, 3, 4, 5, 6
    HAVING sum(calls) <> 0 OR sum(spend) <> 0 OR sum(cost) <> 0
"""


async def _compare(conn: PgConnection) -> None:
    expected = Counter(tuple(row.values()) for row in await conn.fetch(COUNTED))
    assert Counter(tuple(row.values()) for row in await conn.fetch(ROLLED_UP)) == expected


async def _account(conn: PgConnection) -> int:
    account_id = await world.account(conn, balance="1000")
    await world.number(conn, account_id, LINE)
    await world.rate(conn, "44")
    return account_id


async def _roll_up(gateway: Gateway) -> None:
    while await roll_up(gateway.process.context):
        pass


async def _refund(conn: PgConnection, account_id: int, call_id: int, key: str) -> None:
    await move_money.refund(
        conn,
        actor=CLERK,
        account_id=account_id,
        amount=D("0.001"),
        external_id=key,
        note=None,
        call_id=call_id,
        now=NOON,
    )


async def test_a_call_is_counted_once_it_is_final_under_what_it_was(gateway: Gateway) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        account_id = await _account(conn)
        await calls.start(conn, "c1")
        await calls.answer(conn, "c1")

        await _roll_up(gateway)

        assert not await conn.fetch(ROLLED_UP)
        await calls.end(conn, "c1", 61)
        await _roll_up(gateway)
        await _roll_up(gateway)
        row = await conn.fetchrow("SELECT * FROM usage_day")
        assert row is not None
        assert (row["account_id"], row["day"], row["country"]) == (account_id, date(2026, 3, 11), "GB")
        assert (row["line"], row["outcome"], row["calls"], row["answered"]) == (LINE, "answered", 1, 1)
        assert (row["seconds"], row["spend"], row["costed"]) == (61, D("0.054"), 0)


async def test_a_call_that_is_committed_late_is_counted_all_the_same(gateway: Gateway) -> None:
    pool = gateway.process.context.pool
    async with pool.acquire() as conn, pool.acquire() as slow:
        await _account(conn)
        transaction = slow.transaction()
        await transaction.start()
        await calls.start(slow, "slow", line="+15550100999")
        await calls.start(conn, "quick", line="+15550100999")

        await _roll_up(gateway)
        await transaction.commit()
        await _roll_up(gateway)

        assert await conn.fetchval("SELECT sum(calls) FROM usage_day") == 2
        await _compare(conn)


async def test_what_is_given_back_of_a_call_and_a_late_end_are_taken_in(gateway: Gateway) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        account_id = await _account(conn)
        lost = await calls.start(conn, "lost")
        await calls.end(conn, "lost", 0)
        call_id = await calls.start(conn, "c1")
        await calls.end(conn, "c1", 61)
        await _roll_up(gateway)

        await _refund(conn, account_id, call_id, "r1")
        await calls.end(conn, "lost", 30)
        await _roll_up(gateway)

        assert await conn.fetchval("SELECT charge::numeric FROM call WHERE id = $1", lost) == D("0.027")
        assert await conn.fetchval("SELECT sum(spend) FROM usage_day") == D("0.08")
        await _compare(conn)


async def test_an_id_that_no_call_gets_is_awaited_no_longer_than_a_transaction_lives(gateway: Gateway) -> None:
    async with gateway.process.context.pool.acquire() as conn:
        await _account(conn)
        await calls.start(conn, "c1")
        await conn.execute("SELECT nextval('call_id_seq')")
        await calls.start(conn, "c2")
        await _roll_up(gateway)
        assert await conn.fetchval("SELECT count(*) FROM usage_awaited") >= 3

        gateway.clock.advance(3601)
        await calls.end(conn, "c1", 1)
        await calls.end(conn, "c2", 1)
        await _roll_up(gateway)

        assert await conn.fetchval("SELECT count(*) FROM usage_awaited") == 0


async def test_calls_that_are_committed_late_around_the_turn_of_a_month_are_counted(gateway: Gateway) -> None:
    """The ids jump meanwhile."""
    pool = gateway.process.context.pool
    async with pool.acquire() as conn, pool.acquire() as slow:
        await _account(conn)
        await calls.start(conn, "c1", line="+15550100999")
        async with slow.transaction():
            await calls.start(slow, "slow", line="+15550100999")
            await conn.execute("SELECT setval('call_id_seq', 1000000)")
            await calls.start(slow, "slower", line="+15550100999")
            await calls.start(conn, "c2", line="+15550100999")
            await _roll_up(gateway)
        await _roll_up(gateway)

        assert await conn.fetchval("SELECT sum(calls) FROM usage_day") == 4
        await _compare(conn)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_happens_it_is_what_the_calls_say(gateway: Gateway, seed: int) -> None:
    random = Random(seed)
    async with gateway.process.context.pool.acquire() as conn:
        account_id = await _account(conn)
        for step in range(40):
            await _happen(gateway, conn, random, account_id, step)
            await _find(conn)

        await _roll_up(gateway)

        await _compare(conn)


async def _find(conn: PgConnection) -> None:
    """By each number the calls that have it, whether they were added up or not."""
    for number in (LINE, "+15550100999", "+442079460000"):
        has_it = "SELECT id FROM call WHERE $1 IN (caller, callee, line, caller_id) ORDER BY id DESC"
        assert await listed(conn, number=number) == [row["id"] for row in await conn.fetch(has_it, number)]


async def _happen(gateway: Gateway, conn: PgConnection, random: Random, account_id: int, step: int) -> None:
    """One thing more: a start, an end in time, late, doubled or before its start, money back, a turn, a crash in it."""
    call = f"c{random.randrange(12)}"
    now = NOON + timedelta(hours=step)
    match random.randrange(6):
        case 0:
            line = random.choice([LINE, LINE, "+15550100999"])
            await calls.start(conn, call, line=line, now=now)
        case 1 | 2:
            more = random.choice([{}, {"cost": D("0.01"), "cost_currency": "USD"}])
            await calls.end(conn, call, random.choice([0, 0, 7, 61]), now=now, more=more)
        case 3:
            charged = await conn.fetchval("SELECT max(id) FROM call WHERE charge > 0")
            if charged is not None:
                await _refund(conn, account_id, charged, f"r{step}")
        case 4:
            await _roll_up(gateway)
        case _:
            turn = asyncio.create_task(roll_up(gateway.process.context))
            await asyncio.sleep(random.random() / 50)
            turn.cancel()
            await asyncio.wait([turn])
