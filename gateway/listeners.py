"""What a running process answers on each of its listeners."""

from aiohttp import web

from gateway.app import Running
from gateway.web import health
from gateway.web.bodies import BODY_MAX
from gateway.web.hook_door import HOOKS
from gateway.web.hooks import HookHandler
from gateway.web.insiders import INSIDERS, Insiders
from gateway.web.keys import BOOK, CONTEXT, TRAFFIC, Traffic
from gateway.web.readers import add_what_people_read, tell_what_it_is


def build_web(process: Running) -> web.Application:
    """The routes, on a process that is running."""
    application = web.Application(client_max_size=BODY_MAX)
    context = process.context
    application[CONTEXT] = context
    application[BOOK] = process.book
    application[TRAFFIC] = traffic = Traffic()
    application[health.PROBE] = health.Probe(context)
    application[INSIDERS] = Insiders(context.settings)
    application[HOOKS] = HookHandler(context, process.hook_book, traffic)
    application.router.add_routes(health.routes())
    if context.settings.admin_port is None:
        add_what_people_read(application, context, process.api)
    else:
        application.router.add_get("/", tell_what_it_is)
    return application


def build_admin(process: Running) -> web.Application:
    """What people and their programs read and change, on a listener of their own."""
    application = web.Application(client_max_size=BODY_MAX)
    application[CONTEXT], application[TRAFFIC] = process.context, Traffic()
    add_what_people_read(application, process.context, process.api)
    return application


def build_inside(application: web.Application) -> web.Application:
    """What those inside are shown, of the application that takes webhooks, on a listener of their own."""
    inside = web.Application()
    inside[CONTEXT], inside[TRAFFIC] = application[CONTEXT], application[TRAFFIC]
    inside[health.PROBE] = application[health.PROBE]
    inside[INSIDERS] = Insiders(application[CONTEXT].settings, is_own_listener=True)
    inside.router.add_routes(health.routes())
    return inside
