"""What people and their programs read and change: the library, the API, the pages."""

from aiohttp import web

from gateway.context import Context
from gateway.web import docs
from gateway.web.api.database import ApiDatabase
from gateway.web.api.mounting import PREFIX, OpenApiHandler, build_api
from gateway.web.api.routes import ROUTES
from gateway.web.pages import routes as pages
from gateway.web.sign_in import routes as sign_in


def add_what_people_read(application: web.Application, context: Context, database: ApiDatabase) -> None:
    application.router.add_routes(docs.routes(context.settings.public_url))
    if context.settings.has_api:
        application.router.add_get("/openapi.json", OpenApiHandler(ROUTES).document)
        application.add_subapp(PREFIX, build_api(context, database, ROUTES))
        application.router.add_routes(sign_in.routes(context, database))
        application.router.add_routes(pages.routes(context, database))
    else:
        application.router.add_get("/", _to_docs)


async def tell_what_it_is(_request: web.Request) -> web.Response:
    """To whoever opens the address of the webhooks; where the pages are is not told to those outside."""
    return web.Response(text="A call gateway takes webhooks here. Its pages are on a listener of their own.\n")


async def _to_docs(_request: web.Request) -> web.Response:
    """Without the API there are no pages, but there is the library."""
    return web.Response(status=307, headers={"Location": "docs/"})
