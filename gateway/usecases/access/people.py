"""People: who can sign in, and what they are to whom."""

import zoneinfo
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Final

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.access.roles import Role
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.domain.mail.languages import LANGUAGES, find_language
from gateway.postgres.access import factors, memberships, people, sessions
from gateway.postgres.access.factors import FactorCount
from gateway.postgres.access.memberships import MembershipRow
from gateway.postgres.access.people import PersonRow
from gateway.postgres.accounts import accounts
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down

NAME_LENGTH_MAX: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownPerson:
    """Somebody, with all that they are; `disabled_at`: since when they can sign in no more."""

    id: int
    email: str
    name: str
    language: str
    time_zone: str
    created_at: datetime
    disabled_at: datetime | None
    memberships: Sequence[MembershipRow]


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView(KnownPerson):
    """The same, with how they can prove that it is they."""

    factors: FactorCount


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChange:
    """What shall be another; None: what stays."""

    name: str | None = None
    language: str | None = None
    time_zone: str | None = None
    is_disabled: bool | None = None


async def list_people(conn: PgConnection, *, before: int | None = None, limit: int = 100) -> list[PersonView]:
    """Newest first."""
    return await _viewed(conn, await people.page(conn, before=before, limit=limit))


async def change_person(
    conn: PgConnection, *, actor: Actor, person_id: int, change: PersonChange, now: datetime
) -> PersonView:
    """Change what is named. Whoever is disabled is signed out everywhere, at once; the last operator cannot be."""
    return await _change(conn, actor, person_id, change, action=Action.PEOPLE_CHANGE, now=now)


async def change_own(
    conn: PgConnection, *, actor: Actor, person_id: int, change: PersonChange, now: datetime
) -> PersonView:
    """The same of oneself, which everybody may who has signed in."""
    return await _change(conn, actor, person_id, change, action=Action.ME_CHANGE, now=now)


async def _change(
    conn: PgConnection, actor: Actor, person_id: int, change: PersonChange, *, action: Action, now: datetime
) -> PersonView:
    async with conn.transaction():
        operators = await memberships.lock_operators(conn) if change.is_disabled else set[int]()
        before = _there(await people.lock(conn, person_id=person_id), person_id)
        after = replace(
            before,
            name=valid_name(before.name if change.name is None else change.name),
            language=valid_language(before.language if change.language is None else change.language),
            time_zone=await _valid_zone(conn, before.time_zone if change.time_zone is None else change.time_zone),
            disabled_at=_disabled_at(before, change, now),
        )
        if after.disabled_at is not None and before.disabled_at is None:
            require_another(operators, person_id)
            await sessions.revoke_of_person(conn, person_id=person_id, now=now)
        await people.change(conn, after)
        what = f"person:{person_id}"
        await write_down(conn, actor, action, what, before=before, after=after, now=now)
        [view] = await _viewed(conn, [after])
    return view


async def show_person(conn: PgConnection, *, person_id: int) -> PersonView:
    """NotFound where there is none. They are not locked: whoever locks people locks the operators first."""
    [view] = await _viewed(conn, [_there(await people.show(conn, person_id=person_id), person_id)])
    return view


async def know_person(conn: PgConnection, *, person_id: int) -> KnownPerson:
    """What every page wants to know of who looks at it; NotFound where there is none."""
    found = await memberships.known(conn, person_id=person_id)
    if found is None:
        raise NotFound("there is no person {person}", person=person_id)
    row, their_own = found
    return KnownPerson(**{each.name: getattr(row, each.name) for each in fields(row)}, memberships=their_own)


async def find_person(conn: PgConnection, *, email: str) -> PersonView:
    """Whoever has this address, in any case; NotFound where nobody has."""
    person = await people.find(conn, email=email)
    if person is None:
        raise NotFound("nobody has the address {email}: invite them first", email=email)
    [view] = await _viewed(conn, [person])
    return view


def require_another(operators: set[int], person_id: int) -> None:
    """Refuse to take the last one away who can let others in; the operators are locked, before anybody else is."""
    if operators == {person_id}:
        raise Conflict("this is the last operator: make somebody else one first")


def valid_name(name: str) -> str:
    if len(name.strip()) > NAME_LENGTH_MAX or not name.isprintable():
        raise InvalidInput("name: must be at most {most} printable characters", most=NAME_LENGTH_MAX)
    return name.strip()


def valid_language(tag: str) -> str:
    language = find_language(tag)
    if language is None:
        raise InvalidInput("language: {tag!r} is not one of {choices}", tag=tag, choices=", ".join(LANGUAGES))
    return language


def role_of(view: KnownPerson, *, account_id: int | None) -> Role:
    """What somebody is to an account, or on the operator's side; NotFound where they are nothing."""
    for each in view.memberships:
        if each.account_id == account_id:
            return each.role
    raise NotFound("there is no such membership")


async def _valid_zone(conn: PgConnection, name: str) -> str:
    """Both Python and the database reckon with it."""
    if name not in zoneinfo.available_timezones() or not await accounts.knows_time_zone(conn, name=name):
        raise InvalidInput("time zone: {name!r} is not known; write it like Europe/Berlin", name=name)
    return name


def _disabled_at(person: PersonRow, change: PersonChange, now: datetime) -> datetime | None:
    match change.is_disabled:
        case None:
            return person.disabled_at
        case True:
            return person.disabled_at or now
        case False:
            return None


def _there(person: PersonRow | None, person_id: int) -> PersonRow:
    if person is None:
        raise NotFound("there is no person {person}", person=person_id)
    return person


async def _viewed(conn: PgConnection, rows: Sequence[PersonRow]) -> list[PersonView]:
    ids = [each.id for each in rows]
    found = await memberships.of_people(conn, person_ids=ids)
    counts = await factors.count(conn, person_ids=ids)
    return [
        PersonView(
            id=row.id,
            email=row.email,
            name=row.name,
            language=row.language,
            time_zone=row.time_zone,
            created_at=row.created_at,
            disabled_at=row.disabled_at,
            memberships=[each for each in found if each.person_id == row.id],
            factors=counts[row.id],
        )
        for row in rows
    ]
