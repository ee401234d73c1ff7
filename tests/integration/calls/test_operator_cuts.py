"""R19: what an operator has cut is cut at once, whatever becomes of the call before the cutter comes."""

from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.calls.shown.show import cut_call
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway

BY_THE_OPERATOR = ("a1", "operator")


@pytest.fixture
async def conn(gateway: Gateway, pool: Pool) -> AsyncIterator[PgConnection]:
    """A connection, with a call on a dollar that rings."""
    async with pool.acquire() as conn:
        await world.number(conn, await world.account(conn, balance="1"), "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("a1")
        yield conn


async def test_r19_an_answer_does_not_put_off_an_operators_cut(gateway: Gateway, conn: PgConnection) -> None:
    await cut_call(conn, actor=CLERK, reference="pbx:a1", now=gateway.clock.now())

    await gateway.answer("a1")
    await gateway.cut()

    assert await conn.fetchval("SELECT answered_at FROM call") == gateway.clock.now()
    assert gateway.provider.hang_ups() == [BY_THE_OPERATOR]


async def test_r19_an_extension_does_not_put_off_an_operators_cut(gateway: Gateway, conn: PgConnection) -> None:
    await gateway.answer("a1")
    gateway.clock.advance(280)
    await cut_call(conn, actor=CLERK, reference="pbx:a1", now=gateway.clock.now())

    await gateway.extend()
    await gateway.cut()

    assert await conn.fetchval("SELECT held_s FROM live_call") == 600
    assert gateway.provider.hang_ups() == [BY_THE_OPERATOR]


@pytest.mark.parametrize("event", ["answer", "extension"])
async def test_r19_a_cut_that_failed_is_tried_again_in_its_time_whatever_came_between(
    gateway: Gateway, conn: PgConnection, event: str
) -> None:
    if event == "extension":
        await gateway.answer("a1")
        gateway.clock.advance(280)
    await cut_call(conn, actor=CLERK, reference="pbx:a1", now=gateway.clock.now())
    gateway.provider.hang_up_status = 500
    await gateway.cut()

    if event == "answer":
        await gateway.answer("a1")
    await gateway.extend()
    due_at = await conn.fetchval("SELECT cut_due_at FROM live_call")

    assert due_at == gateway.clock.now() + timedelta(seconds=1.5)
    gateway.clock.advance(1.5)
    await gateway.cut()
    assert gateway.provider.hang_ups() == [BY_THE_OPERATOR] * 2


async def test_r19_an_operator_who_cuts_a_call_takes_none_of_its_hold(gateway: Gateway, conn: PgConnection) -> None:
    account = await conn.fetchval("SELECT id FROM account")
    await gateway.answer("a1")

    await cut_call(conn, actor=CLERK, reference="pbx:a1", now=gateway.clock.now())
    await gateway.cut()
    held = await world.money(conn, account)
    await gateway.end("a1", seconds=1)

    assert held == (Decimal(1), Decimal("0.135"))
    assert await world.money(conn, account) == (Decimal("0.973"), Decimal(0))
