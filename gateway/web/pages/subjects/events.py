"""What happens: the feed that programs follow."""

from typing import Final

from gateway.domain.access.actions import Action
from gateway.web.pages.account_names import account_names
from gateway.web.pages.filling import whole
from gateway.web.pages.listing import next_href
from gateway.web.pages.page import OWN, Page, Shown
from gateway.web.pages.visit import PageVisit


async def list_events(visit: PageVisit) -> Shown:
    """Oldest first, as programs are given it."""
    query = {
        "kind": visit.query.get("kind"),
        "after": visit.query.get("after"),
        "account_id": whole(visit.query.get("account_id")) if visit.account_id is None else str(visit.account_id),
    }
    events = await visit.ask("list_events", query=query)
    return Shown(
        values={
            "events": events.data,
            "account_names": await account_names(visit, (each.account_id for each in events.data)),
            "next_href": next_href(visit, "list_events", events),
            "filters": visit.query,
            "object_of": object_of,
        },
        list_route="list_events",
        query={name: value for name, value in query.items() if value and name != "after"},
        api="/events",
        command="gateway events list",
    )


def object_of(what: str, own: str) -> tuple[str, str]:
    """What an event is about, and the page that shows it; none where there is no such page."""
    kind, _, name = what.partition(":")
    match kind:
        case "call":
            return name, f"{own}/calls/{name}"
        case "account":
            return name, own or f"/accounts/{name}"
        case "mail":
            return name, f"{own}/mails/{name}"
        case _:
            return name or kind, ""


PAGES: Final = (
    Page(path="/events", name="events.list", action=Action.EVENTS_READ, show=list_events, place=70),
    Page(path=f"{OWN}/events", name="events.list", action=Action.EVENTS_READ, show=list_events),
)
