"""The demo's last thirty days: calls of three accounts to six countries, rents, payments, a mail that bounced."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from gateway.clock import Clock
from gateway.demo import neighbours, world
from gateway.demo.history import History, PastCall, slots
from gateway.demo.refused_calls import refuse_of_every_code
from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted, Cause, Direction
from gateway.domain.lines.rent_dates import day_of
from gateway.postgres import demo
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.accounts.show import show_account
from gateway.usecases.lines.rent import add_rented
from gateway.usecases.lines.run_due import run_all_due

# Callees in Britain, Germany, France, Spain, Australia and the United States, with what the provider asks a minute.
_CALLEES: Final = (
    ("+442079460018", "0.0090"),
    ("+493023125018", "0.0085"),
    ("+33199000215", "0.0100"),
    ("+34910550123", "0.0095"),
    ("+61255501234", "0.0150"),
    ("+13105550142", "0.0040"),
)
_CALLERS: Final = ("+33199000215", "+13105550142", "+442079460018")
_OUTCOMES: Final = (Cause.NORMAL, Cause.NORMAL, Cause.NORMAL, Cause.NORMAL, Cause.NO_ANSWER, Cause.BUSY)
_LINES: Final = (world.NEW_YORK, world.LONDON, world.BERLIN, neighbours.PARIS, neighbours.PARIS_TOO)
_OWN_LINES: Final = (*_LINES, world.TOLL_FREE, world.CHICAGO)
_CALLS_A_SLOT: Final = 6
# For how long Anna has not paid for her number in France.
_UNPAID_FOR: Final = timedelta(days=9)
# What Anna paid in, and in which part of the days; less than she spent, so that the demo begins with the same money.
_PAYMENTS: Final = MappingProxyType({0: Decimal("4.000000"), 30: Decimal("4.000000"), 60: Decimal("2.500000")})


async def live_through(conn: PgConnection, connection: Connection, *, anna: int, clock: Clock) -> None:
    """What happened before now, in the order in which it did."""
    now = clock.now()
    then = now - timedelta(days=31)
    accounts = await neighbours.settle_neighbours(conn, main_number=world.MAIN, then=then, now=now)
    await _rent_in_france(conn, anna, then=then, due_at=now - _UNPAID_FOR)
    history = History(conn=conn, connection=connection)
    draw = random.Random(1876)  # noqa: S311 - no secret
    for number, begins in slots(clock):
        if number in _PAYMENTS:
            await _pay(conn, anna, _PAYMENTS[number], begins)
        await history.live(sorted(_calls(draw, number, begins), key=lambda call: call.at))
        if number % 3 == 0:
            await run_all_due(conn, now=begins)
    await refuse_of_every_code(history, accounts, then=now - timedelta(hours=6))
    account = await show_account(conn, account_id=anna)
    if account.balance < world.ANNA.money:
        await _pay(conn, anna, world.ANNA.money - account.balance, now - timedelta(hours=5))
    await demo.deliver_mails_of_then(conn, bounced_account_id=accounts[neighbours.DORA])


async def _rent_in_france(conn: PgConnection, account_id: int, *, then: datetime, due_at: datetime) -> None:
    """A number that Anna has had elsewhere, and whose rent she cannot pay from some day on."""
    zone = ZoneInfo(world.ANNA.time_zone)
    await add_rented(
        conn,
        actor=world.DEMO,
        account_id=account_id,
        number=world.FRANCE_SUSPENDED,
        category="national",
        due_on=day_of(due_at, zone),
        now=then,
    )


async def _pay(conn: PgConnection, account_id: int, amount: Decimal, at: datetime) -> None:
    payment = f"demo-past-{account_id}-{at:%Y%m%d%H}"
    await top_up(conn, actor=world.DEMO, account_id=account_id, amount=amount, external_id=payment, now=at)


def _calls(draw: random.Random, slot: int, begins: datetime) -> Iterator[PastCall]:
    """Those of four hours: one in three comes in."""
    for number in range(_CALLS_A_SLOT):
        at = begins + timedelta(seconds=draw.randrange(4 * 3600 - 1800))
        cause = draw.choice(_OUTCOMES)
        seconds = draw.randrange(8, 400) if cause is Cause.NORMAL else None
        call_id = f"past-{slot}-{number}"
        if number % 3 == 0:
            line, caller = draw.choice(_OWN_LINES), draw.choice(_CALLERS)
            call = CallStarted(call_id=call_id, direction=Direction.INBOUND, caller=caller, callee=line, line=line)
            yield PastCall(call=call, at=at, seconds=seconds, cause=cause)
            continue
        line, (callee, cost) = draw.choice(_LINES), draw.choice(_CALLEES)
        call = CallStarted(call_id=call_id, direction=Direction.OUTBOUND, caller=line, callee=callee, line=line)
        paid = None if seconds is None else (Decimal(cost) * seconds / 60).quantize(Decimal("0.000001"))
        yield PastCall(call=call, at=at, seconds=seconds, cause=cause, cost=paid)
