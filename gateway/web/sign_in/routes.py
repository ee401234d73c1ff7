"""Where the pages are."""

from aiohttp import web

from gateway.context import Context
from gateway.web.api.database import ApiDatabase
from gateway.web.browser.rendering import static
from gateway.web.browser.visiting import Visiting
from gateway.web.sign_in import demo, factors, signing_in


def routes(context: Context, database: ApiDatabase) -> list[web.RouteDef]:
    visiting = Visiting(context, database)
    on = visiting.handler
    return [
        web.get("/sign-in", on(signing_in.show_sign_in)),
        web.post("/sign-in", on(signing_in.ask_for_link)),
        web.get("/sign-in/sent", on(signing_in.show_sent)),
        web.get("/sign-in/link", on(signing_in.show_link)),
        web.post("/sign-in/link", on(signing_in.use_link)),
        web.get("/welcome", on(signing_in.show_welcome)),
        web.post("/welcome", on(signing_in.be_welcomed)),
        web.get("/second-factor", on(factors.show)),
        web.post("/demo/enter", on(demo.enter)),
        web.post("/sign-out", on(signing_in.sign_out)),
        web.get("/static/{name}", static),
    ]
