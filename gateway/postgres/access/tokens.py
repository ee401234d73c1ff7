"""Queries about tokens of programs (sql/queries/access/tokens.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from gateway.domain.access.roles import Role
from gateway.postgres.access import last_use
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRow:
    """A token but for its secret: `prefix` is how it begins, `scopes` None: all that its role may do."""

    id: int
    prefix: str
    name: str
    role: Role
    account_id: int | None
    scopes: list[str] | None
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    last_used_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewToken:
    """What is kept of a token that was drawn."""

    hash: bytes
    prefix: str
    name: str
    role: Role
    account_id: int | None
    scopes: Sequence[str] | None
    created_by: str
    expires_at: datetime | None


async def create(conn: PgConnection, new: NewToken, *, now: datetime) -> TokenRow:
    [row] = await conn.fetch(
        sql("token_create"),
        new.hash,
        new.prefix,
        new.name,
        new.role.value,
        new.account_id,
        new.scopes,
        new.created_by,
        now,
        new.expires_at,
    )
    return _read(row)


async def find(conn: PgConnection, *, hash: bytes) -> TokenRow | None:  # noqa: A002 - the column's name
    row = await conn.fetchrow(sql("token_find"), hash)
    return None if row is None else _read(row)


async def lock(conn: PgConnection, *, token_id: int) -> TokenRow | None:
    row = await conn.fetchrow(sql("token_show"), token_id)
    return None if row is None else _read(row)


async def page(conn: PgConnection, *, account_id: int | None, before: int | None, limit: int) -> list[TokenRow]:
    """Newest first; `account_id` None: all."""
    return [_read(row) for row in await conn.fetch(sql("token_list"), account_id, before, limit)]


async def revoke(conn: PgConnection, *, token_id: int, now: datetime) -> None:
    await conn.execute(sql("token_revoke"), token_id, now)


async def note_use(conn: PgConnection, token: TokenRow, *, now: datetime) -> None:
    await last_use.note_use(conn, "token_used", token.id, last_used_at=token.last_used_at, now=now)


def _read(row: asyncpg.Record) -> TokenRow:
    return TokenRow(**{**row, "role": Role(row["role"])})


async def maker(conn: PgConnection, *, token_id: int) -> str:
    """Who made a token, or the token that it was made by: somebody who is no token."""
    name: str = await conn.fetchval(sql("token_maker"), token_id)
    return name
