"""Sign in by a link, become the first operator, sign out."""

from collections.abc import Sequence
from typing import Final

from aiohttp import web

from gateway.domain.errors import Conflict, InvalidInput
from gateway.usecases.access.links import become_first_operator, mail_link, may_try, sign_in_by_link
from gateway.usecases.access.people import PersonView
from gateway.usecases.access.sessions import end_session, person_actor
from gateway.web.browser.plain import language_of, plain, words_in
from gateway.web.browser.rendering import to
from gateway.web.browser.site import keeps_to_itself
from gateway.web.browser.visiting import Visit
from gateway.web.sign_in.demo import demo_people
from gateway.web.sign_in.factors import has_name

EMAIL_LENGTH_MAX: Final = 254
HOME: Final = "/"
# The names of the words that say it.
NO_ADDRESS: Final = "no_address"
USELESS: Final = "useless"
TOO_MANY: Final = "too_many"


async def show_sign_in(visit: Visit) -> web.Response:
    return _sign_in(visit, demo_people=await demo_people(visit))


def _sign_in(
    visit: Visit, *, status: int = 200, message: str | None = None, demo_people: Sequence[PersonView] = ()
) -> web.Response:
    return plain(
        visit.request,
        "sign_in",
        status=status,
        message=message,
        demo_people=demo_people,
        has_name=has_name(visit.site.host),
    )


async def ask_for_link(visit: Visit) -> web.Response:
    """The same answer, after the same work, whoever has the address and whether anybody has."""
    email = (await visit.form()).get("email", "").strip()
    if not 3 <= len(email) <= EMAIL_LENGTH_MAX or "@" not in email or not email.isprintable():
        return _sign_in(visit, status=422, message=NO_ADDRESS)
    async with visit.database.connection() as conn, conn.transaction():
        if not await may_try(conn, address=visit.visitor.address, about=f"mail:{email}", now=visit.now):
            return _sign_in(visit, status=429, message=TOO_MANY)
        await mail_link(conn, email=email, base_url=visit.context.settings.pages_url, now=visit.now)
    return to("/sign-in/sent")


async def show_sent(visit: Visit) -> web.Response:
    return plain(visit.request, "sent")


async def show_link(visit: Visit) -> web.Response:
    """A page with a button: what scans mails opens links, and presses nothing."""
    secret = visit.request.query.get("secret", "")
    return plain(visit.request, "link", referrer=keeps_to_itself(visit.request), secret=secret[:200])


async def use_link(visit: Visit) -> web.Response:
    secret = (await visit.form()).get("secret", "")
    async with visit.database.connection() as conn:
        if not await may_try(conn, address=visit.visitor.address, now=visit.now):
            return _sign_in(visit, status=429, message=TOO_MANY)
        begun = await sign_in_by_link(conn, secret=secret, visitor=visit.visitor, now=visit.now)
    if begun is None:
        return _sign_in(visit, status=403, message=USELESS)
    return visit.begin(to(HOME), begun)


async def show_welcome(visit: Visit) -> web.Response:
    secret = visit.request.query.get("secret", "")
    referrer = keeps_to_itself(visit.request)
    return plain(visit.request, "welcome", referrer=referrer, secret=secret[:200], message=None, given={})


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
        message = f"{words_in(language_of(visit.request))('not_possible')} {error}"
        return plain(visit.request, "welcome", status=422, secret=secret[:200], message=message, given=form)
    if begun is None:
        return _sign_in(visit, status=403, message=USELESS)
    return visit.begin(to(HOME), begun)


async def sign_out(visit: Visit) -> web.Response:
    session = await visit.session()
    if session is not None:
        actor = person_actor(session.person_id, visit.visitor)
        async with visit.database.connection() as conn:
            await end_session(conn, actor=actor, session_id=session.id, now=visit.now)
    return visit.end(to("/sign-in"))
