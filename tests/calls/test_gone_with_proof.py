"""A hang-up that is answered with "no such call" is believed only in the contract's words (R18)."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.postgres.types import Pool
from gateway.usecases.calls.shown.show import cut_call, show_call
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway, gateway_on

D = Decimal


# A typo in the path, a proxy whose server is away, and somebody's other API.
STRANGERS = {
    "bare": b"",
    "proxy": b"<html><head><title>404 Not Found</title></head><center>nginx</center></html>",
    "other_api": b'{"error": "not found"}',
    "other_word": b'{"status": "gone"}',
}


@pytest.fixture(params=STRANGERS.values(), ids=STRANGERS.keys())
async def gateway(dsn: str, tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[Gateway]:
    """A gateway whose control URL leads to a stranger, who answers everything with a 404 of its own."""
    async with gateway_on(dsn, tmp_path, operator_email="op@gw.example") as running:
        running.provider.hang_up_status, running.provider.is_stranger = 404, True
        running.provider.strange_body = request.param
        yield running


async def cut_call_of(gateway: Gateway, pool: Pool, *, is_answered: bool) -> int:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("a1")
        if is_answered:
            await gateway.answer("a1")
        await cut_call(conn, actor=CLERK, reference="pbx:a1", now=gateway.clock.now())
    return account


async def test_a_call_that_rings_keeps_its_hold_whatever_a_stranger_says(gateway: Gateway, pool: Pool) -> None:
    account = await cut_call_of(gateway, pool, is_answered=False)

    await gateway.cut()
    await gateway.reconcile()

    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (D(1), D("0.135"))


async def test_its_hold_is_given_back_when_its_ring_time_is_over(gateway: Gateway, pool: Pool) -> None:
    account = await cut_call_of(gateway, pool, is_answered=False)
    await gateway.cut()
    await gateway.reconcile()

    gateway.clock.advance(91)
    await gateway.reconcile()

    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (D(1), D(0))


async def test_a_404_of_a_stranger_is_a_failed_hang_up_and_the_call_is_not_said_to_be_ended(
    gateway: Gateway, pool: Pool
) -> None:
    await cut_call_of(gateway, pool, is_answered=True)

    for _ in range(8):
        await gateway.cut()
        await gateway.reconcile()
        gateway.clock.advance(60)

    async with pool.acquire() as conn:
        view = await show_call(conn, reference="pbx:a1")
        mails = [row["kind"] for row in await conn.fetch("SELECT kind FROM mail")]
    hang_ups = gateway.process.context.metrics.hang_ups
    assert hang_ups.labels("pbx", "gone")._value.get() == 0
    assert hang_ups.labels("pbx", "failed")._value.get() >= 5
    assert "To be cut: an operator asked for it." in view.explanation
    assert not any("ended" in sentence for sentence in view.explanation)
    assert mails == ["call_uncut"]
