"""The accounts of a scenario, put straight into the database, and what time does to its calls."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from gateway.clock import SystemClock
from gateway.postgres.types import PgConnection
from tests.chaos.scenario import AccountPlan, Scenario
from tests.chaos.world import World
from tests.support import world as rows
from tests.support.processes import LONG_AGO

RENT_AFTER = timedelta(seconds=1)
# What every version knows of an account.
_ACCOUNT = """
    INSERT INTO account (name, currency, email, time_zone, language, unavailable_allow_s, created_at)
    VALUES ('Acme', 'USD', 'a@b.example', 'Europe/Berlin', 'en', $1, $2)
    RETURNING id
"""


async def prepare(world: World, scenario: Scenario) -> list[int]:
    """Open the accounts, each with its line and its money; their ids, in their order."""
    async with world.clerk.acquire() as conn:
        return [
            await _open(conn, plan, f"{scenario.name}-{number}", is_older=world.older is not None)
            for number, plan in enumerate(scenario.accounts)
        ]


async def _open(conn: PgConnection, plan: AccountPlan, name: str, *, is_older: bool) -> int:
    if is_older:
        account: int = await conn.fetchval(_ACCOUNT, plan.allowed_s, LONG_AGO)
        if Decimal(plan.balance):
            await rows.adjust(conn, account, plan.balance)
    else:
        account = await rows.account(conn, balance=plan.balance, unavailable_allow_s=plan.allowed_s)
    await conn.execute("UPDATE account SET name = $2 WHERE id = $1", account, name)
    if plan.live_calls_max is not None:
        caps = {"live_calls": plan.live_calls_max}
        await conn.execute("UPDATE account SET caps = $2, spent_on = now()::date WHERE id = $1", account, caps)
    if plan.rent is None:
        await rows.number(conn, account, plan.line)
        return account
    now = SystemClock().now()
    due_on = (now - timedelta(days=2)).date()
    await rows.rented(conn, account, plan.line, due_on, rent=plan.rent, calendar_due_at=now + RENT_AFTER)
    return account


async def age(world: World, call_ids: Sequence[str]) -> None:
    """A day passes for calls whose ends never come."""
    async with world.clerk.acquire() as conn:
        await conn.execute(
            """
            UPDATE live_call SET must_end_at = now() - interval '25 h', reconcile_due_at = now()
            FROM call WHERE call.id = call_id AND provider_call_id = ANY($1)
            """,
            call_ids,
        )
