"""Would this call be connected, and what would it cost? Decided as a real one is, and nothing is recorded."""

import shlex
from typing import Any, Final

from msgspec import convert

from gateway.domain.access.actions import Action
from gateway.web.api.said import Said
from gateway.web.pages.asking import filled, told, worded
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit

# The lengths whose prices people compare, in seconds.
LENGTHS: Final = (60, 300, 3600)


async def show_quote(visit: PageVisit) -> Shown:
    given = visit.query
    line, callee = given.get("line", "").strip(), given.get("callee", "").strip()
    quote, problem = None, ""
    if line and callee:
        body = {"line": line, "callee": callee, "seconds": list(LENGTHS)}
        body |= filled(connection=given.get("connection"), account_id=visit.account_id)
        quote, problem = await told(visit, visit.do("quote_call", body=body, query={"language": visit.language}))
    return Shown(
        values={
            "quote": quote,
            "needs": [
                worded(visit, each) for each in convert([] if quote is None else quote["would_need"], list[Said])
            ],
            "problem": problem,
            "asked": given,
            "lines": await _lines(visit),
            "connections": await _connections(visit),
        },
        api="/quotes",
        method="POST",
        command=shlex.join(("gateway", "quote", line or "LINE", callee or "CALLEE")),
    )


async def _lines(visit: PageVisit) -> list[Any]:
    """The lines of the account that the page is of; an operator types one."""
    if visit.account_id is None:
        return []
    query = {"account_id": visit.account_id, "limit": 1000}
    found = [await visit.ask(route, query=query) for route in ("list_numbers", "list_connectors")]
    return [line for part in found for line in part.data if line.state != "disconnected"]


async def _connections(visit: PageVisit) -> list[str]:
    if visit.account_id is not None or not visit.may(Action.CONNECTIONS_READ):
        return []
    return [each.name for each in (await visit.ask("list_connections")).data]


PAGES: Final = (
    Page(path="/quotes", name="quotes.ask", action=Action.QUOTES_MAKE, show=show_quote, place=24),
    Page(path=f"{OWN}/quotes", name="quotes.ask", action=Action.QUOTES_MAKE, show=show_quote, place=36),
)
DEEDS: Final[tuple[Deed, ...]] = ()
