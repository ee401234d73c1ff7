"""Calls are kept in months, each a part of the tables; the next ones are made ahead, and turned to when they begin.

A part for ids of no month is always there, so no call is refused for want of one. But what is in it belongs to no
month, and cannot be archived.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from gateway.domain.explanation import Fact
from gateway.domain.lines.rent_dates import add_months

MONTHS_AHEAD: Final = 2
# A month is made two months ahead, so by then it has been tried for weeks.
MISSED_BEFORE: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Months:
    """The newest month there is a part for, None where there is just the first part; whether all parts are there.

    `has_strays`: there are calls of no month.
    """

    newest: date | None
    are_whole: bool
    has_calls: bool
    has_strays: bool


def missing_months(newest: date | None, today: date) -> list[date]:
    """The next months, and this one too where its turn was missed; what there is at first has this one in it."""
    this = today.replace(day=1)
    wanted = [add_months(this, ahead) for ahead in range(MONTHS_AHEAD + 1)]
    return wanted[1:] if newest is None else [month for month in wanted if month > newest]


def what_is_wrong(months: Months, *, now: datetime) -> Fact | None:
    """None where calls of the next month will be kept in it, as far as can be seen."""
    if not months.are_whole:
        return Fact("problems.months_torn")
    if months.has_strays:
        return Fact("problems.months_strays")
    newest = months.newest or now.date().replace(day=1)
    soon = (now + MISSED_BEFORE).date().replace(day=1)
    if newest >= soon or not months.has_calls:
        return None
    return Fact("problems.month_missing", {"month": f"{soon:%Y-%m}"})
