"""The story of a rent that was not paid in time."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.demo.stage import Stage
from gateway.demo.stories import IN_CALIFORNIA, inbound
from gateway.demo.world import DEMO
from gateway.domain.lines.rent_dates import day_of
from gateway.postgres.lines.lines import LineRow
from gateway.usecases.lines.manage import list_lines
from gateway.usecases.lines.rent import add_rented

CHICAGO_RENTED: Final = "+13125550179"


async def overdue_rent(stage: Stage) -> None:
    """A number stops working when its rent is due and not there, and works again as soon as it is paid."""
    line = await _find(stage) or await _take_over(stage)
    who = f"California calls Boris' rented number {line.name}"
    if line.reserved_until is None:
        stage.narrator.tell("Rent", f"Boris' number {line.name} is paid until {line.due_on}.")
    else:
        stage.narrator.tell(
            "Rent",
            f"the rent of Boris' number {line.name}, {line.rent} USD, was due on {line.due_on} and is not there: the"
            f" number is suspended, and reserved for him until {line.reserved_until:%Y-%m-%d}.",
        )
        await stage.begin("Rent", who, inbound(IN_CALIFORNIA, line.name))
        assert line.rent is not None, "it is rented"  # noqa: S101
        await stage.world.pay(stage.world.boris, line.rent, payment=f"demo-{stage.run}-rent")
        paid = await _find(stage)
        assert paid is not None, "a line is never deleted"  # noqa: S101
        stage.narrator.tell(
            "Rent",
            f"Boris pays {line.rent} USD: the rent is charged at once, the number works, and its new month counts from"
            f" today until {paid.due_on}.",
        )
    call = inbound(IN_CALIFORNIA, line.name)
    await stage.begin("Rent", who, call)
    await stage.talk("Rent", call)


async def _find(stage: Stage) -> LineRow | None:
    async with stage.world.pool.acquire() as conn:
        lines = await list_lines(conn, account_id=stage.world.boris)
    return next((line for line in lines if line.name == CHICAGO_RENTED), None)


async def _take_over(stage: Stage) -> LineRow:
    """A number that was rented elsewhere, with its month over since yesterday."""
    now = stage.world.clock.now()
    account = await stage.world.show(stage.world.boris)
    due_on = day_of(now, ZoneInfo(account.time_zone)) - timedelta(days=1)
    async with stage.world.pool.acquire() as conn:
        return await add_rented(conn, actor=DEMO, account_id=account.id, number=CHICAGO_RENTED, due_on=due_on, now=now)
