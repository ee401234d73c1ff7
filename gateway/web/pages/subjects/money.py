"""What came in and went out: payments, refunds, corrections and rents of all accounts."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.web.pages.account_names import account_names
from gateway.web.pages.dates import with_instants
from gateway.web.pages.filling import whole
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import Page, Shown
from gateway.web.pages.visit import PageVisit


async def list_entries(visit: PageVisit) -> Shown:
    asked = {name: value for name, value in visit.query.items() if name != "account_id"}
    query = with_instants(asked, visit.zone) | {"account_id": whole(visit.query.get("account_id")) or ""}
    entries = await visit.ask("list_booked", query=query)
    return Shown(
        values={
            "entries": entries.data,
            "account_names": await account_names(visit, (each.account_id for each in entries.data)),
            "next_href": next_href(visit, "list_booked", entries),
            "filters": visit.query,
        },
        list_route="list_booked",
        query={name: value for name, value in query.items() if value and name != "after"},
        api="/entries",
        command="gateway ledger show ACCOUNT_ID",
    )


PAGES: Final = (Page(path="/money", name="money.list", action=Action.ENTRIES_READ, show=list_entries, place=50),)
