"""How a page is served: who has signed in, may they see it, what it shows; and how a form's deed is done."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Final
from urllib.parse import quote
from uuid import uuid4

from aiohttp import hdrs, web

from gateway.context import Context
from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.errors import GatewayError, NotFound
from gateway.domain.mail.languages import LANGUAGES
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.access.sessions import OpenSession
from gateway.postgres.errors import is_database_away, is_own_fault, is_retryable, is_statement_cancelled
from gateway.usecases.access.people import KnownPerson
from gateway.usecases.access.sessions import actor_of_session
from gateway.web.api.in_process import InProcessApi
from gateway.web.api.problems import Declined, ErrorCode, refused_by
from gateway.web.browser.plain import refused
from gateway.web.browser.rendering import fragment, to
from gateway.web.browser.rendering import page as rendered
from gateway.web.browser.visiting import PostedForm, Visit, Visiting
from gateway.web.pages.account_names import links_of
from gateway.web.pages.asking import detail_of, said_of
from gateway.web.pages.figures import filters
from gateway.web.pages.live_streams import LiveStreams
from gateway.web.pages.navigation import navigation, whereabouts
from gateway.web.pages.page import OWN, Deed, Page, Shown
from gateway.web.pages.visit import PageVisit, ProofMissing, memberships_of
from gateway.web.sign_in.demo import demo_people
from gateway.web.sign_in.factors import factor_page
from gateway.words.vocabulary import spoken

SIGN_IN: Final = "/sign-in"
NOT_HERE: Final = "not_here"


class PageServer:
    """Serves the table of pages, on the API of this process."""

    def __init__(self, context: Context, api: InProcessApi, pages: Sequence[Page], deeds: Sequence[Deed]) -> None:
        self._context = context
        self._api = api
        self._pages = pages
        self._by_path = {each.path: each for each in pages}
        self._deeds = deeds
        self._streams = LiveStreams()

    def routes(self, visiting: Visiting) -> list[web.RouteDef]:
        on = visiting.handler
        return [
            web.get("/csv/{route}", on(self._download)),
            web.get(f"{OWN}/csv/{{route}}", on(self._download)),
            *(web.get(each.path, on(partial(self._show, each))) for each in self._pages),
            *(web.get(f"{each.path}/events", on(partial(self._stream, each))) for each in self._pages if each.live),
            *(web.post(each.path, on(partial(self._do, each))) for each in self._deeds),
        ]

    async def _show(self, page: Page, visit: Visit) -> web.Response:
        visiting = await self._visiting(visit)
        if isinstance(visiting, web.Response):
            return visiting
        try:
            _require(visiting, page.action)
            return self._rendered(page, visiting, await page.show(visiting))
        except Exception as error:  # noqa: BLE001 - the outermost place that knows the page
            return self._refused(page, visiting, error)

    async def _do(self, deed: Deed, visit: Visit) -> web.Response:
        visiting = await self._visiting(visit)
        if isinstance(visiting, web.Response):
            return visiting
        page = self._by_path[deed.page]
        try:
            _require(visiting, deed.action)
            posted = await _posted(visit, deed)
            visiting = replace(visiting, form=posted.texts, files=posted.files)
            done = await deed.do(visiting)
            return to(done) if isinstance(done, str) else self._rendered(page, visiting, done)
        except ProofMissing as error:
            return to(factor_page(error.missing, next_path=deed.page.format(**visiting.path)))
        except Exception as error:  # noqa: BLE001 - the outermost place that knows the page
            return await self._refused_deed(page, visiting, error)

    async def _stream(self, page: Page, visit: Visit) -> web.StreamResponse:
        """A page's part that moves, again and again; who may not see it any more is sent nothing more."""
        form_key = uuid4().hex

        async def show() -> str | None:
            visiting = await self._visiting(visit)
            if isinstance(visiting, web.Response) or not visiting.may(page.action):
                return None
            values = self._values(page, visiting, await page.show(visiting))
            return fragment(f"{page.live}", **values | {"form_key": form_key})

        try:
            return await self._streams.send(visit.request, show)
        except Exception as error:  # noqa: BLE001 - the outermost place that knows the page
            return web.Response(status=_as_refused(error).status)

    async def _download(self, visit: Visit) -> web.StreamResponse:
        """What a page lists, whole, as a file."""
        visiting = await self._visiting(visit)
        if isinstance(visiting, web.Response):
            return visiting
        name, names = visiting.path["route"], {}
        if visiting.account_id is not None:
            names["account_id"] = str(visiting.account_id)
        try:
            route = self._api.route(name)
            query = visiting.query
            if "account_id" in names and route.narrows:
                query["account_id"] = names["account_id"]
            return await self._api.download(name, visiting.actor, visit.request, path=names, query=query)
        except (KeyError, GatewayError, Declined):
            return refused(visit.request, 404, NOT_HERE, language=visiting.language)

    async def _visiting(self, visit: Visit) -> "PageVisit | web.Response":
        """Somebody as whom they are here; else where they have to go first."""
        signed_in = await visit.signed_in()
        if signed_in is None:
            return to(SIGN_IN)
        session, person = signed_in
        wanted = visit.request.match_info.get("account_id")
        actor = _actor(session, person, visit, account_id=_account_id(wanted))
        if actor is None:
            return self._elsewhere(visit, person)
        return PageVisit(
            demo_people=await demo_people(visit),
            visit=visit,
            api=self._api,
            session=session,
            person=person,
            actor=actor,
            account_id=_account_id(wanted),
            language=spoken(person.language),
            secret=visit.request.cookies.get(visit.site.cookie, ""),
        )

    def _elsewhere(self, visit: Visit, person: KnownPerson) -> web.Response:
        """To the page of the same name of their own account, or to its first; what is another's is not there."""
        accounts = [each for each in memberships_of(person) if each is not None]
        if accounts and "account_id" not in visit.request.match_info:
            path = visit.request.path.rstrip("/")
            return to(f"/a/{accounts[0]}{path if OWN + path in self._by_path else ''}")
        return refused(visit.request, 404, NOT_HERE, language=spoken(person.language))

    def _rendered(
        self, page: Page, visiting: PageVisit, shown: Shown, *, template: str | None = None, message: str | None = None
    ) -> web.Response:
        values = self._values(page, visiting, shown, message=message)
        return rendered(template or page.template, status=shown.status, **values)

    def _values(self, page: Page, visiting: PageVisit, shown: Shown, *, message: str | None = None) -> dict[str, Any]:
        """All that a template can name."""
        return {
            "t": visiting.words(page.words),
            "visit": visiting,
            "here": _here(page, visiting),
            "language": visiting.language,
            "languages": LANGUAGES,
            "navigation": navigation(self._pages, page, visiting),
            "own": visiting.own,
            "whereabouts": whereabouts(visiting),
            "form_key": uuid4().hex,
            "message": message,
            "now": visiting.visit.now,
            "given": visiting.form,
            "shown": shown,
            "demo_people": visiting.demo_people,
            "of_account": links_of(shown.values.get("account_names", {})),
            **filters(visiting.figures),
            **shown.values,
        }

    def _refused(self, page: Page, visiting: PageVisit, error: Exception) -> web.Response:
        declined = _as_refused(error)
        shown = Shown(values={"refused": declined, "detail": detail_of(visiting, declined)}, status=declined.status)
        return self._rendered(page, visiting, shown, template="not_shown")

    async def _refused_deed(self, page: Page, visiting: PageVisit, error: Exception) -> web.Response:
        """The form's page once more, with what is wrong; what was filled in is still there."""
        declined = _as_refused(error)
        try:
            shown = await page.show(visiting)
        except Exception:  # noqa: BLE001 - then what was refused is all there is to say
            return self._refused(page, visiting, error)
        return self._rendered(
            page, visiting, replace(shown, status=declined.status), message=said_of(visiting, declined)
        )


async def _posted(visit: Visit, deed: Deed) -> PostedForm:
    try:
        return await visit.posted(size_max=deed.body_max)
    except web.HTTPRequestEntityTooLarge as error:
        raise Declined(code=ErrorCode.TOO_LARGE, detail="") from error


def _require(visiting: PageVisit, action: Action) -> None:
    if not visiting.may(action):
        raise Declined(code=ErrorCode.FORBIDDEN, detail=action.meaning)


def _here(page: Page, visiting: PageVisit) -> str:
    """The address of what is shown: of a form that was sent, the page that it stands on."""
    request = visiting.visit.request
    if request.method == hdrs.METH_GET:
        return request.rel_url.raw_path_qs
    return page.path.format_map({name: quote(value, safe="+:") for name, value in visiting.path.items()})


def _as_refused(error: Exception) -> Declined:
    match error:
        case Declined():
            return error
        case GatewayError():
            return refused_by(error)
    if any(is_so(error) for is_so in (is_database_away, is_retryable, is_statement_cancelled)):
        return Declined(code=ErrorCode.UNAVAILABLE, detail="")
    if is_own_fault(error):
        return Declined(code=ErrorCode.REFUSED, detail="")
    logger().error(LogEvent.API_FAILED, request_id="", exc_info=error)
    return Declined(code=ErrorCode.FAILED, detail="")


def _account_id(text: str | None) -> int | None:
    """0, which no account has, where it is no id."""
    if text is None:
        return None
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _actor(session: OpenSession, person: KnownPerson, visit: Visit, *, account_id: int | None) -> Actor | None:
    """As a member of the account that is asked for; else as one of the operator's side, who see every account."""
    for place in dict.fromkeys((account_id, None)):
        try:
            return actor_of_session(session, person, visit.visitor, account_id=place)
        except NotFound:
            continue
    return None
