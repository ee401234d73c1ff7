"""Accounts, for the operator: which there are, how one is, and a new one."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from gateway.domain.access.actions import Action
from gateway.domain.mail.languages import LANGUAGES
from gateway.web.pages.day_figures import DayCharts, spread
from gateway.web.pages.filling import amount, filled
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

DAYS: Final = 14
FEW: Final = 5
ONE: Final = "/accounts/{account}"


async def list_accounts(visit: PageVisit) -> Shown:
    query = visit.query
    found = await visit.ask("list_accounts", query=query)
    return Shown(
        values={
            "accounts": found.data,
            "next_href": next_href(visit, "list_accounts", found),
            "filters": query,
            "may_open": visit.may(Action.ACCOUNTS_OPEN),
        },
        list_route="list_accounts",
        query=query,
        api="/accounts",
        command="gateway account list",
    )


async def show_account(visit: PageVisit) -> Shown:
    """All that somebody asks for who has a customer on the telephone."""
    account_id = visit.path["account"]
    names, own = {"account_id": account_id}, {"account_id": account_id, "limit": FEW}
    account = await visit.ask("show_account", path=names)
    today = visit.visit.now.astimezone(visit.zone).date()
    first = today - timedelta(days=DAYS - 1)
    forecast, numbers, connectors, entries, calls, members, caps, mails, usage = await asyncio.gather(
        visit.ask("forecast_account", path=names),
        visit.ask("list_numbers", query={"account_id": account_id}),
        visit.ask("list_connectors", query={"account_id": account_id}),
        visit.ask("list_entries", path=names, query={"limit": FEW}),
        visit.ask("list_calls", query=own),
        visit.ask("list_members", path=names),
        visit.ask("show_caps", path=names),
        visit.ask("list_mails", query=own),
        visit.ask("list_account_usage", path=names, query={"by": "day", "from": first, "limit": 1000}),
    )
    drawn = DayCharts(
        t=visit.words("accounts"), figures=visit.figures, days=spread(usage.data, first=first, last=today)
    )
    return Shown(
        values={
            "account": account,
            "forecast": forecast,
            "stops": forecast.stops[:FEW],
            "lines": [*numbers.data, *connectors.data],
            "entries": entries.data,
            "calls": calls.data,
            "members": members.data,
            "meters": meters(caps),
            "mails": mails.data,
            "spend": drawn.spend(account.currency),
            "may": {each.value: visit.may(each) for each in Action},
            "done": visit.query.get("done"),
        },
        api=f"/accounts/{account_id}",
        command=f"gateway account show {account_id}",
    )


def meters(caps: Any) -> list[Mapping[str, Any]]:
    """The caps that have a value, each beside what counts against it now."""
    used = {
        "live_calls": caps.use.live_calls,
        "starts_a_minute": caps.use.starts,
        "spend_a_day": caps.use.spent + caps.use.held,
    }
    return [
        {"cap": cap, "used": value, "limit": limit, "is_money": isinstance(limit, Decimal), "is_full": value >= limit}
        for cap, value in used.items()
        if (limit := getattr(caps, cap)) is not None
    ]


async def show_opening(visit: PageVisit) -> Shown:
    return Shown(values={"languages": LANGUAGES, "zone": visit.person.time_zone}, command="gateway account create")


async def open_account(visit: PageVisit) -> str:
    body = filled(visit, "name", "currency", "email", "time_zone", "language", "main_number", "credit_limit")
    if "credit_limit" in body:
        body["credit_limit"] = amount(body["credit_limit"])
    opened = await visit.do("open_account", body=body | {"currency": body.get("currency", "").upper()})
    return f"/accounts/{opened['id']}?done=opened"


PAGES: Final = (
    Page(path="/accounts", name="accounts.list", action=Action.ACCOUNTS_READ, show=list_accounts, place=15),
    Page(path="/accounts/open", name="accounts.open", action=Action.ACCOUNTS_OPEN, show=show_opening),
    Page(path=ONE, name="accounts.one", action=Action.ACCOUNTS_READ, show=show_account),
)
DEEDS: Final = (Deed(path="/accounts/open", page="/accounts/open", action=Action.ACCOUNTS_OPEN, do=open_account),)
