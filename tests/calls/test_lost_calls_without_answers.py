"""A call whose answer nobody would report: its hold stays while it may talk, and no longer than that (R15, R22)."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.domain.connection import Connection
from gateway.postgres.types import Pool
from gateway.usecases.accounts.check_ledger import check_ledger
from tests.support import world
from tests.support.running import SECRET, Gateway, gateway_on

D = Decimal
SILENT = Connection(name="silent", kind="native", secrets=(SECRET,), reports_answers=False)
HELD = (D(2), D("1.62"))
GRACE_S = 120


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path, connections={"silent": SILENT}) as running:
        yield running


@pytest.fixture
async def account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        account_id = await world.account(conn, balance="2.027")
        await world.number(conn, account_id, "+15550100001")
        await world.rate(conn, "44", "0.0270")
    return account_id


async def money(pool: Pool, account: int) -> tuple[Decimal, Decimal]:
    async with pool.acquire() as conn:
        return await world.money(conn, account)


async def talk_unheard(gateway: Gateway) -> None:
    """A call that gives back its hold unanswered, and is charged in the end: from then on its like keep theirs."""
    await gateway.start("a0", connection="trunk")
    gateway.clock.advance(91)
    await gateway.reconcile()
    await gateway.end("a0", connection="trunk", seconds=1)


@pytest.mark.parametrize("connection", ["silent", "trunk"])
async def test_after_the_deadline_and_its_grace_nobody_talks_and_the_hold_is_given_back(
    gateway: Gateway, pool: Pool, account: int, connection: str
) -> None:
    await talk_unheard(gateway)
    await gateway.start("a1", connection=connection)
    for seconds in (91, 3600 - 91):
        gateway.clock.advance(seconds)
        await gateway.reconcile()
        assert await money(pool, account) == HELD

    gateway.clock.advance(GRACE_S)
    await gateway.reconcile()

    assert await money(pool, account) == (D(2), D(0))
    assert await pool.fetchval("SELECT owed::numeric FROM account") == 0
    assert (await gateway.start("a2", connection=connection))["max_seconds"] == 3600


@pytest.mark.parametrize("connection", ["silent", "trunk"])
async def test_its_end_is_charged_whenever_it_comes(
    gateway: Gateway, pool: Pool, account: int, connection: str
) -> None:
    await talk_unheard(gateway)
    await gateway.start("a1", connection=connection)
    gateway.clock.advance(3600 + GRACE_S)
    await gateway.reconcile()

    assert (await gateway.end("a1", connection=connection, seconds=600))["charged"] == "0.270000"
    assert await money(pool, account) == (D("1.73"), D(0))


async def test_an_answer_that_comes_when_a_call_is_over_makes_it_owe_what_it_holds_again(
    gateway: Gateway, pool: Pool, account: int
) -> None:
    await gateway.start("a1", connection="trunk")
    for seconds in (91, 3600 - 91, GRACE_S):
        gateway.clock.advance(seconds)
        await gateway.reconcile()
    assert await money(pool, account) == (D("2.027"), D(0))

    await gateway.answer("a1", connection="trunk")
    await gateway.extend()

    balance, held = await money(pool, account)
    assert (balance, held > 0) == (D("2.027"), True)
    assert await pool.fetchval("SELECT owed::numeric FROM account") == held
    async with pool.acquire() as conn:
        assert (await check_ledger(conn)).ok
