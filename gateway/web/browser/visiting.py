"""Who comes: by which address, with which session. What every handler of these pages begins with."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final

from aiohttp import hdrs, web

from gateway.context import Context
from gateway.domain.errors import DatabaseAway
from gateway.postgres.access.sessions import OpenSession
from gateway.usecases.access.people import KnownPerson, know_person
from gateway.usecases.access.sessions import BegunSession, UserAgent, open_session
from gateway.web.api.database import ApiDatabase
from gateway.web.bodies import BODY_MAX
from gateway.web.browser.plain import refused
from gateway.web.browser.site import Site, is_own_post, site_of

_SECRET_LENGTH_MAX: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PostedForm:
    """What somebody filled in, by the names of the fields."""

    texts: dict[str, str]
    files: dict[str, bytes]


def _content(file: web.FileField) -> bytes:
    with file.file as opened:
        return opened.read()


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request of a browser, to an address that may be trusted; a post is of a page of ours."""

    request: web.Request
    context: Context
    database: ApiDatabase
    site: Site
    visitor: UserAgent

    @property
    def now(self) -> datetime:
        return self.context.clock.now()

    async def form(self) -> dict[str, str]:
        """What was filled in; a file is not."""
        return (await self.posted()).texts

    async def posted(self, *, size_max: int = BODY_MAX) -> PostedForm:
        """What was filled in, and the files."""
        request = self.request if size_max == BODY_MAX else self.request.clone(client_max_size=size_max)
        form = await request.post()
        return PostedForm(
            texts={name: value for name, value in form.items() if isinstance(value, str)},
            files={name: _content(value) for name, value in form.items() if isinstance(value, web.FileField)},
        )

    async def session(self) -> OpenSession | None:
        """Whoever has signed in by this browser."""
        if (secret := self._secret()) is None:
            return None
        async with self.database.connection() as conn:
            return await open_session(conn, secret=secret, now=self.now)

    async def signed_in(self) -> tuple[OpenSession, KnownPerson] | None:
        """The same, with who they are."""
        if (secret := self._secret()) is None:
            return None
        async with self.database.connection() as conn:
            session = await open_session(conn, secret=secret, now=self.now)
            return None if session is None else (session, await know_person(conn, person_id=session.person_id))

    def _secret(self) -> str | None:
        """What the browser keeps of a session, if it may be one."""
        secret = self.request.cookies.get(self.site.cookie)
        return secret if secret and secret.isascii() and len(secret) <= _SECRET_LENGTH_MAX else None

    def begin(self, response: web.Response, session: BegunSession) -> web.Response:
        """Have the browser keep a session."""
        seconds = int((session.expires_at - self.now).total_seconds())
        response.set_cookie(
            self.site.cookie,
            session.secret,
            max_age=seconds,
            path="/",
            secure=self.site.is_tls,
            httponly=True,
            samesite="Lax",
        )
        return response

    def end(self, response: web.Response) -> web.Response:
        """Have the browser forget its session."""
        response.del_cookie(self.site.cookie, path="/", secure=self.site.is_tls, httponly=True, samesite="Lax")
        return response


Handler = Callable[[Visit], Awaitable[web.StreamResponse]]


class Visiting:
    """Makes handlers of a visit into handlers of a request."""

    def __init__(self, context: Context, database: ApiDatabase) -> None:
        self._context = context
        self._database = database

    def handler(self, handle: Handler) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        return partial(self._handle, handle)

    async def _handle(self, handle: Handler, request: web.Request) -> web.StreamResponse:
        site = site_of(request, self._context.settings)
        if not site.is_safe:
            return refused(request, 403, "not_safe")
        if request.method != hdrs.METH_GET and not is_own_post(request, site):
            return refused(request, 403, "not_ours")
        visit = Visit(
            request=request,
            context=self._context,
            database=self._database,
            site=site,
            visitor=UserAgent(address=request.remote or "", agent=request.headers.get(hdrs.USER_AGENT, "")),
        )
        try:
            return await handle(visit)
        except DatabaseAway:
            return refused(request, 503, "not_now")
