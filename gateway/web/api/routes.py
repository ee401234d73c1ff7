"""The table of routes: from it come mounting, the document, the reference page, the table of roles, and tests."""

from typing import Final

from gateway.web.api.resources import (
    accounts,
    audit,
    call_detail,
    calls,
    caps,
    connections,
    connectors,
    events,
    export,
    health,
    mails,
    me,
    members,
    money,
    numbers,
    people,
    quotes,
    rates,
    standing,
    tokens,
    usage,
)
from gateway.web.api.route import Route

ROUTES: Final[tuple[Route, ...]] = (
    *me.ROUTES,
    *accounts.ROUTES,
    *standing.ROUTES,
    *money.ROUTES,
    *usage.ROUTES,
    *caps.ROUTES,
    *export.ROUTES,
    *numbers.ROUTES,
    *connectors.ROUTES,
    *rates.ROUTES,
    *quotes.ROUTES,
    *calls.ROUTES,
    *call_detail.ROUTES,
    *mails.ROUTES,
    *members.ROUTES,
    *people.ROUTES,
    *tokens.ROUTES,
    *connections.ROUTES,
    *events.ROUTES,
    *health.ROUTES,
    *audit.ROUTES,
)
