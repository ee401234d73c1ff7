"""Queries about what people are, and to whom (sql/queries/access/memberships.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import asyncpg

from gateway.domain.access.roles import Role
from gateway.postgres.access.people import PersonRow
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

_PERSON: Final = tuple(PersonRow.__dataclass_fields__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MembershipRow:
    """What a person is to an account; `account_id` None: on the operator's side."""

    id: int
    person_id: int
    account_id: int | None
    account_name: str | None
    role: Role
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A membership with the person who has it; `id` is the membership's."""

    id: int
    person_id: int
    email: str
    name: str
    language: str
    account_id: int | None
    role: Role
    created_at: datetime
    disabled_at: datetime | None


async def create(
    conn: PgConnection, *, person_id: int, account_id: int | None, role: Role, now: datetime
) -> MembershipRow | None:
    """None where the person is a member there already."""
    return _read(await conn.fetchrow(sql("membership_create"), person_id, account_id, role.value, now))


async def lock(conn: PgConnection, *, membership_id: int) -> MembershipRow | None:
    return _read(await conn.fetchrow(sql("membership_show"), membership_id))


async def delete(conn: PgConnection, *, membership_id: int) -> None:
    await conn.execute(sql("membership_delete"), membership_id)


async def of_people(conn: PgConnection, *, person_ids: Sequence[int]) -> list[MembershipRow]:
    """Of each person the operator's side first, then accounts by their ids."""
    rows = await conn.fetch(sql("membership_of_people"), person_ids)
    return [MembershipRow(**{**row, "role": Role(row["role"])}) for row in rows]


async def known(conn: PgConnection, *, person_id: int) -> tuple[PersonRow, list[MembershipRow]] | None:
    """Somebody with all that they are, the operator's side first; None where there is nobody."""
    rows = await conn.fetch(sql("person_known"), person_id)
    if not rows:
        return None
    found = [
        MembershipRow(
            id=row["membership_id"],
            person_id=person_id,
            account_id=row["account_id"],
            role=Role(row["role"]),
            created_at=row["member_since"],
            account_name=row["account_name"],
        )
        for row in rows
        if row["membership_id"] is not None
    ]
    return PersonRow(**{name: rows[0][name] for name in _PERSON}), found


async def page(conn: PgConnection, *, account_id: int | None, before: int | None, limit: int) -> list[MemberRow]:
    """Newest first; `account_id` None: those of the operator's side."""
    rows = await conn.fetch(sql("membership_list"), account_id, before, limit)
    return [MemberRow(**{**row, "role": Role(row["role"])}) for row in rows]


async def lock_operators(conn: PgConnection) -> set[int]:
    """The persons who may sign in as operators."""
    return {row["person_id"] for row in await conn.fetch(sql("membership_operators"))}


async def has_operator(conn: PgConnection) -> bool:
    is_there: bool = await conn.fetchval(sql("membership_has_operator"))
    return is_there


def _read(row: asyncpg.Record | None) -> MembershipRow | None:
    return None if row is None else MembershipRow(**{**row, "role": Role(row["role"])})
