"""What somebody who has signed in sees: who they are, and by what else they prove it."""

from aiohttp import web

from gateway.web.browser.plain import plain
from gateway.web.browser.rendering import to
from gateway.web.browser.visiting import Visit
from gateway.words.vocabulary import spoken


async def show(visit: Visit) -> web.Response:
    session = await visit.session()
    if session is None:
        return to("/sign-in")
    return plain(visit.request, "second_factor", language=spoken(session.language), email=session.email)
