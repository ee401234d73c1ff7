"""Sign in by a link, become the first operator, sign out."""

from typing import Final

from aiohttp import web

from gateway.domain.errors import Conflict, InvalidInput
from gateway.usecases.access.links import become_first_operator, mail_link, may_try, sign_in_by_link
from gateway.usecases.access.sessions import end_session, person_actor
from gateway.web.browser.rendering import page, to
from gateway.web.browser.site import keeps_to_itself
from gateway.web.browser.visiting import Visit
from gateway.web.sign_in.demo import demo_people

EMAIL_LENGTH_MAX: Final = 254
HOME: Final = "/"
USELESS: Final = "This link has been used, or has expired. Ask for another one."
TOO_MANY: Final = "There were too many tries. Wait a minute."


async def show_sign_in(visit: Visit) -> web.Response:
    return page("sign_in", message=None, demo_people=await demo_people(visit))


async def ask_for_link(visit: Visit) -> web.Response:
    """The same answer, after the same work, whoever has the address and whether anybody has."""
    email = (await visit.form()).get("email", "").strip()
    if not 3 <= len(email) <= EMAIL_LENGTH_MAX or "@" not in email or not email.isprintable():
        return page("sign_in", status=422, message="This is no mail address.")
    async with visit.database.connection() as conn, conn.transaction():
        if not await may_try(conn, address=visit.visitor.address, about=f"mail:{email}", now=visit.now):
            return page("sign_in", status=429, message=TOO_MANY)
        await mail_link(conn, email=email, base_url=visit.context.settings.pages_url, now=visit.now)
    return to("/sign-in/sent")


async def show_sent(_visit: Visit) -> web.Response:
    return page("sent")


async def show_link(visit: Visit) -> web.Response:
    """A page with a button: what scans mails opens links, and presses nothing."""
    secret = visit.request.query.get("secret", "")
    return page("link", referrer=keeps_to_itself(visit.request), secret=secret[:200])


async def use_link(visit: Visit) -> web.Response:
    secret = (await visit.form()).get("secret", "")
    async with visit.database.connection() as conn:
        if not await may_try(conn, address=visit.visitor.address, now=visit.now):
            return page("sign_in", status=429, message=TOO_MANY)
        begun = await sign_in_by_link(conn, secret=secret, visitor=visit.visitor, now=visit.now)
    if begun is None:
        return page("sign_in", status=403, message=USELESS)
    return visit.begin(to(HOME), begun)


async def show_welcome(visit: Visit) -> web.Response:
    secret = visit.request.query.get("secret", "")
    return page("welcome", referrer=keeps_to_itself(visit.request), secret=secret[:200], message=None)


async def be_welcomed(visit: Visit) -> web.Response:
    form = await visit.form()
    secret = form.get("secret", "")
    try:
        async with visit.database.connection() as conn, conn.transaction():
            begun = await become_first_operator(
                conn,
                secret=secret,
                email=form.get("email", "").strip(),
                name=form.get("name", ""),
                visitor=visit.visitor,
                now=visit.now,
            )
    except (Conflict, InvalidInput) as error:
        return page("welcome", status=422, secret=secret[:200], message=str(error))
    if begun is None:
        return page("sign_in", status=403, message=USELESS)
    return visit.begin(to(HOME), begun)


async def sign_out(visit: Visit) -> web.Response:
    session = await visit.session()
    if session is not None:
        actor = person_actor(session.person_id, visit.visitor)
        async with visit.database.connection() as conn:
            await end_session(conn, actor=actor, session_id=session.id, now=visit.now)
    return visit.end(to("/sign-in"))
