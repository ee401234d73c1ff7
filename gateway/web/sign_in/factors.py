"""The page of somebody's own second factors: which they have, one shown, set up or taken away."""

from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.domain.access.actor import Actor
from gateway.domain.access.second_factor import Missing
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.postgres.access.sessions import OpenSession
from gateway.postgres.types import PgConnection
from gateway.usecases.access import one_time_passwords as totp
from gateway.usecases.access.factor_seal import factor_seal
from gateway.usecases.access.factors import OwnFactors, missing_to_change, own_factors
from gateway.usecases.access.links import may_try
from gateway.usecases.access.passkeys import remove_passkey
from gateway.usecases.access.sessions import person_actor
from gateway.usecases.access.signed_challenges import bytes_of
from gateway.web.browser.rendering import page, to
from gateway.web.browser.visiting import Handler, Visit
from gateway.web.pages.figures import ReaderFigures, filters
from gateway.web.pages.words import PageWords
from gateway.words.vocabulary import spoken

SUBJECT: Final = "second_factor"
PATH: Final = "/second-factor"
SIGN_IN: Final = "/sign-in"
_NEXT_MAX: Final = 2000

# Of somebody who has signed in.
OwnHandler = Callable[[Visit, OpenSession], Awaitable[web.StreamResponse]]


def of_somebody(handle: OwnHandler) -> Handler:
    """A handler for whoever has signed in; what is refused is told on the page."""
    return partial(_handle, handle)


async def _handle(handle: OwnHandler, visit: Visit) -> web.StreamResponse:
    session = await visit.session()
    if session is None:
        return to(SIGN_IN)
    try:
        return await handle(visit, session)
    except (Conflict, InvalidInput, NotFound):
        return await _page(visit, session, status=HTTPStatus.CONFLICT, problem="not_possible")


async def show(visit: Visit, session: OpenSession) -> web.StreamResponse:
    return await _page(visit, session)


async def set_up_password(visit: Visit, session: OpenSession) -> web.StreamResponse:
    """Draw a secret; the page shows it until the first password confirms it."""
    async with visit.database.connection() as conn:
        seal = factor_seal(visit.context.settings)
        await totp.draw_totp(conn, actor=own_actor(visit, session), session=session, seal=seal, now=visit.now)
    return to(back_to_page(await next_of(visit)))


async def show_password(visit: Visit, session: OpenSession) -> web.StreamResponse:
    """A password that is shown, or that confirms the secret: then on to where they wanted to go."""
    code = (await visit.form()).get("code", "")[:20]
    async with visit.database.connection() as conn:
        if not await may_try_factor(conn, visit, session):
            return await _page(visit, session, status=HTTPStatus.TOO_MANY_REQUESTS, problem="too_many")
        is_right = await totp.show_totp(
            conn,
            actor=own_actor(visit, session),
            session=session,
            code=code,
            seal=factor_seal(visit.context.settings),
            now=visit.now,
        )
    if not is_right:
        return await _page(visit, session, status=HTTPStatus.UNPROCESSABLE_ENTITY, problem="wrong_password")
    return to(await next_of(visit) or PATH)


async def remove_password(visit: Visit, session: OpenSession) -> web.StreamResponse:
    async with visit.database.connection() as conn:
        await totp.remove_totp(conn, actor=own_actor(visit, session), session=session, now=visit.now)
    return to(back_to_page(await next_of(visit)))


async def remove_key(visit: Visit, session: OpenSession) -> web.StreamResponse:
    passkey_id = bytes_of((await visit.form()).get("passkey", ""))
    async with visit.database.connection() as conn:
        actor = own_actor(visit, session)
        await remove_passkey(conn, actor=actor, session=session, passkey_id=passkey_id, now=visit.now)
    return to(back_to_page(await next_of(visit)))


def own_actor(visit: Visit, session: OpenSession) -> Actor:
    return person_actor(session.person_id, visit.visitor)


async def may_try_factor(conn: PgConnection, visit: Visit, session: OpenSession) -> bool:
    """As often as one may try to sign in."""
    return await may_try(conn, address=visit.visitor.address, about=f"factor:{session.person_id}", now=visit.now)


def has_name(host: str) -> bool:
    """Whether passkeys can be shown there: at a name, not at the address of a network."""
    try:
        ip_address(host)
    except ValueError:
        return True
    return False


def words_for(session: OpenSession) -> PageWords:
    return PageWords(language=spoken(session.language), subject=SUBJECT)


def factor_page(why: Missing, *, next_path: str) -> str:
    """The address at which what is missing can be done, and from where one goes on."""
    return f"{PATH}?{urlencode({'why': why.value, 'next': next_path})}"


def back_to_page(next_path: str) -> str:
    return f"{PATH}?{urlencode({'next': next_path})}" if next_path else PATH


async def next_of(visit: Visit) -> str:
    """Where somebody wanted to go: a page of ours, or nothing."""
    given = visit.request.query.get("next", "")
    if visit.request.method == "POST" and visit.request.content_type != "application/json":
        given = (await visit.form()).get("next", "")
    return own_path(given)


def own_path(text: str) -> str:
    """A path of ours; empty for whatever else a link may have put there."""
    is_plain = text.isascii() and text.isprintable() and "\\" not in text and len(text) <= _NEXT_MAX
    parts = urlsplit(text) if is_plain else None
    is_own = parts is not None and not parts.scheme and not parts.netloc and text.startswith("/")
    return text if is_own and not text.startswith("//") else ""


async def _page(
    visit: Visit, session: OpenSession, *, status: int = HTTPStatus.OK, problem: str | None = None
) -> web.Response:
    async with visit.database.connection() as conn:
        own = await own_factors(conn, person_id=session.person_id)
    missing = missing_to_change(session, now=visit.now)
    figures = ReaderFigures(language=spoken(session.language), zone=ZoneInfo(session.time_zone))
    why = visit.request.query.get("why")
    return page(
        SUBJECT,
        status=status,
        **filters(figures),
        t=words_for(session),
        language=figures.language,
        session=session,
        own=own,
        problem=problem,
        why=why if why in tuple(Missing) and why != Missing.NOTHING else None,
        next=await next_of(visit),
        missing=missing.value,
        is_proven=session.proven_until is not None and visit.now < session.proven_until,
        has_name=has_name(visit.site.host),
        setup=_setup(visit, session, own) if missing is Missing.NOTHING else None,
        is_unreadable=own.totp is not None and factor_seal(visit.context.settings).open(own.totp.secret) is None,
    )


def _setup(visit: Visit, session: OpenSession, own: OwnFactors) -> dict[str, str] | None:
    """The secret that waits to be confirmed, for an authenticator to scan or for somebody to type in."""
    if own.totp is None:
        return None
    setup = totp.setup_of(own.totp, email=session.email, seal=factor_seal(visit.context.settings))
    if setup is None:
        return None
    import segno  # noqa: PLC0415 - processes that only serve calls have no need of it

    svg = segno.make_qr(setup.address, error="m").svg_inline(scale=5, border=4, svgclass="qr", lineclass=None)
    return {"secret": " ".join(setup.secret[at : at + 4] for at in range(0, len(setup.secret), 4)), "svg": svg}
