"""Everybody who can sign in, for operators."""

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec

from gateway.domain.access.actions import Action
from gateway.domain.access.roles import Role
from gateway.domain.errors import NotFound
from gateway.postgres.access.factors import FactorCount
from gateway.postgres.access.memberships import MemberRow, MembershipRow
from gateway.usecases.access import members, people
from gateway.usecases.access.factors import forget_factors
from gateway.usecases.access.invitations import invite_by_mail
from gateway.usecases.access.members import Invitation
from gateway.usecases.access.people import PersonChange, PersonView, change_person, show_person
from gateway.web.api.reading import Id, JsonBody, ListQuery, Text, Word
from gateway.web.api.resources.members import Email, PersonName
from gateway.web.api.route import Asked, Method, NoQuery, Route, Rows
from gateway.web.api.runner import require_version
from gateway.web.api.versions import version_of

Disabled = Annotated[bool, msgspec.Meta(description="Whether they can sign in no more.")]


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in, unless they are disabled, with all that they are: null is the operator's side."""

    id: int
    version: str
    email: str
    name: str
    language: str
    time_zone: str
    created_at: datetime
    disabled_at: datetime | None
    memberships: list[MembershipRow]
    factors: FactorCount


class PersonQuery(ListQuery, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class NewPerson(JsonBody, frozen=True, kw_only=True):
    """`account_id` is the account that they will be of; operators and support have none."""

    email: Email
    role: Role
    account_id: Id | None = None
    name: PersonName = ""
    language: Word | None = None


class ChangedPerson(JsonBody, frozen=True, kw_only=True):
    """What is not there stays. An address is never another: it is who somebody is."""

    name: PersonName | None = None
    language: Word | None = None
    time_zone: Text | None = None
    is_disabled: Disabled | None = None


async def list_people(asked: Asked[PersonQuery, None]) -> Rows[Person]:
    found = await people.list_people(asked.conn, before=asked.before_id, limit=asked.one_more)
    return asked.rows([_person(each) for each in found])


async def show(asked: Asked[NoQuery, None]) -> Person:
    return _person(await show_person(asked.conn, person_id=asked.path["person_id"]))


async def invite(asked: Asked[NoQuery, NewPerson]) -> MemberRow:
    """A link to sign in goes to their address, and to nobody else."""
    body = asked.body
    invitation = Invitation(
        email=body.email, role=body.role, account_id=asked.account_id, name=body.name, language=body.language
    )
    return await invite_by_mail(
        asked.conn,
        actor=asked.actor,
        invitation=invitation,
        base_url=asked.context.settings.pages_url,
        now=asked.now,
    )


async def change(asked: Asked[NoQuery, ChangedPerson]) -> Person:
    person_id, body = asked.path["person_id"], asked.body
    require_version(asked, _person(await show_person(asked.conn, person_id=person_id)).version)
    wanted = PersonChange(**{name: getattr(body, name) for name in body.__struct_fields__})
    changed = await change_person(asked.conn, actor=asked.actor, person_id=person_id, change=wanted, now=asked.now)
    return _person(changed)


async def forget_second_factors(asked: Asked[NoQuery, None]) -> None:
    """For somebody who has lost them: they sign in again, and register others. 409 where they have none."""
    await forget_factors(asked.conn, actor=asked.actor, person_id=asked.path["person_id"], now=asked.now)


async def remove_membership(asked: Asked[NoQuery, None]) -> None:
    person = await show_person(asked.conn, person_id=asked.path["person_id"])
    member_id = asked.path["member_id"]
    found = next((each for each in person.memberships if each.id == member_id), None)
    if found is None:
        raise NotFound("there is no such membership")
    await members.remove_member(
        asked.conn, actor=asked.actor, account_id=found.account_id, member_id=member_id, now=asked.now
    )


def _person(view: PersonView) -> Person:
    fields: dict[str, Any] = {name: getattr(view, name) for name in Person.__struct_fields__ if name != "version"}
    settings = {name: fields[name] for name in ("name", "language", "time_zone", "disabled_at")}
    return Person(version=version_of(settings), **fields)


ROUTES: Final = (
    Route(
        method=Method.GET,
        path="/people",
        name="list_people",
        tag="people",
        action=Action.PEOPLE_READ,
        summary="Who can sign in, and as what?",
        handle=list_people,
        query=PersonQuery,
        reply=Person,
        is_list=True,
    ),
    Route(
        method=Method.POST,
        path="/people",
        name="invite_person",
        tag="people",
        action=Action.PEOPLE_CHANGE,
        summary="Invite somebody, by mail",
        handle=invite,
        body=NewPerson,
        reply=MemberRow,
        status=HTTPStatus.CREATED,
        needs_key=True,
    ),
    Route(
        method=Method.GET,
        path="/people/{person_id}",
        name="show_person",
        tag="people",
        action=Action.PEOPLE_READ,
        summary="Who is this, and what are they to whom?",
        handle=show,
        reply=Person,
    ),
    Route(
        method=Method.PATCH,
        path="/people/{person_id}",
        name="change_person",
        tag="people",
        action=Action.PEOPLE_CHANGE,
        summary="Change a person, or have them sign in no more",
        handle=change,
        body=ChangedPerson,
        reply=Person,
        has_version=True,
    ),
    Route(
        method=Method.DELETE,
        path="/people/{person_id}/factors",
        name="forget_factors",
        tag="people",
        action=Action.PEOPLE_CHANGE,
        summary="Take all passkeys and one-time passwords of somebody away, and end their sessions",
        handle=forget_second_factors,
        reply=None,
        status=HTTPStatus.NO_CONTENT,
    ),
    Route(
        method=Method.DELETE,
        path="/people/{person_id}/memberships/{member_id}",
        name="remove_membership",
        tag="people",
        action=Action.PEOPLE_CHANGE,
        summary="Take a membership of anybody away",
        handle=remove_membership,
        reply=None,
        status=HTTPStatus.NO_CONTENT,
    ),
)
