"""Calls from start to end, through HTTP, on a real database."""

from decimal import Decimal

import pytest

from gateway.postgres.types import Pool
from tests.support import world
from tests.support.running import Gateway

D = Decimal


async def test_r14_r20_a_call_is_allowed_held_and_charged(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")

        reply = await gateway.start("a1")
        assert reply == {"action": "connect", "call_id": "a1", "caller_id": "+15550100001", "max_seconds": 2220}
        assert await world.money(conn, account) == (D("1"), D("0.135"))

        gateway.clock.advance(5)
        await gateway.answer("a1")
        gateway.clock.advance(95)
        reply = await gateway.end("a1", seconds=95, cause="normal", cost="0.0312", cost_currency="USD")

        assert reply == {"call_id": "a1", "charged": "0.054000", "currency": "USD"}
        assert await world.money(conn, account) == (D("0.946"), D(0))


@pytest.mark.parametrize("connection", ["pbx", "trunk"])
async def test_r16_a_repeat_gets_the_same_bytes_and_moves_nothing(
    gateway: Gateway, pool: Pool, connection: str
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        start = {
            "type": "call.start",
            "call_id": "a1",
            "direction": "outbound",
            "caller": "+15550100001",
            "callee": "+442079460000",
        }
        end = {"type": "call.end", "call_id": "a1", "seconds": 61}

        first = await (await gateway.hook(start, connection=connection)).read()
        held = await world.money(conn, account)
        again = await (await gateway.hook(start, connection=connection)).read()
        assert first == again
        assert await world.money(conn, account) == held

        ended = await (await gateway.hook(end, connection=connection)).read()
        balance = await world.money(conn, account)
        assert await (await gateway.hook(end, connection=connection)).read() == ended
        assert await (await gateway.hook(start, connection=connection)).read() == first
        assert await world.money(conn, account) == balance == (D("0.946"), D(0))
