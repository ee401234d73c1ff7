"""Days and instants of rent: months that end on an anchor day, and midnights of the account's time zone (R23, R24)."""

from calendar import monthrange
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

RESERVE_MONTHS = 2


def add_months(on: date, months: int, *, day: int | None = None) -> date:
    """The day so many months later: `day` of that month, else the same day; the month's last where it has no such."""
    years, month = divmod(on.month - 1 + months, 12)
    year, month = on.year + years, month + 1
    return date(year, month, min(day or on.day, monthrange(year, month)[1]))


def next_due(on: date, *, anchor_day: int) -> date:
    """The end of the month of rent that begins on a day: 31 January, 28 February, 31 March."""
    return add_months(on, 1, day=anchor_day)


def reserve_end(due_on: date) -> date:
    """The first day on which a number that was due is not reserved any more (R24)."""
    return add_months(due_on, RESERVE_MONTHS)


def midnight(on: date, zone: ZoneInfo) -> datetime:
    """The first instant of a day; where clocks are moved at midnight, that is 1:00, or the first of two midnights."""
    return datetime.combine(on, time(), zone).astimezone(UTC)


def day_of(at: datetime, zone: ZoneInfo) -> date:
    """The day that an instant falls on."""
    return at.astimezone(zone).date()
