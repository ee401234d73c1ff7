"""Holds are extended together; one that cannot be keeps no other call from its money (R15)."""

from decimal import Decimal

from structlog.testing import capture_logs

from gateway.log_events import LogEvent
from gateway.postgres.types import Pool
from gateway.usecases.calls.extend import TRY_AGAIN
from tests.support import world
from tests.support.running import Gateway

D = Decimal


async def test_r15_a_hold_that_cannot_be_extended_keeps_no_other_waiting(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        for name in ("+15550100001", "+15550100002"):
            await world.number(conn, await world.account(conn), name)
        await world.rate(conn, "44", "0.0270")
        for call_id, caller in (("broken", "+15550100001"), ("fine", "+15550100002")):
            await gateway.start(call_id, caller=caller)
            await gateway.answer(call_id)
        broken = await conn.fetchval("SELECT id FROM call WHERE provider_call_id = 'broken'")
        await conn.execute(f"ALTER TABLE live_call ADD CHECK (call_id <> {broken} OR held_s <= 300)")
        gateway.clock.advance(270)

        with capture_logs() as logs:
            await gateway.extend()

        held = {row["call_id"]: row["held_s"] for row in await conn.fetch("SELECT call_id, held_s FROM live_call")}
        assert held.pop(broken) == 300
        assert list(held.values()) == [600]
        [log] = [log for log in logs if log["event"] == LogEvent.HOLD_FAILED]
        assert log["call_id"] == broken
        due_at = await conn.fetchval("SELECT extend_due_at FROM live_call WHERE call_id = $1", broken)
        assert due_at == gateway.clock.now() + TRY_AGAIN
