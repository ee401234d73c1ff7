"""Second factors of people: which they have, that one was shown, and that all are taken away."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.access.second_factor import PROVEN_FOR, Missing, ShownFactors, missing_lately
from gateway.domain.errors import Conflict, NotFound
from gateway.postgres.access import factors, people, sessions
from gateway.postgres.access.factors import FactorCount, PasskeyRow, TotpRow
from gateway.postgres.access.sessions import OpenSession
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnFactors:
    """`totp` may be one that is not confirmed yet."""

    passkeys: list[PasskeyRow]
    totp: TotpRow | None

    @property
    def has_totp(self) -> bool:
        return self.totp is not None and self.totp.confirmed_at is not None


def shown_in(session: OpenSession) -> ShownFactors:
    """What a session has seen of its person's second factors."""
    return ShownFactors(
        has_factor=session.has_factor, signed_in_at=session.created_at, proven_until=session.proven_until
    )


def missing_to_change(session: OpenSession, *, now: datetime) -> Missing:
    """Whoever changes their own factors has shown one within half an hour; who has none has just signed in."""
    return missing_lately(shown_in(session), needs_one=False, now=now)


def require_proven(session: OpenSession, *, now: datetime) -> None:
    """Conflict where one's own factors cannot be changed as things stand."""
    match missing_to_change(session, now=now):
        case Missing.NOTHING:
            return
        case Missing.SHOW:
            raise Conflict("show a second factor first")
        case _:
            raise Conflict("sign in again first")


async def own_factors(conn: PgConnection, *, person_id: int) -> OwnFactors:
    return OwnFactors(
        passkeys=await factors.list_passkeys(conn, person_id=person_id),
        totp=await factors.show_totp(conn, person_id=person_id),
    )


async def note_proof(
    conn: PgConnection,
    *,
    actor: Actor,
    session: OpenSession,
    by: str,
    made: Mapping[str, object] | None = None,
    now: datetime,
) -> None:
    """A second factor was shown in a session; within the transaction that found it right.

    `made` is the factor where it is a new one, which its person has from now on: that is written down with it.
    """
    until = now + PROVEN_FOR
    await sessions.prove(conn, session_id=session.id, until=until)
    before: Mapping[str, object] = {"proven_until": session.proven_until}
    after: Mapping[str, object] = {"proven_until": until}
    if made is None:
        what, note = f"session:{session.id}", f"{by} shown"
    else:
        what, note, after = f"person:{session.person_id}", f"{by} registered", {**made, **after}
    await write_down(conn, actor, Action.ME_CHANGE, what, before=before, after=after, note=note, now=now)


async def lock_person(conn: PgConnection, *, person_id: int) -> None:
    """Changes of one person's factors come one after the other."""
    if await people.lock(conn, person_id=person_id) is None:
        raise NotFound("there is no person {person}", person=person_id)


async def forget_factors(conn: PgConnection, *, actor: Actor, person_id: int, now: datetime) -> FactorCount:
    """Take all second factors of somebody away, who has lost them; those that they had. Conflict where they have none.

    Whoever signs in for them next registers another: so what they have open ends at once.
    """
    async with conn.transaction():
        await lock_person(conn, person_id=person_id)
        before = (await factors.count(conn, person_ids=[person_id]))[person_id]
        own = await own_factors(conn, person_id=person_id)
        if not own.passkeys and own.totp is None:
            raise Conflict("person {person} has no second factor", person=person_id)
        await factors.delete_all(conn, person_id=person_id)
        await sessions.revoke_of_person(conn, person_id=person_id, now=now)
        after = replace(before, passkeys=0, has_totp=False)
        what, note = f"person:{person_id}", "second factors taken away"
        await write_down(conn, actor, Action.PEOPLE_CHANGE, what, before=before, after=after, note=note, now=now)
    return before
