"""The table of pages, and where they are mounted."""

from typing import Final

from aiohttp import web

from gateway.context import Context
from gateway.web.api.database import ApiDatabase
from gateway.web.api.in_process import InProcessApi
from gateway.web.api.routes import ROUTES
from gateway.web.browser.visiting import Visiting
from gateway.web.pages.page import Deed, Page
from gateway.web.pages.serving import PageServer
from gateway.web.pages.subjects import (
    account_money,
    account_standing,
    accounts,
    audit,
    call,
    call_blocking,
    call_mending,
    calls,
    caps,
    charges,
    connections,
    connectors,
    events,
    home,
    large_sums,
    mails,
    me,
    money,
    numbers,
    overview,
    own_mails,
    people,
    quotes,
    rate_import,
    rates,
    rent,
    settings,
    statements,
    tokens,
    usage,
    webhooks,
)

PAGES: Final[tuple[Page, ...]] = (
    *home.PAGES,
    *overview.PAGES,
    *accounts.PAGES,
    *account_money.PAGES,
    *account_standing.PAGES,
    *calls.PAGES,
    *money.PAGES,
    *large_sums.PAGES,
    *usage.PAGES,
    *mails.PAGES,
    *connections.PAGES,
    *webhooks.PAGES,
    *events.PAGES,
    *settings.PAGES,
    *charges.PAGES,
    *statements.PAGES,
    *caps.PAGES,
    *own_mails.PAGES,
    *people.PAGES,
    *tokens.PAGES,
    *audit.PAGES,
    *me.PAGES,
    *call.PAGES,
    *quotes.PAGES,
    *rates.PAGES,
    *rate_import.PAGES,
    *rent.PAGES,
    *numbers.PAGES,
)
DEEDS: Final[tuple[Deed, ...]] = (
    *home.DEEDS,
    *accounts.DEEDS,
    *account_money.DEEDS,
    *account_standing.DEEDS,
    *calls.DEEDS,
    *large_sums.DEEDS,
    *mails.DEEDS,
    *connections.DEEDS,
    *caps.DEEDS,
    *own_mails.DEEDS,
    *people.DEEDS,
    *tokens.DEEDS,
    *me.DEEDS,
    *call.DEEDS,
    *call_blocking.DEEDS,
    *call_mending.DEEDS,
    *quotes.DEEDS,
    *rates.DEEDS,
    *rate_import.DEEDS,
    *numbers.DEEDS,
    *connectors.DEEDS,
    *rent.DEEDS,
)


def routes(context: Context, database: ApiDatabase) -> list[web.RouteDef]:
    server = PageServer(context, InProcessApi(context, database, ROUTES), PAGES, DEEDS)
    return server.routes(Visiting(context, database))
