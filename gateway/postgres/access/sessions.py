"""Queries about sessions of people who have signed in (sql/queries/access/sessions.sql)."""

from dataclasses import dataclass
from datetime import datetime

from gateway.postgres.access import last_use
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSession:
    """What is kept of a session that begins."""

    hash: bytes
    person_id: int
    expires_at: datetime
    address: str
    agent: str
    proven_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenSession:
    """A session that counts, and whose it is; `proven_until`: until when a second factor counts that was shown."""

    id: int
    person_id: int
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    proven_until: datetime | None
    email: str
    name: str
    language: str
    time_zone: str
    has_factor: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionRow:
    """A session as it is shown: whose, from where, by what."""

    id: int
    person_id: int
    email: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    address: str
    agent: str
    revoked_at: datetime | None


async def create(conn: PgConnection, new: NewSession, *, now: datetime) -> int:
    session_id: int = await conn.fetchval(
        sql("session_create"),
        new.hash,
        new.person_id,
        now,
        new.expires_at,
        new.address,
        new.agent,
        new.proven_until,
    )
    return session_id


async def find(conn: PgConnection, *, hash: bytes, now: datetime) -> OpenSession | None:  # noqa: A002 - the column's name
    row = await conn.fetchrow(sql("session_find"), hash, now)
    return None if row is None else OpenSession(**row)


async def note_use(conn: PgConnection, session: OpenSession, *, now: datetime) -> None:
    await last_use.note_use(conn, "session_seen", session.id, last_used_at=session.seen_at, now=now)


async def prove(conn: PgConnection, *, session_id: int, until: datetime) -> None:
    await conn.execute(sql("session_prove"), session_id, until)


async def page(
    conn: PgConnection, *, person_id: int | None, now: datetime, before: int | None, limit: int
) -> list[SessionRow]:
    """Those that count, newest first."""
    rows = await conn.fetch(sql("session_list"), person_id, now, before, limit)
    return [SessionRow(**row) for row in rows]


async def lock(conn: PgConnection, *, session_id: int) -> SessionRow | None:
    row = await conn.fetchrow(sql("session_show"), session_id)
    return None if row is None else SessionRow(**row)


async def revoke(conn: PgConnection, *, session_id: int, now: datetime) -> None:
    await conn.execute(sql("session_revoke"), session_id, now)


async def revoke_of_person(conn: PgConnection, *, person_id: int, now: datetime) -> None:
    await conn.execute(sql("session_revoke_of_person"), person_id, now)


async def forget(conn: PgConnection, *, before: datetime, limit: int) -> int:
    """Delete sessions that have expired, and what was given to sign in them; how many sessions."""
    await conn.execute(sql("challenge_forget"), before)
    return len(await conn.fetch(sql("session_forget"), before, limit))
