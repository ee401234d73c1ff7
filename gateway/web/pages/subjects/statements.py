"""Statements: what a month cost, to be read and to be printed."""

from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.domain.access.actions import Action
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import OWN, Page, Shown
from gateway.web.pages.visit import PageVisit


async def list_months(visit: PageVisit) -> Shown:
    names = {"account_id": str(visit.account_id)}
    months = await visit.ask("list_statements", path=names, query=visit.query)
    return Shown(
        values={"months": months.data, "next_href": next_href(visit, "list_statements", months)},
        list_route="list_statements",
        api=f"/accounts/{visit.account_id}/statements",
    )


async def show_month(visit: PageVisit) -> Shown:
    names = {"account_id": str(visit.account_id), "month": visit.path["month"]}
    statement = await visit.ask("show_statement", path=names)
    zone = ZoneInfo(statement.time_zone)
    return Shown(
        values={
            "statement": statement,
            "account": await visit.ask("show_account", path={"account_id": names["account_id"]}),
            "of_charges": visit.words("charges"),
            "first_day": statement.since.astimezone(zone).date(),
            "last_day": statement.until.astimezone(zone).date() - timedelta(days=1),
        },
        list_route="list_entries",
        query={"from": statement.since.isoformat(), "to": statement.until.isoformat()},
        api=f"/accounts/{visit.account_id}/statements/{names['month']}",
    )


PAGES: Final = (
    Page(path=f"{OWN}/statements", name="statements.list", action=Action.ENTRIES_READ, show=list_months, place=55),
    Page(path=f"{OWN}/statements/{{month}}", name="statements.month", action=Action.ENTRIES_READ, show=show_month),
)
