"""Somebody who has signed in and asks for a page: who they are there, in which language, what the API tells them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from gateway.domain.access.actions import Action, Reach
from gateway.domain.access.actor import Actor
from gateway.domain.access.permissions import Permission, may, reach_of
from gateway.domain.access.second_factor import Missing, missing_for
from gateway.postgres.access.sessions import OpenSession
from gateway.usecases.access.factors import shown_in
from gateway.usecases.access.people import KnownPerson
from gateway.web.api.in_process import NOTHING, InProcessApi, Texts
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.browser.visiting import Visit
from gateway.web.pages.figures import ReaderFigures
from gateway.web.pages.words import PageWords


class ProofMissing(Exception):
    """Somebody must prove first that it is they, or be able to."""

    def __init__(self, missing: Missing) -> None:
        super().__init__(missing.value)
        self.missing = missing


@dataclass(frozen=True, slots=True, kw_only=True)
class PageVisit:
    """`account_id` is the account that the address names; None: a page of the operator's side.

    `form` is what was filled in, of a post, `files` what came with it; `secret` is that of the session.
    """

    visit: Visit
    api: InProcessApi
    session: OpenSession
    person: KnownPerson
    actor: Actor
    account_id: int | None
    language: str
    secret: str
    demo_people: Sequence[KnownPerson] = ()
    form: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def path(self) -> Mapping[str, str]:
        return self.visit.request.match_info

    @property
    def query(self) -> dict[str, str]:
        """What the address asks for, without what was left empty in a form."""
        return {name: value for name, value in self.visit.request.query.items() if value.strip()}

    @property
    def own(self) -> str:
        """What addresses of this side begin with."""
        return "" if self.account_id is None else f"/a/{self.account_id}"

    @property
    def figures(self) -> ReaderFigures:
        return ReaderFigures(language=self.language, zone=self.zone)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.person.time_zone)

    def words(self, subject: str) -> PageWords:
        return PageWords(language=self.language, subject=subject)

    def may(self, action: Action) -> bool:
        """Whether a button for it makes sense here."""
        if self.account_id is None:
            return reach_of(self.actor, action) is Reach.ALL
        return may(self.actor, action, self.account_id) is Permission.ALLOWED

    def require_tick(self) -> None:
        """Refuse what is not to be undone where nobody has ticked that they mean it."""
        if not self.form.get("sure"):
            raise Declined(code=ErrorCode.INVALID, detail=self.words("frame")("tick_first"), field="/sure")

    async def ask(self, route: str, *, path: Texts = NOTHING, query: Mapping[str, object] = NOTHING) -> Any:
        """What the API says by the name of a route; parameters that are None or empty are left out."""
        said = {name: str(value) for name, value in query.items() if value not in (None, "")}
        return await self.api.read(route, self.actor, path=path, query=said)

    async def do(
        self,
        route: str,
        *,
        path: Texts = NOTHING,
        body: Mapping[str, Any] | bytes | None = None,
        query: Texts = NOTHING,
        if_match: str | None = None,
    ) -> Any:
        """Have the API do it, once for each form that was shown: who presses twice does it once.

        ProofMissing where the session has not shown what the action needs.
        """
        self._require_proof(self.api.route(route).action)
        return await self.api.write(
            route,
            self.actor,
            path=path,
            body=body,
            query=query,
            key=self.form.get("key") or f"{self.session.id}:{self.visit.now.isoformat()}",
            if_match=if_match,
            sealed_by=self.secret,
        )

    def _require_proof(self, action: Action) -> None:
        missing = missing_for(
            action,
            self.actor.role,
            shown_in(self.session),
            operators_need_one=self.visit.context.settings.operator_second_factor,
            now=self.visit.now,
        )
        if missing is not Missing.NOTHING:
            raise ProofMissing(missing)


def memberships_of(person: KnownPerson) -> Sequence[int | None]:
    """Where somebody is a member: None is the operator's side."""
    return [each.account_id for each in person.memberships]
