"""What calls add up to: spend, cost and margin, how many are answered, how long they are."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from gateway.domain.access.actions import Action
from gateway.domain.calls.refusals import Refusal
from gateway.domain.calls.usage import UsageBy
from gateway.usecases.accounts.show_usage import UsageRow
from gateway.web.api.cursors import encode_cursor
from gateway.web.api.in_process import Texts
from gateway.web.api.route import Rows
from gateway.web.pages.day_figures import DayCharts, DayFigures, spread, together
from gateway.web.pages.filling import whole
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import OWN, Page, Shown
from gateway.web.pages.visit import PageVisit

DAYS: Final = 30
# Of a longer span there would be no room for the bars.
DRAWN_MAX: Final = 100
ROWS_MAX: Final = 1000


async def show_usage(visit: PageVisit) -> Shown:
    """A span of days, by one of the ways to add up; the charts are always by day."""
    first, last = _span(visit)
    by = visit.query.get("by", UsageBy.DAY)
    query = {"from": first, "to": last + timedelta(days=1), "limit": ROWS_MAX}
    path: dict[str, str] = {}
    route = "list_usage"
    if visit.account_id is not None:
        route, path = "list_account_usage", {"account_id": str(visit.account_id)}
    else:
        query |= {"account_id": whole(visit.query.get("account_id"))}
    by_day = await _whole(visit, route, path, query | {"by": UsageBy.DAY})
    rows: Rows[Any] = Rows(data=by_day[::-1], next=None)
    if by != UsageBy.DAY:
        rows = await visit.ask(route, path=path, query=query | {"by": by, "after": visit.query.get("after")})
    days = spread(by_day, first=first, last=last)
    drawn = DayCharts(t=visit.words("usage"), figures=visit.figures, days=days[-DRAWN_MAX:])
    whole_span = together(days)
    return Shown(
        values={
            "by": by,
            "first": first,
            "last": last,
            "filters": visit.query,
            "rows": rows.data,
            "next_href": next_href(visit, route, rows),
            "named": _namer(visit, by),
            "sums": whole_span,
            "with_cost": visit.may(Action.CALLS_COST),
            "charts_drawn": [*_spends(drawn, whole_span), drawn.outcomes(), drawn.asr(), drawn.acd()],
        },
        list_route=route,
        query={name: str(value) for name, value in (query | {"by": by}).items() if value and name != "limit"},
        api="/usage" if visit.account_id is None else f"/accounts/{visit.account_id}/usage",
        command="gateway usage",
    )


async def _whole(visit: PageVisit, route: str, path: Texts, query: Mapping[str, object]) -> list[UsageRow]:
    """All parts of a list: sums of a part would be no sums."""
    part: Rows[UsageRow] = await visit.ask(route, path=path, query=query)
    rows = list(part.data)
    while part.next is not None:
        part = await visit.ask(route, path=path, query={**query, "after": encode_cursor(route, part.next)})
        rows += part.data
    return rows


def _span(visit: PageVisit) -> tuple[date, date]:
    """The days that are asked for, the last with them; else the last thirty."""
    today = visit.visit.now.astimezone(visit.zone).date()
    last = _day(visit.query.get("to")) or today
    first = _day(visit.query.get("from")) or last - timedelta(days=DAYS - 1)
    return min(first, last), last


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return None


def _spends(drawn: DayCharts, sums: DayFigures) -> list[object]:
    """A chart for each currency: they cannot be added up."""
    return [drawn.spend(currency) for currency in sorted(sums.spend)]


def _namer(visit: PageVisit, by: str) -> Callable[[str], str]:
    """How a row is called by what its calls have in common."""
    t, figures = visit.words("usage"), visit.figures

    def named(key: str) -> str:
        if not key:
            return t("nothing_known")
        match by:
            case UsageBy.DAY:
                return figures.day(date.fromisoformat(key))
            case UsageBy.COUNTRY:
                return figures.country(key)
            case UsageBy.LINE:
                return figures.number(key)
            case UsageBy.DIRECTION:
                return t(f"directions.{key}") if t.find(f"directions.{key}") else key
            case UsageBy.OUTCOME if key in list(Refusal):
                return t.explained(f"refusals.{key}")
            case UsageBy.OUTCOME:
                return t(f"outcomes.{key}") if t.find(f"outcomes.{key}") else key
        return key

    return named


PAGES: Final = (
    Page(path="/usage", name="usage.figures", action=Action.USAGE_READ, show=show_usage, place=55),
    Page(path=f"{OWN}/usage", name="usage.figures", action=Action.USAGE_READ, show=show_usage, place=70),
)
