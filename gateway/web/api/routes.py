"""The table of routes: from it come mounting, the document, the reference page, the table of roles, and tests."""

from typing import Final

from gateway.web.api.resources import accounts, audit, call_detail, calls, me, members, people, tokens
from gateway.web.api.route import Route

ROUTES: Final[tuple[Route, ...]] = (
    *me.ROUTES,
    *accounts.ROUTES,
    *calls.ROUTES,
    *call_detail.ROUTES,
    *members.ROUTES,
    *people.ROUTES,
    *tokens.ROUTES,
    *audit.ROUTES,
)
