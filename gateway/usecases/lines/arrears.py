"""Rents that are not paid: those that are overdue, and what is told of those that will be (R31)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from gateway.domain.lines.arrears import due_notice, needed_by, uncovered
from gateway.domain.lines.billing_calendar import midnight
from gateway.domain.lines.rent_calendar import RentCalendar
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
    worked = [each for each in worked if each.due_soon]
    if not worked:
        return []
    coming = await _read_coming(conn, worked)
    told: dict[int, list[Subscription]] = {}
    for each in worked:
        days = {line.due_on for line in each.due_soon}
        missing = uncovered(coming[each.account_id], each.zone, each.funds.available)
        told[each.account_id] = [line for line in coming[each.account_id] if line.due_on in days and line.id in missing]
        for due_on in days:
            assert due_on is not None, "what is due has a day"  # noqa: S101
            due_at = midnight(due_on, each.zone)
            await subscriptions.told(conn, account_id=each.account_id, due_on=due_on, due_at=due_at, now=now)
    overdue = await read_overdue(conn, [account_id for account_id, lines in told.items() if lines], now=now)
    notices = []
    for each in worked:
        # Whoever pays in pays for what is overdue first.
        late = sum((line.month_at(now) for line in overdue.get(each.account_id, ())), ZERO)
        needed = needed_by(coming[each.account_id], each.zone, overdue=late)
        notices += [
            due_notice(line, each.zone, account_id=each.account_id, funds=each.funds, needed=needed[line.id])
            for line in told[each.account_id]
        ]
    return notices


async def _read_coming(conn: PgConnection, worked: Sequence[RentCalendar]) -> Lines:
    """All lines that the money must pay until the last of those that are due soon."""
    until = {each.account_id: max(line.due_on or date.min for line in each.due_soon) for each in worked}
    latest = max(midnight(until[each.account_id], each.zone) for each in worked)
    return await _read(conn, await subscriptions.coming(conn, until), now=latest)


async def _read(conn: PgConnection, line_ids: Sequence[int], *, now: datetime) -> Lines:
    lines = defaultdict(list)
    for account_id, line in await subscriptions.read(conn, line_ids, now=now):
        lines[account_id].append(line)
    return lines
