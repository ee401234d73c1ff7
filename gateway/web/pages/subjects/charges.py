"""Charges: what moved the money of an account, and why."""

from typing import Any, Final
from zoneinfo import ZoneInfo

from gateway.domain.access.actions import Action
from gateway.web.pages.dates import with_instants
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import OWN, Page, Shown
from gateway.web.pages.visit import PageVisit

# So many lines are named at most.
LINES_MAX: Final = 1000


async def list_charges(visit: PageVisit) -> Shown:
    names = {"account_id": str(visit.account_id)}
    account = await visit.ask("show_account", path=names)
    asked = with_instants(visit.query, ZoneInfo(account.time_zone))
    entries = await visit.ask("list_entries", path=names, query=asked | {"summary": "true"})
    return Shown(
        values={
            "account": account,
            "entries": entries.data,
            "summary": entries.summary,
            "causes": await _causes(visit, entries.data),
            "filters": visit.query,
            "next_href": next_href(visit, "list_entries", entries),
        },
        list_route="list_entries",
        query={name: value for name, value in asked.items() if name != "after"},
        api=f"/accounts/{visit.account_id}/entries",
        command=f"gateway ledger show {visit.account_id}",
    )


async def _causes(visit: PageVisit, entries: list[Any]) -> dict[int, tuple[str, str]]:
    """What each entry is for, by its id: the address of the page of its cause, and what that is called."""
    own = f"/a/{visit.account_id}"
    lines = await _lines(visit) if any(each.line_id for each in entries) else {}
    causes = {}
    for each in entries:
        if each.call_id is not None:
            causes[each.id] = (f"{own}/calls/{each.call_id}", "call")
        elif each.line_id in lines:
            kind, name = lines[each.line_id]
            causes[each.id] = (f"{own}/{kind}s/{name}", name)
    return causes


async def _lines(visit: PageVisit) -> dict[int, tuple[str, str]]:
    """The kind and the name of each line of the account, by its id."""
    query = {"account_id": visit.account_id, "limit": LINES_MAX}
    found = [
        *(await visit.ask("list_numbers", query=query)).data,
        *(await visit.ask("list_connectors", query=query)).data,
    ]
    return {each.id: (each.kind.value, each.name) for each in found}


PAGES: Final = (
    Page(path=f"{OWN}/charges", name="charges.list", action=Action.ENTRIES_READ, show=list_charges, place=50),
)
