"""The operator's first page: whether anything is wrong right now, and what stops soon."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from gateway.domain.access.actions import Action
from gateway.domain.money import ZERO
from gateway.domain.problems import ProblemCode, Severity
from gateway.web.api.route import Rows
from gateway.web.pages.day_figures import DayFigures, spread
from gateway.web.pages.hour_chart import outcomes_by_hour
from gateway.web.pages.page import Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

# Today, and the same day of the week before.
DAYS: Final = 8
# Where what is wrong is mended, or seen closer.
PLACES: Final[Mapping[ProblemCode, str]] = {
    ProblemCode.CALLS_NOT_CUT: "/calls/live",
    ProblemCode.HOOKS_REFUSED: "/connections",
    ProblemCode.SOME_HOOKS_REFUSED: "/connections",
    ProblemCode.NO_HOOKS: "/connections",
    ProblemCode.CONTROL_UNPROVEN: "/connections",
    ProblemCode.PROVIDER_CLOCK_APART: "/connections",
    ProblemCode.OLD_SECRET_IN_USE: "/connections",
    ProblemCode.OLD_SECRET_UNUSED: "/connections",
    ProblemCode.NO_SMTP: "/settings",
    ProblemCode.NO_OPERATOR_EMAIL: "/settings",
    ProblemCode.LARGE_SUMS_WAIT: "/money/large-sums?state=waiting",
    ProblemCode.MAILS_LATE: "/mails?state=queued",
    ProblemCode.MAILS_REFUSED: "/mails?state=refused",
}
# More calls than this are said to be more, and not counted.
COUNTED_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """What calls of a currency cost today, and a week before."""

    currency: str
    today: Decimal
    before: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many rows there are, at least; `is_all`: there are no more."""

    number: int
    is_all: bool


async def show(visit: PageVisit) -> Shown:
    """The API is asked for all of it at once."""
    now = visit.visit.now
    today = now.date()
    health, live, usage, hours, refused, stops, left = await asyncio.gather(
        visit.ask("list_faults", query={"language": visit.language}),
        visit.ask("list_live_calls", query={"limit": COUNTED_MAX}),
        visit.ask("list_usage", query={"by": "day", "from": today - timedelta(days=DAYS - 1), "limit": 1000}),
        visit.ask("list_call_hours"),
        visit.ask(
            "list_calls",
            query={"state": "refused", "from": (now - timedelta(hours=1)).isoformat(), "limit": COUNTED_MAX},
        ),
        visit.ask("list_stops"),
        visit.ask("list_provider_balances"),
    )
    days = spread(usage.data, first=today - timedelta(days=DAYS - 1), last=today)
    return Shown(
        values={
            "faults": health.data,
            "places": PLACES,
            "level": _level([each.severity for each in health.data]),
            "errors": sum(each.severity is Severity.ERROR for each in health.data),
            "live": _counted(live),
            "compared": _compared(days),
            "refused": _counted(refused),
            "reason": _first_reason(refused.data),
            "stops": stops.data,
            "left": left.data,
            "outcomes": outcomes_by_hour(hours.data, now=now, t=visit.words("home"), figures=visit.figures),
        },
        list_route="list_faults",
        api="/health",
        command="gateway doctor",
    )


def _level(severities: Sequence[Severity]) -> str:
    """The class of the sentence that says how it stands."""
    if Severity.ERROR in severities:
        return "problem"
    return "warning" if severities else "well"


def _counted(rows: Rows[Any]) -> Counted:
    return Counted(number=len(rows.data), is_all=rows.next is None)


def _compared(days: Sequence[DayFigures]) -> list[Compared]:
    """Today beside the same day of the week before."""
    today, before = days[-1].spend, days[0].spend
    return [
        Compared(currency=each, today=today.get(each, ZERO), before=before.get(each, ZERO))
        for each in sorted(today.keys() | before.keys())
    ]


def _first_reason(calls: Sequence[Any]) -> str | None:
    """Why most of them were refused."""
    reasons = Counter(call.reason for call in calls if call.reason is not None)
    return max(reasons, key=lambda reason: reasons[reason]) if reasons else None


PAGES: Final = (Page(path="/", name="home.operator", action=Action.HEALTH_READ, show=show, place=10),)
DEEDS: Final[tuple[Deed, ...]] = ()
