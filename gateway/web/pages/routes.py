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
    audit,
    calls,
    caps,
    charges,
    home,
    me,
    overview,
    own_mails,
    people,
    statements,
    tokens,
)

PAGES: Final[tuple[Page, ...]] = (
    *home.PAGES,
    *overview.PAGES,
    *calls.PAGES,
    *charges.PAGES,
    *statements.PAGES,
    *caps.PAGES,
    *own_mails.PAGES,
    *people.PAGES,
    *tokens.PAGES,
    *audit.PAGES,
    *me.PAGES,
)
DEEDS: Final[tuple[Deed, ...]] = (
    *home.DEEDS,
    *calls.DEEDS,
    *caps.DEEDS,
    *own_mails.DEEDS,
    *people.DEEDS,
    *tokens.DEEDS,
    *me.DEEDS,
)


def routes(context: Context, database: ApiDatabase) -> list[web.RouteDef]:
    server = PageServer(context, InProcessApi(context, database, ROUTES), PAGES, DEEDS)
    return server.routes(Visiting(context, database))
