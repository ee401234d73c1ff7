"""Rent numbers and connectors, give them up, undo that, take the loss of one (R23, R26, R27, R29).

What is due by now is done first; then each is one transaction with the account locked.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple
from zoneinfo import ZoneInfo

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.errors import Conflict, InvalidInput, NoMoney, NotFound
from gateway.domain.lines.charge import Ending
from gateway.domain.lines.line import LineKind
from gateway.domain.lines.rent_calendar import RentCalendar
from gateway.domain.lines.rent_dates import add_months, day_of, reserve_end
from gateway.domain.lines.rent_state import Active, Disconnected, GivenUp, LivingState, Rent
from gateway.domain.lines.subscription import GIVE_UP_AFTER, Subscription
from gateway.numbers.parties import read_number
from gateway.postgres.accounts import accounts
from gateway.postgres.accounts.accounts import LockedAccount
from gateway.postgres.lines import lines, subscriptions
from gateway.postgres.lines.lines import LineRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down
from gateway.usecases.lines.manage import object_of, put_connector, put_number, write_added
from gateway.usecases.lines.run_due import bring_locked_up_to_date, bring_up_to_date, calendars, settle_overdue, write

# How far ahead a rent may be paid: beyond are slips of the pen.
DUE_MONTHS_MAX = 120
# R26: what a connector costs a month where the rent deck does not say it.
CONNECTOR_MONTH = {"USD": Decimal("49.000000")}


class Price(NamedTuple):
    """Of a month, and once at the beginning."""

    month: Decimal
    setup: Decimal


async def rent_number(
    conn: PgConnection, *, actor: Actor, account_id: int, number: str, now: datetime, category: str | None = None
) -> LineRow:
    """Rent a number: setup fee and first month are charged at once, or NoMoney and nothing is rented (R23)."""
    await bring_up_to_date(conn, account_id=account_id, now=now)
    async with conn.transaction():
        account = await _locked(conn, account_id, now=now)
        added = await put_number(conn, account_id=account_id, number=number, category=category, now=now)
        return await _rent(conn, actor, account, added, now=now)


async def rent_connector(
    conn: PgConnection, *, actor: Actor, account_id: int, name: str, now: datetime, country: str = ""
) -> LineRow:
    """Subscribe to a SIP connector, by the month like a number (R26)."""
    await bring_up_to_date(conn, account_id=account_id, now=now)
    async with conn.transaction():
        account = await _locked(conn, account_id, now=now)
        added = await put_connector(conn, account_id=account_id, name=name, country=country, now=now)
        return await _rent(conn, actor, account, added, now=now)


async def add_rented(
    conn: PgConnection,
    *,
    actor: Actor,
    account_id: int,
    number: str,
    due_on: date,
    now: datetime,
    category: str | None = None,
) -> LineRow:
    """Take over a number that is rented already and paid until a day, from which on it is charged here.

    What that day, if it is past, makes of it, happens at once; it must not be so far back that the number would be
    gone (R24).
    """
    await bring_up_to_date(conn, account_id=account_id, now=now)
    async with conn.transaction():
        account = await _locked(conn, account_id, now=now)
        today = day_of(now, ZoneInfo(account.time_zone))
        latest = add_months(today, DUE_MONTHS_MAX)
        if due_on > latest or reserve_end(due_on) <= today:
            raise InvalidInput(
                "due: {due_on} is not in the last two months, nor until {latest}", due_on=due_on, latest=latest
            )
        added = await put_number(conn, account_id=account_id, number=number, category=category, now=now)
        [calendar] = await calendars(conn, [account], [added.id], now=now)
        line = calendar.lines[added.id]
        month = _price(line, account, now).month
        rent = Rent(month=month, anchor_day=due_on.day, due_on=due_on)
        calendar.schedule(replace(line, state=Active(rent=rent)))
        await write(conn, [calendar], now=now)
        await bring_locked_up_to_date(conn, account, now=now)
        taken_over = await lines.get(conn, line_id=added.id)
        await write_added(conn, actor, Action.NUMBERS_IMPORT, taken_over, now=now)
    return taken_over


async def give_up(conn: PgConnection, *, actor: Actor, name: str, now: datetime) -> LineRow:
    """Give a line up: it works for 24 h more and is not renewed in between (R27)."""

    def change(calendar: RentCalendar, line: Subscription, state: LivingState) -> None:
        if isinstance(state, GivenUp):
            raise Conflict("{name} is given up already, and ends at {at}", name=line.name, at=state.ends_at.isoformat())
        calendar.schedule(replace(line, state=GivenUp(ends_at=now + GIVE_UP_AFTER, before=state)))

    return await _change(conn, actor, Action.NUMBERS_GIVE_UP, name, change, now=now)


async def undo_give_up(conn: PgConnection, *, actor: Actor, name: str, now: datetime) -> LineRow:
    """Keep a line after all; a rent that was due meanwhile is charged now (R27)."""

    def change(calendar: RentCalendar, line: Subscription, state: LivingState) -> None:
        if not isinstance(state, GivenUp):
            raise Conflict("{name} is not given up", name=line.name)
        calendar.schedule(replace(line, state=state.before))

    return await _change(conn, actor, Action.NUMBERS_GIVE_UP, name, change, now=now, pays=True)


async def report_lost(conn: PgConnection, *, actor: Actor, name: str, now: datetime) -> LineRow:
    """Disconnect a line that its provider has lost, whatever our calendar says (R29)."""

    def change(calendar: RentCalendar, line: Subscription, state: LivingState) -> None:
        calendar.disconnect(line, state, Ending.LOST, now)

    return await _change(conn, actor, Action.NUMBERS_CHANGE, name, change, now=now)


async def _rent(conn: PgConnection, actor: Actor, account: LockedAccount, added: LineRow, *, now: datetime) -> LineRow:
    [calendar] = await calendars(conn, [account], [added.id], now=now)
    line = calendar.lines[added.id]
    month, setup = _price(line, account, now)
    if not calendar.funds.covers(month + setup):
        raise NoMoney(
            "{name} costs {month} {currency} a month and {setup} once; account {account} has {available} available",
            name=added.name,
            month=month,
            currency=account.currency,
            setup=setup,
            account=account.id,
            available=calendar.funds.available,
            missing=month + setup - calendar.funds.available,
        )
    calendar.start_rent(line, month=month, setup=setup)
    await write(conn, [calendar], now=now)
    rented = await lines.get(conn, line_id=added.id)
    await write_added(conn, actor, Action.NUMBERS_RENT, rented, now=now)
    return rented


def _price(line: Subscription, account: LockedAccount, now: datetime) -> Price:
    rate = line.rate_at(now)
    if rate is not None:
        return Price(rate.month, rate.setup_fee)
    if line.kind is LineKind.CONNECTOR and account.currency in CONNECTOR_MONTH:
        return Price(CONNECTOR_MONTH[account.currency], Decimal(0))
    raise InvalidInput(
        "the rates say no rent in {currency} for {name}: import a deck with one",
        currency=account.currency,
        name=line.name,
    )


async def _change(
    conn: PgConnection,
    actor: Actor,
    action: Action,
    name: str,
    change: Callable[[RentCalendar, Subscription, LivingState], None],
    *,
    now: datetime,
    pays: bool = False,
) -> LineRow:
    """Change the line of a name, then do what is due by that; `pays`: its overdue rent is tried."""
    named = await subscriptions.find(conn, name=read_number(name))
    if named is None:
        raise NotFound("there is no line {name}", name=name)
    await bring_up_to_date(conn, account_id=named.account_id, now=now)
    async with conn.transaction():
        account = await _locked(conn, named.account_id, now=now)
        [calendar] = await calendars(conn, [account], [named.id], now=now)
        line = calendar.lines[named.id]
        if isinstance(line.state, Disconnected):
            raise Conflict("{name} is disconnected", name=name)
        before = await lines.get(conn, line_id=named.id)
        change(calendar, line, line.state)
        await write(conn, [calendar], now=now)
        await bring_locked_up_to_date(conn, account, now=now)
        if pays:
            await settle_overdue(conn, account.id, now=now)
        after = await lines.get(conn, line_id=named.id)
        what = object_of(after)
        await write_down(conn, actor, action, what, account_id=account.id, before=before, after=after, now=now)
    return after


async def _locked(conn: PgConnection, account_id: int, *, now: datetime) -> LockedAccount:
    account = await accounts.lock_living(conn, account_id=account_id)
    return await bring_locked_up_to_date(conn, account, now=now)
