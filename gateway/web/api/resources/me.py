"""Who asks; and what people change of themselves."""

import msgspec

from gateway.domain.access.actions import SCOPES, Action, Reach
from gateway.domain.access.actor import Actor, ActorKind
from gateway.domain.access.permissions import reach_of
from gateway.domain.access.roles import Role
from gateway.usecases.access.people import PersonChange, PersonView, change_own, show_person
from gateway.web.api.problems import Declined, ErrorCode
from gateway.web.api.reading import JsonBody, Text, Word
from gateway.web.api.resources.members import PersonName
from gateway.web.api.route import Asked, Method, NoQuery, Route


class OwnPerson(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody, as they see themselves."""

    id: int
    email: str
    name: str
    language: str
    time_zone: str


class Me(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks, and what they may: the actions, each for all accounts or for their own. A token is no `person`."""

    kind: ActorKind
    id: str
    role: Role
    account_id: int | None
    scopes: list[str]
    actions: dict[str, Reach]
    person: OwnPerson | None


class ChangedMe(JsonBody, frozen=True, kw_only=True):
    """What is not there stays."""

    name: PersonName | None = None
    language: Word | None = None
    time_zone: Text | None = None


def person_of(actor: Actor) -> int:
    """The person who asks; a token is nobody who has a name, a language or sessions."""
    if actor.kind is not ActorKind.PERSON:
        raise Declined(code=ErrorCode.REFUSED, detail="only people have this: a token is none")
    return int(actor.id)


async def show_me(asked: Asked[NoQuery, None]) -> Me:
    actor = asked.actor
    reaches = {action.value: reach_of(actor, action) for action in Action}
    is_person = actor.kind is ActorKind.PERSON
    return Me(
        kind=actor.kind,
        id=actor.id,
        role=actor.role,
        account_id=actor.account_id,
        scopes=list(SCOPES) if actor.scopes is None else sorted(actor.scopes),
        actions={name: reach for name, reach in reaches.items() if reach is not Reach.NONE},
        person=_own(await show_person(asked.conn, person_id=person_of(actor))) if is_person else None,
    )


async def change_me(asked: Asked[NoQuery, ChangedMe]) -> OwnPerson:
    """Change the name, the language and the time zone that pages and mails have for whoever asks. 409 for a token."""
    body = asked.body
    wanted = PersonChange(name=body.name, language=body.language, time_zone=body.time_zone)
    changed = await change_own(
        asked.conn, actor=asked.actor, person_id=person_of(asked.actor), change=wanted, now=asked.now
    )
    return _own(changed)


def _own(person: PersonView) -> OwnPerson:
    return OwnPerson(**{name: getattr(person, name) for name in OwnPerson.__struct_fields__})


ROUTES = (
    Route(
        method=Method.GET,
        path="/me",
        name="show_me",
        tag="me",
        action=Action.ME_READ,
        summary="Who am I, and what may I do?",
        handle=show_me,
        reply=Me,
    ),
    Route(
        method=Method.PATCH,
        path="/me",
        name="change_me",
        tag="me",
        action=Action.ME_CHANGE,
        summary="Change my name, my language or my time zone",
        handle=change_me,
        body=ChangedMe,
        reply=OwnPerson,
    ),
)
