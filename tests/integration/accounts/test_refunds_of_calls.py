"""A refund may name its call: together they give back at most what it cost."""

import asyncio
from decimal import Decimal

import pytest

from gateway.domain.errors import Conflict, NotFound
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.accounts.move_money import refund
from tests.support import calls, world
from tests.support.actors import CLERK
from tests.support.world import NOON

D = Decimal


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


@pytest.fixture
async def account(conn) -> int:
    account = await world.account(conn, balance="10")
    await world.number(conn, account, "+15550100001")
    await world.rate(conn, "44")
    return account


@pytest.fixture
async def call(conn, account) -> int:
    """A call that cost 0.027."""
    call = await calls.start(conn, "a1")
    await calls.end(conn, "a1", 60)
    return call


async def test_all_refunds_of_a_call_are_at_most_what_it_cost(conn, account, call):
    entry = await refund(conn, actor=CLERK, account_id=account, amount=D("0.020"), call_id=call, now=NOON)
    assert (entry.call_id, entry.kind) == (call, "refund")

    with pytest.raises(Conflict, match=r"cost 0.027000 USD, of which 0.020000 .* at most 0.007000"):
        await refund(conn, actor=CLERK, account_id=account, amount=D("0.007001"), call_id=call, now=NOON)
    await refund(conn, actor=CLERK, account_id=account, amount=D("0.007"), call_id=call, now=NOON)

    assert await world.money(conn, account) == (10, 0)
    assert (await check_ledger(conn)).ok


async def test_refunds_of_a_call_at_once_are_together_at_most_what_it_cost(pool, conn, account, call):
    async def send() -> bool:
        async with pool.acquire() as own:
            try:
                await refund(own, actor=CLERK, account_id=account, amount=D("0.010"), call_id=call, now=NOON)
            except Conflict:
                return False
            return True

    assert sum(await asyncio.gather(*(send() for _ in range(5)))) == 2


async def test_a_refund_that_is_sent_again_counts_once_and_is_of_one_call(conn, account, call):
    asked = {"account_id": account, "amount": D("0.027"), "external_id": "r-1", "now": NOON}
    first = await refund(conn, actor=CLERK, **asked, call_id=call)

    assert await refund(conn, actor=CLERK, **asked, call_id=call) == first
    with pytest.raises(Conflict, match="for another call"):
        await refund(conn, actor=CLERK, **asked)


async def test_a_call_that_cost_nothing_so_far_or_is_anothers_is_not_refunded(conn, account, call):
    other = await world.account(conn)
    live = await calls.start(conn, "a2")
    refused = await calls.start(conn, "a3", callee="+12125550123")

    for each in (live, refused):
        with pytest.raises(Conflict, match="has cost nothing so far"):
            await refund(conn, actor=CLERK, account_id=account, amount=D("0.01"), call_id=each, now=NOON)
    with pytest.raises(NotFound, match=f"account {other} has no call {call}"):
        await refund(conn, actor=CLERK, account_id=other, amount=D("0.01"), call_id=call, now=NOON)
