"""Calls: which there were."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit


async def list_calls(visit: PageVisit) -> Shown:
    query = visit.query
    if visit.account_id is not None:
        query["account_id"] = str(visit.account_id)
    calls = await visit.ask("list_calls", query=query)
    return Shown(
        values={
            "calls": calls.data,
            "next_href": next_href(visit, "list_calls", calls),
            "filters": query,
        },
        list_route="list_calls",
        query=query,
        api="/calls",
        command="gateway call list",
    )


PAGES: Final = (
    Page(path="/calls", name="calls.list", action=Action.CALLS_READ, show=list_calls, place=20),
    Page(path=f"{OWN}/calls", name="calls.list", action=Action.CALLS_READ, show=list_calls, place=30),
)
DEEDS: Final[tuple[Deed, ...]] = ()
