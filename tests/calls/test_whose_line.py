"""A line is looked up as of the call's instant: numbers change hands (R21). And refused calls that talk (R20)."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.postgres.types import Pool
from tests.support import world
from tests.support.running import Gateway, gateway_on

D = Decimal
NUMBER = "+15550100001"
OUT = {"direction": "outbound", "caller": NUMBER, "callee": "+442079460000"}


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    async with gateway_on(dsn, tmp_path) as running:
        yield running


async def handed_over(gateway: Gateway, pool: Pool) -> tuple[int, int]:
    """Two accounts: the number was the first one's until an hour ago, and is the second one's since."""
    async with pool.acquire() as conn:
        former, owner = await world.account(conn, balance="1"), await world.account(conn, balance="1")
        await world.rate(conn, "44", "0.0270")
        await world.number(conn, former, NUMBER)
        await conn.execute("UPDATE line SET created_at = $1", gateway.clock.now())
        gateway.clock.advance(3600)
        change = "UPDATE line SET state = 'disconnected', calendar_due_at = NULL, disconnected_at = $1"
        await conn.execute(change, gateway.clock.now())
        line = await world.number(conn, owner, NUMBER)
        await conn.execute("UPDATE line SET created_at = $1 WHERE id = $2", gateway.clock.now(), line)
        gateway.clock.advance(3600)
    return former, owner


async def balances(pool: Pool, *accounts: int) -> list[D]:
    async with pool.acquire() as conn:
        return [(await world.money(conn, account))[0] for account in accounts]


async def test_an_end_without_a_start_is_charged_to_whom_the_line_belonged_then(gateway: Gateway, pool: Pool) -> None:
    accounts = await handed_over(gateway, pool)
    ago = world.FakeClock(gateway.clock.now())
    ago.advance(-2 * 3600 + 600)

    await gateway.end("a1", seconds=95, cause="normal", at=ago.now().isoformat(), **OUT)

    assert await balances(pool, *accounts) == [D("0.946"), D(1)]


async def test_an_end_that_says_no_start_is_charged_by_its_seconds_and_its_end(gateway: Gateway, pool: Pool) -> None:
    accounts = await handed_over(gateway, pool)

    await gateway.end("a1", seconds=95, cause="normal", **OUT)

    assert await balances(pool, *accounts) == [D(1), D("0.946")]


async def test_the_end_of_a_call_that_started_before_the_change_is_its_owners_of_then(
    gateway: Gateway, pool: Pool
) -> None:
    async with pool.acquire() as conn:
        former, owner = await world.account(conn, balance="1"), await world.account(conn, balance="1")
        await world.rate(conn, "44", "0.0270")
        await world.number(conn, former, NUMBER)
        await gateway.start("a1", caller=NUMBER)
        await gateway.answer("a1")
        gateway.clock.advance(60)
        change = "UPDATE line SET state = 'disconnected', calendar_due_at = NULL, disconnected_at = $1"
        await conn.execute(change, gateway.clock.now())
        await world.number(conn, owner, NUMBER)
    gateway.clock.advance(60)

    await gateway.end("a1", seconds=95, cause="normal")

    assert await balances(pool, former, owner) == [D("0.946"), D(1)]


async def test_a_start_is_decided_by_whose_the_line_is_now_whatever_it_says(gateway: Gateway, pool: Pool) -> None:
    accounts = await handed_over(gateway, pool)
    ago = world.FakeClock(gateway.clock.now())
    ago.advance(-2 * 3600 + 600)

    await gateway.start("a1", caller=NUMBER, at=ago.now().isoformat())
    await gateway.answer("a1")
    gateway.clock.advance(60)
    await gateway.end("a1", seconds=50, cause="normal")

    assert await balances(pool, *accounts) == [D(1), D("0.973")]


async def test_a_refused_call_that_talks_costs_nothing_and_keeps_its_figures(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await world.number(conn, await world.account(conn, balance="0"), NUMBER)
        await world.rate(conn, "44", "0.0270")
    assert (await gateway.start("a1", caller=NUMBER))["action"] == "reject"

    reply = await gateway.end("a1", seconds=600, cause="normal", cost="0.12", cost_currency="USD")
    again = await gateway.end("a1", seconds=700, cause="failed")

    assert reply["charged"] == again["charged"] == "0.000000"
    row = await pool.fetchrow("SELECT reported_s, cause, cost, cost_currency, flags, charge FROM call")
    assert row is not None
    assert tuple(row) == (600, "normal", D("0.12"), "USD", ["refused"], None)
