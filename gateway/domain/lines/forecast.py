"""An account's future, if nobody pays in and calls cost what they cost lately: its rents by the very calendar."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from gateway.domain.accounts.funds import Funds
from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.lines.rent_calendar import RentCalendar
from gateway.domain.lines.rent_dates import day_of, midnight
from gateway.domain.money import ZERO


class LineStep(StrEnum):
    CHARGED = "charged"
    SUSPENDED = "suspended"
    RESTORED = "restored"
    DISCONNECTED = "disconnected"


_BY_STATE = {
    LineState.ACTIVE: LineStep.RESTORED,
    LineState.SUSPENDED: LineStep.SUSPENDED,
    LineState.DISCONNECTED: LineStep.DISCONNECTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What will happen to a line on a day of the account's time zone; `balance` is what is left then."""

    on: date
    what: LineStep
    line: str
    amount: Decimal
    balance: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """`money_gone_on` is the first day whose calls the money does not cover, or that leaves none of it."""

    until: date
    money_gone_on: date | None
    expected: list[Expected]


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpaidLine:
    """A line that is suspended until its rent is paid.

    `missing` is what must be paid in for that, after those that are paid first: nothing, where only money is missing
    that live calls hold. A number is the account's until `reserved_until`; a connector has no such end.
    """

    line: str
    kind: LineKind
    due_on: date
    rent: Decimal
    missing: Decimal
    reserved_until: datetime | None


def unpaid_lines(calendar: RentCalendar, funds: Funds) -> list[UnpaidLine]:
    """What is suspended now, in the order in which it is paid; `funds` are what the account has with what is held."""
    unpaid, needed = [], ZERO
    for line, state in calendar.waiting():
        month = line.month_at(calendar.now)
        needed += month
        unpaid.append(
            UnpaidLine(
                line=line.name,
                kind=line.kind,
                due_on=state.rent.due_on,
                rent=month,
                missing=funds.missing(needed),
                reserved_until=state.reserved_until,
            )
        )
    return unpaid


def foresee(calendar: RentCalendar, *, a_day: Decimal, days: int) -> Forecast:
    """Go through so many days, spending on calls what is spent `a_day`, as long as there is money.

    Rents fall due at the beginning of a day, calls come after them.
    """
    expected: list[Expected] = []
    gone_on = None
    today = day_of(calendar.now, calendar.zone)
    for on in (today + timedelta(days=ahead) for ahead in range(days)):
        expected += _live_through(calendar, on)
        if gone_on is None and (calendar.funds.available < a_day or calendar.funds.available <= 0):
            gone_on = on
        calendar.funds = calendar.funds.debited(min(a_day, max(ZERO, calendar.funds.available)))
    return Forecast(until=today + timedelta(days=days), money_gone_on=gone_on, expected=expected)


def _live_through(calendar: RentCalendar, on: date) -> Iterator[Expected]:
    """What the calendar does until the end of a day."""
    end: datetime = midnight(on + timedelta(days=1), calendar.zone) - timedelta(microseconds=1)
    before, charged = dict(calendar.lines), len(calendar.charges)
    calendar.now = max(calendar.now, end)
    calendar.run_until(end)
    balance = calendar.funds.balance
    for charge in calendar.charges[charged:]:
        name = calendar.lines[charge.line_id].name
        yield Expected(on=on, what=LineStep.CHARGED, line=name, amount=charge.amount, balance=balance)
    for line in calendar.lines.values():
        if line.line_state is before[line.id].line_state:
            continue
        month = ZERO if line.rent is None else line.rent.month
        yield Expected(on=on, what=_BY_STATE[line.line_state], line=line.name, amount=month, balance=balance)
