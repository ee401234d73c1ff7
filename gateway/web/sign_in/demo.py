"""The demo's door: whoever sits at the machine enters as somebody of its world, without a link."""

from collections.abc import Sequence

from aiohttp import web

from gateway.usecases.access.people import PersonView, find_person
from gateway.usecases.access.sessions import begin_session
from gateway.web.browser.plain import refused
from gateway.web.browser.rendering import to
from gateway.web.browser.visiting import Visit
from gateway.web.insiders import asks_for_itself, is_loopback


def may_enter(visit: Visit) -> bool:
    """In a demo, which listens to this machine alone, and is asked by it."""
    settings = visit.context.settings
    return bool(settings.demo_people) and is_loopback(settings.host) and asks_for_itself(visit.request)


async def demo_people(visit: Visit) -> Sequence[PersonView]:
    """As whom one may enter here."""
    if not may_enter(visit):
        return ()
    async with visit.database.connection() as conn:
        return [await find_person(conn, email=email) for email in visit.context.settings.demo_people]


async def enter(visit: Visit) -> web.Response:
    email = (await visit.form()).get("person", "")
    if not may_enter(visit) or email not in visit.context.settings.demo_people:
        return refused(visit.request, 403, "no_door")
    async with visit.database.connection() as conn, conn.transaction():
        person = await find_person(conn, email=email)
        begun = await begin_session(
            conn, person_id=person.id, visitor=visit.visitor, by="the demo's door", now=visit.now
        )
    return visit.begin(to("/"), begun)
