"""Lists that go on: the address of the next part, with the same filters."""

from typing import Any
from urllib.parse import urlencode

from gateway.web.api.cursors import encode_cursor
from gateway.web.api.route import Rows
from gateway.web.pages.visit import PageVisit


def filters_of(visit: PageVisit) -> dict[str, str]:
    """What an address asks of a list: that something was done before is told, and asks for nothing."""
    return {name: value for name, value in visit.query.items() if name != "done"}


def next_href(visit: PageVisit, route: str, rows: Rows[Any]) -> str | None:
    """None: there is no more."""
    if rows.next is None:
        return None
    query = filters_of(visit) | {"after": encode_cursor(route, rows.next)}
    return f"{visit.visit.request.path}?{urlencode(query)}"
