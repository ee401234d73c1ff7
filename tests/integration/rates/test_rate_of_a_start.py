"""R5: a rate applies to calls that start from its first instant on, to the last before its end, and to no others."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from gateway.postgres.types import Pool
from tests.support import world
from tests.support.running import Gateway
from tests.support.world import NOON

STRANGER, NUMBER = "+447400123456", "+15550100001"
TICK = timedelta(microseconds=1)
# The second half of each of these is what a minute costs: 0.02 until noon, 0.05 for an hour, 0.08 after it.
INSTANTS = [
    (NOON - TICK, "0.020000"),
    (NOON, "0.050000"),
    (NOON + timedelta(hours=1) - TICK, "0.050000"),
    (NOON + timedelta(hours=1), "0.080000"),
]


@pytest.mark.parametrize(("at", "charged"), INSTANTS)
@pytest.mark.parametrize("direction", ["outbound", "inbound"])
async def test_r5_a_call_is_charged_by_the_rate_that_applies_when_it_starts(
    gateway: Gateway, pool: Pool, at: datetime, charged: str, direction: str
) -> None:
    later = NOON + timedelta(hours=1)
    where = {"kind": "inbound", "country": "US"} if direction == "inbound" else {"prefix": "44"}
    async with pool.acquire() as conn:
        await world.number(conn, await world.account(conn), NUMBER)
        await world.rate(conn, per_minute="0.02", valid_until=NOON, **where)
        await world.rate(conn, per_minute="0.05", valid_from=NOON, valid_until=later, **where)
        await world.rate(conn, per_minute="0.08", valid_from=later, **where)
    gateway.clock.at = at
    called, caller = (NUMBER, STRANGER) if direction == "inbound" else (STRANGER, NUMBER)

    await gateway.start("a1", called, caller=caller, direction=direction)
    gateway.clock.advance(3600)
    told = await gateway.end("a1", seconds=60)

    assert told["charged"] == charged


@pytest.mark.parametrize(("at", "action"), [(NOON - TICK, "reject"), (NOON, "connect")])
async def test_r5_the_first_rate_of_all_applies_from_its_first_instant(
    gateway: Gateway, pool: Pool, at: datetime, action: str
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, NUMBER)
        await world.rate(conn, "44", "0.05", valid_from=NOON)
    gateway.clock.at = at

    told = await gateway.start("a1", STRANGER)

    assert told["action"] == action
    async with pool.acquire() as conn:
        held = Decimal("0.25") if action == "connect" else Decimal(0)
        assert await world.money(conn, account) == (Decimal(100), held)
