"""What somebody who has signed in sees: who they are, and by what else they prove it."""

from aiohttp import web

from gateway.web.browser.rendering import page, to
from gateway.web.browser.visiting import Visit


async def show(visit: Visit) -> web.Response:
    session = await visit.session()
    if session is None:
        return to("/sign-in")
    return page("second_factor", email=session.email)
