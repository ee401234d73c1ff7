"""An account's first page: how long its money lasts, and what has to be paid."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.domain.access.actions import Action
from gateway.web.pages.charts import Chart, Mark, Plot, Series, Slot, bars
from gateway.web.pages.page import OWN, Page, Shown
from gateway.web.pages.visit import PageVisit

# How many of each are shown, before the page that has them all.
FEW: Final = 3
NEXT: Final = 6
# As many as the API tells of unless it is asked for others.
DAYS: Final = 30


async def show_overview(visit: PageVisit) -> Shown:
    names = {"account_id": str(visit.account_id)}
    few = {"account_id": visit.account_id, "limit": FEW}
    account = await visit.ask("show_account", path=names)
    usage = await visit.ask("list_account_usage", path=names)
    forecast = await visit.ask("forecast_account", path=names)
    return Shown(
        values={
            "account": account,
            "forecast": forecast,
            "is_gone": forecast.money_gone_on == _today(visit, account),
            "coming": forecast.expected[:NEXT],
            "spend": _spend(visit, usage.data, account, forecast),
            "of_calls": visit.words("calls"),
            "calls": (await visit.ask("list_calls", query=few)).data,
            "numbers": (await visit.ask("list_numbers", query=few)).data,
        },
        api=f"/accounts/{visit.account_id}/forecast",
        command=f"gateway simulate {visit.account_id}",
    )


def _today(visit: PageVisit, account: Any) -> date:
    """The day that it is for the account."""
    return visit.visit.now.astimezone(ZoneInfo(account.time_zone)).date()


def _spend(visit: PageVisit, usage: Sequence[Any], account: Any, forecast: Any) -> Chart:
    """What calls cost on each of the last days of the account's time zone."""
    figures, words = visit.figures, visit.words("overview")
    today = _today(visit, account)
    spent = {each.key: each.spend for each in usage}
    days = [today - timedelta(days=ago) for ago in reversed(range(DAYS))]
    said = {
        "total": figures.money(sum(spent.values(), Decimal()), account.currency),
        "a_day": figures.money(forecast.calls_a_day, account.currency),
        "minimum": figures.money(forecast.minimum, account.currency),
    }
    return bars(
        Plot(
            title=words("spend_title"),
            summary=words("spend_summary", **said),
            slot_name=words("day"),
            series=[Series(name=words("spend"))],
            slots=[Slot(label=figures.day(day), values=[spent.get(str(day))]) for day in days],
            figure=lambda amount: figures.money(Decimal(amount), account.currency),
            mark=Mark(value=forecast.minimum, name=words("spend_mark", minimum=said["minimum"])),
        )
    )


PAGES: Final = (Page(path=OWN, name="overview.own", action=Action.ACCOUNTS_READ, show=show_overview, place=10),)
