"""Rented lines as values, and an account's calendar with them."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.domain.accounts.funds import Funds
from gateway.domain.lines.line import LineKind
from gateway.domain.lines.rent_calendar import RentCalendar
from gateway.domain.lines.rent_dates import midnight, reserve_end
from gateway.domain.lines.rent_state import Active, GivenUp, Rent, Suspended
from gateway.domain.lines.subscription import Subscription
from gateway.domain.rates.rate import DeckRate, RateKind

BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def berlin(month: int, day: int, hour: int = 0, minute: int = 0, second: int = 0, *, year: int = 2026) -> datetime:
    """An instant by the account's own clock."""
    return datetime(year, month, day, hour, minute, second, tzinfo=BERLIN).astimezone(UTC)


def price(month: str, setup: str = "0", *, since: datetime = LONG_AGO, until: datetime | None = None) -> DeckRate:
    """A rent of the deck."""
    return DeckRate(
        id=1,
        kind=RateKind.RENT,
        currency="EUR",
        country="DE",
        category="",
        prefix="",
        per_minute=Decimal(month),
        connection_fee=Decimal(setup),
        first_interval_s=60,
        increment_s=60,
        valid_from=since,
        valid_until=until,
    )


def rented(
    due_on: date,
    *,
    line_id: int = 1,
    rent: str = "4",
    kind: LineKind = LineKind.NUMBER,
    rates: Sequence[DeckRate] = (),
    anchor_day: int | None = None,
    zone: ZoneInfo = BERLIN,
) -> Subscription:
    """A line that works and is paid until a day."""
    line = Subscription(
        id=line_id,
        kind=kind,
        name=f"+4930555{line_id:02}" if kind is LineKind.NUMBER else f"office {line_id}",
        state=Active(rent=Rent(month=Decimal(rent), anchor_day=anchor_day or due_on.day, due_on=due_on)),
        rates=tuple(rates),
    )
    return awake(line, None, zone)


def unpaid(due_on: date, **more: object) -> Subscription:
    """A line that was not paid on its day, and nothing has happened since."""
    line = rented(due_on, **more)
    zone = more.get("zone", BERLIN)
    until = midnight(reserve_end(due_on), zone) if line.kind is LineKind.NUMBER else None
    state = Suspended(rent=line.rent, reserved_until=until)
    return awake(replace(line, state=state), midnight(due_on, zone), zone)


def given_up(line: Subscription, ends_at: datetime) -> Subscription:
    """The line as it is until it ends, its calendar as it was."""
    return replace(line, state=GivenUp(ends_at=ends_at, before=line.state))


def awake(line: Subscription, after: datetime | None, zone: ZoneInfo = BERLIN) -> Subscription:
    return replace(line, calendar_due_at=line.due_after(after, zone))


def calendar(
    now: datetime,
    *lines: Subscription,
    balance: str = "0",
    held: str = "0",
    credit_limit: str = "0",
    zone: ZoneInfo = BERLIN,
    overdue: Sequence[Subscription] = (),
) -> RentCalendar:
    funds = Funds(balance=Decimal(balance), held=Decimal(held), credit_limit=Decimal(credit_limit))
    return RentCalendar(account_id=7, zone=zone, funds=funds, lines=lines, now=now, overdue=overdue)


def kept(now: datetime, *lines: Subscription, until: datetime | None = None, **money: str) -> RentCalendar:
    """What the calendar made of lines by now."""
    made = calendar(now, *lines, **money)
    made.run_until(until or now)
    return made


def told(made: RentCalendar) -> list[str]:
    """The kinds of mails, in their order."""
    return [notice.kind.value for notice in made.notices]


def charged(made: RentCalendar) -> list[tuple[int, str, str]]:
    """Line, kind and amount of each charge."""
    return [(charge.line_id, charge.kind.value, str(charge.amount)) for charge in made.charges]
