"""Queries about people (sql/queries/access/people.sql)."""

from dataclasses import dataclass
from datetime import datetime

import asyncpg

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """Somebody who can sign in, unless they are disabled."""

    id: int
    email: str
    name: str
    language: str
    time_zone: str
    created_at: datetime
    disabled_at: datetime | None


async def find_or_create(
    conn: PgConnection, *, email: str, name: str, language: str, time_zone: str, now: datetime
) -> PersonRow:
    """Whoever has the address, as they are, or somebody new."""
    created = await conn.fetchrow(sql("person_create"), email, name, language, time_zone, now)
    known = _read(created) or await find(conn, email=email)
    assert known is not None, "people are never deleted"  # noqa: S101
    return known


async def show(conn: PgConnection, *, person_id: int) -> PersonRow | None:
    return _read(await conn.fetchrow(sql("person_show"), person_id))


async def find(conn: PgConnection, *, email: str) -> PersonRow | None:
    """The person of an address, in any case, locked."""
    return _read(await conn.fetchrow(sql("person_of_email"), email))


async def lock(conn: PgConnection, *, person_id: int) -> PersonRow | None:
    return _read(await conn.fetchrow(sql("person_lock"), person_id))


async def page(conn: PgConnection, *, before: int | None, limit: int) -> list[PersonRow]:
    """Newest first."""
    return [PersonRow(**row) for row in await conn.fetch(sql("person_list"), before, limit)]


async def change(conn: PgConnection, person: PersonRow) -> PersonRow:
    """Have a person as they stand here; their address stays."""
    [row] = await conn.fetch(
        sql("person_change"), person.id, person.name, person.language, person.time_zone, person.disabled_at
    )
    return PersonRow(**row)


def _read(row: asyncpg.Record | None) -> PersonRow | None:
    return None if row is None else PersonRow(**row)
