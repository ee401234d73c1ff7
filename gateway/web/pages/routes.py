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
from gateway.web.pages.subjects import calls, home

PAGES: Final[tuple[Page, ...]] = (*home.PAGES, *calls.PAGES)
DEEDS: Final[tuple[Deed, ...]] = (*home.DEEDS, *calls.DEEDS)


def routes(context: Context, database: ApiDatabase) -> list[web.RouteDef]:
    server = PageServer(context, InProcessApi(context, database, ROUTES), PAGES, DEEDS)
    return server.routes(Visiting(context, database))
