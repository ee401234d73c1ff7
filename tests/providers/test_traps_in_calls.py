"""The trap of telephony providers that a whole gateway can fall into; see `tests/providers/test_traps.py`."""

from decimal import Decimal
from pathlib import Path

from tests.support import world
from tests.support.running import gateway_on


async def test_trap6_a_call_that_is_not_found_at_its_hang_up_is_closed_by_its_fate(dsn: str, tmp_path: Path) -> None:
    async with gateway_on(dsn, tmp_path) as gateway, gateway.process.context.pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
        await gateway.start("gone")
        await gateway.answer("gone")
        gateway.clock.advance(3600)
        gateway.provider.hang_up_status = 404
        gateway.provider.statuses["gone"] = {"type": "call.end", "call_id": "gone", "seconds": 95, "cause": "normal"}

        await gateway.cut()
        assert await conn.fetchval("SELECT count(*) FROM live_call") == 1
        await gateway.reconcile()

        assert await conn.fetchval("SELECT count(*) FROM live_call") == 0
        assert await world.money(conn, account) == (Decimal("9.946"), Decimal(0))
