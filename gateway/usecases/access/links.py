"""Links that sign somebody in: good once, for a quarter of an hour, and kept as a hash."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor, ActorKind
from gateway.domain.access.roles import Role
from gateway.domain.errors import Conflict, InvalidInput
from gateway.domain.mail.notices import NoticeKind
from gateway.postgres.access import links, memberships
from gateway.postgres.mail import outbox
from gateway.postgres.types import PgConnection
from gateway.usecases.access.members import Invitation, invite
from gateway.usecases.access.people import PersonView
from gateway.usecases.access.sessions import BegunSession, UserAgent, begin_session
from gateway.usecases.access.tokens import draw_secret, hash_of
from gateway.usecases.access.write_down import write_down

LINK_LIFE: Final = timedelta(minutes=15)
SIGN_IN_PATH: Final = "/sign-in"
LINK_PATH: Final = "/sign-in/link"
WELCOME_PATH: Final = "/welcome"
TRIES_MAX: Final = 5
TRIES_WITHIN: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that signs somebody in, once."""

    url: str
    expires_at: datetime


async def make_link(
    conn: PgConnection, *, actor: Actor, person: PersonView, base_url: str, is_mailed: bool = False, now: datetime
) -> Link:
    """A link for somebody, to be handed to them: whoever has it is they, for a quarter of an hour."""
    if person.disabled_at is not None:
        raise Conflict("{email} is disabled", email=person.email)
    secret, expires_at = draw_secret(), now + LINK_LIFE
    async with conn.transaction():
        await links.keep(conn, hash=hash_of(secret), person_id=person.id, now=now, expires_at=expires_at)
        if is_mailed:
            await _mail(conn, person.email, secret, base_url, now)
        note = "a link to sign in"
        await write_down(conn, actor, Action.ME_CHANGE, f"person:{person.id}", note=note, now=now)
    return Link(url=_url(base_url, LINK_PATH, secret), expires_at=expires_at)


async def mail_link(conn: PgConnection, *, email: str, base_url: str, now: datetime) -> None:
    """Mail a link to whoever has an address. Where nobody has, nothing is sent, and it takes the same work."""
    secret = draw_secret()
    async with conn.transaction():
        await links.keep_for(conn, hash=hash_of(secret), email=email, now=now, expires_at=now + LINK_LIFE)
        await _mail(conn, email, secret, base_url, now)


async def may_try(conn: PgConnection, *, address: str, about: str | None = None, now: datetime) -> bool:
    """Count a try to sign in: five a minute by a network address, and by what it is about. False: too many."""
    limited = [f"address:{address}"] + ([] if about is None else [about.lower()])
    async with conn.transaction():
        counted = [await links.count_try(conn, what, most=TRIES_MAX, within=TRIES_WITHIN, now=now) for what in limited]
    return all(counted)


async def sign_in_by_link(conn: PgConnection, *, secret: str, visitor: UserAgent, now: datetime) -> BegunSession | None:
    """Begin a session; None where the link is used, has expired, never was, or is of somebody who is disabled."""
    async with conn.transaction():
        person_id = await links.take(conn, hash=hash_of(secret), now=now)
        if person_id is None:
            return None
        return await begin_session(conn, person_id=person_id, visitor=visitor, by="a link", now=now)


async def make_first_link(conn: PgConnection, *, base_url: str, now: datetime) -> Link | None:
    """A link by which somebody becomes the first operator; None where there is one."""
    if await memberships.has_operator(conn):
        return None
    secret, expires_at = draw_secret(), now + LINK_LIFE
    await links.keep(conn, hash=hash_of(secret), person_id=None, now=now, expires_at=expires_at)
    return Link(url=_url(base_url, WELCOME_PATH, secret), expires_at=expires_at)


async def become_first_operator(
    conn: PgConnection, *, secret: str, email: str, name: str, visitor: UserAgent, now: datetime
) -> BegunSession | None:
    """Become the first operator, and sign in; None where the link is of no use, or somebody was quicker."""
    async with conn.transaction():
        if not await links.take_first(conn, hash=hash_of(secret), now=now):
            return None
        # Two links may be about: whoever comes second finds the first.
        await links.count_try(conn, "first operator", most=TRIES_MAX, within=TRIES_WITHIN, now=now)
        if await memberships.has_operator(conn):
            raise InvalidInput("there is an operator already")
        first = Actor(
            kind=ActorKind.PERSON,
            id="first",
            role=Role.OPERATOR,
            address=visitor.address,
            request_id=visitor.request_id,
        )
        invitation = Invitation(email=email, role=Role.OPERATOR, account_id=None, name=name)
        member = await invite(conn, actor=first, invitation=invitation, now=now)
        return await begin_session(conn, person_id=member.person_id, visitor=visitor, by="the first link", now=now)


async def _mail(conn: PgConnection, email: str, secret: str, base_url: str, now: datetime) -> None:
    facts = {
        "link": _url(base_url, LINK_PATH, secret),
        "page": f"{base_url.rstrip('/')}{SIGN_IN_PATH}",
        "until": (now + LINK_LIFE).isoformat(),
    }
    key = f"sign_in:{hash_of(secret).hex()}"
    await outbox.queue_person(conn, email=email, kind=NoticeKind.SIGN_IN, key=key, facts=facts, now=now)


def _url(base_url: str, path: str, secret: str) -> str:
    return f"{base_url.rstrip('/')}{path}?secret={secret}"
