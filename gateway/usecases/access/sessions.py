"""Sessions of people: what signing in begins, whose they are, and how they end."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor, ActorKind
from gateway.domain.access.roles import Role
from gateway.domain.errors import Conflict, NotFound
from gateway.postgres.access import sessions
from gateway.postgres.access.sessions import NewSession, OpenSession, SessionRow
from gateway.postgres.types import PgConnection
from gateway.usecases.access.people import KnownPerson
from gateway.usecases.access.tokens import draw_secret, hash_of
from gateway.usecases.access.write_down import write_down

SESSION_LIFE: Final = timedelta(days=7)
AGENT_LENGTH_MAX: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class UserAgent:
    """Who asks, before it is known who they are: their network address, and what their browser calls itself."""

    address: str
    agent: str
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BegunSession:
    """A session, and its secret, which the browser keeps and nobody else."""

    id: int
    person_id: int
    secret: str
    expires_at: datetime


def person_actor(
    person_id: int, visitor: UserAgent, *, role: Role = Role.READER, account_id: int | None = None
) -> Actor:
    """Somebody who signs in, or does what concerns only themselves, for which their role counts nothing."""
    return Actor(
        kind=ActorKind.PERSON,
        id=str(person_id),
        role=role,
        account_id=account_id,
        address=visitor.address,
        request_id=visitor.request_id,
    )


async def begin_session(
    conn: PgConnection,
    *,
    person_id: int,
    visitor: UserAgent,
    by: str,
    proven_until: datetime | None = None,
    now: datetime,
) -> BegunSession:
    """Begin a session of somebody who has proven who they are; within a transaction."""
    secret, expires_at = draw_secret(), now + SESSION_LIFE
    new = NewSession(
        hash=hash_of(secret),
        person_id=person_id,
        expires_at=expires_at,
        address=visitor.address,
        agent=visitor.agent[:AGENT_LENGTH_MAX],
        proven_until=proven_until,
    )
    session_id = await sessions.create(conn, new, now=now)
    actor, what = person_actor(person_id, visitor), f"session:{session_id}"
    after = {"expires_at": expires_at, "address": visitor.address, "agent": new.agent}
    await write_down(conn, actor, Action.ME_CHANGE, what, after=after, note=f"signed in by {by}", now=now)
    return BegunSession(id=session_id, person_id=person_id, secret=secret, expires_at=expires_at)


async def open_session(conn: PgConnection, *, secret: str, now: datetime) -> OpenSession | None:
    """The session of a secret; None where it is over, or its person is disabled. That it is used is noted."""
    session = await sessions.find(conn, hash=hash_of(secret), now=now)
    if session is not None:
        await sessions.note_use(conn, session, now=now)
    return session


def actor_of_session(session: OpenSession, person: KnownPerson, visitor: UserAgent, *, account_id: int | None) -> Actor:
    """Somebody as the member that they chose to be; NotFound where they are none there."""
    for membership in person.memberships:
        if membership.account_id == account_id:
            actor = person_actor(session.person_id, visitor, role=membership.role)
            return replace(actor, account_id=account_id)
    raise NotFound("there is no such membership")


async def list_sessions(
    conn: PgConnection, *, person_id: int | None, now: datetime, before: int | None = None, limit: int = 100
) -> list[SessionRow]:
    """Those that count, newest first; `person_id` None: everybody's."""
    return await sessions.page(conn, person_id=person_id, now=now, before=before, limit=limit)


async def end_session(
    conn: PgConnection, *, actor: Actor, session_id: int, person_id: int | None = None, now: datetime
) -> SessionRow:
    """Have a session count no more, at once; Conflict where it does not. `person_id`: whose it must be."""
    async with conn.transaction():
        before = await sessions.lock(conn, session_id=session_id)
        if before is None or person_id not in (None, before.person_id):
            raise NotFound("there is no session {session}", session=session_id)
        if before.revoked_at is not None or before.expires_at <= now:
            raise Conflict("session {session} is over already", session=session_id)
        await sessions.revoke(conn, session_id=session_id, now=now)
        after = replace(before, revoked_at=now)
        is_own = actor.kind is ActorKind.PERSON and actor.id == str(before.person_id)
        action = Action.ME_CHANGE if is_own else Action.PEOPLE_CHANGE
        await write_down(conn, actor, action, f"session:{session_id}", before=before, after=after, now=now)
    return after
