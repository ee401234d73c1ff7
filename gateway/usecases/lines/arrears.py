"""Rents that are not paid: those that are overdue, and what is told of those that will be (R31)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.domain.lines.arrears import ComingRent, coming_rents, due_notice, needed_by, uncovered
from gateway.domain.lines.rent_calendar import RentCalendar
from gateway.domain.lines.rent_dates import midnight
from gateway.domain.lines.subscription import Subscription
from gateway.domain.mail.notices import Notice
from gateway.domain.money import ZERO
from gateway.postgres.lines import subscriptions
from gateway.postgres.types import PgConnection

Lines = Mapping[int, Sequence[Subscription]]


async def read_overdue(conn: PgConnection, account_ids: Sequence[int], *, now: datetime) -> Lines:
    """The lines of each of some locked accounts that wait for their rent."""
    line_ids = [line_id for each in account_ids for line_id in await subscriptions.overdue(conn, account_id=each)]
    return await _read(conn, line_ids, now=now) if line_ids else {}


async def due_notices(conn: PgConnection, worked: Sequence[RentCalendar], *, now: datetime) -> list[Notice]:
    """What is told of rents that are due soon and will not be paid, at the prices of then (R28).

    All lines of an account that are due on one day are told of at once, as each needs to know of the others.
    """
    worked = [each for each in worked if each.days_due_soon]
    if not worked:
        return []
    coming = await _read_coming(conn, worked)
    missing = {each.account_id: _missing(each, coming[each.account_id]) for each in worked}
    for each in worked:
        for due_on in each.days_due_soon:
            due_at = midnight(due_on, each.zone)
            await subscriptions.come_back_on(conn, account_id=each.account_id, due_on=due_on, due_at=due_at, now=now)
    overdue = await read_overdue(conn, [account_id for account_id, rents in missing.items() if rents], now=now)
    notices = []
    for each in worked:
        # Whoever pays in pays for what is overdue first.
        late = sum((line.month_at(now) for line in overdue.get(each.account_id, ())), ZERO)
        needed = needed_by(coming[each.account_id], overdue=late)
        notices += [
            due_notice(rent, account_id=each.account_id, funds=each.funds, needed=needed[rent.line.id])
            for rent in missing[each.account_id]
        ]
    return notices


def _missing(calendar: RentCalendar, coming: Sequence[ComingRent]) -> list[ComingRent]:
    """Those rents due soon that the money of an account will not cover."""
    return [rent for rent in uncovered(coming, calendar.funds.available) if rent.due_on in calendar.days_due_soon]


async def _read_coming(conn: PgConnection, worked: Sequence[RentCalendar]) -> Mapping[int, Sequence[ComingRent]]:
    """All rents that the money of each account must pay until the last of those that are due soon."""
    until = {each.account_id: max(each.days_due_soon) for each in worked}
    latest = max(midnight(until[each.account_id], each.zone) for each in worked)
    lines = await _read(conn, await subscriptions.coming(conn, until), now=latest)
    return {each.account_id: coming_rents(lines.get(each.account_id, ()), each.zone) for each in worked}


async def _read(conn: PgConnection, line_ids: Sequence[int], *, now: datetime) -> Lines:
    lines = defaultdict(list)
    for account_id, line in await subscriptions.read(conn, line_ids, now=now):
        lines[account_id].append(line)
    return lines
