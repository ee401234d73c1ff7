"""Queries about what connections' webhooks were like (sql/queries/connections.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.postgres.rows import rows_in
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class HooksRow:
    """The last webhook of a connection that was taken, and the last that was refused."""

    connection: str
    configured_at: datetime
    accepted_at: datetime | None = None
    refused_at: datetime | None = None
    refused_status: int | None = None
    refused_why: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretRow:
    """When a secret last proved a webhook."""

    connection: str
    fingerprint: str
    used_at: datetime


async def note_hooks(conn: PgConnection, noted: Sequence[HooksRow]) -> None:
    await conn.execute(sql("connection_hooks_note"), rows_in(noted))


async def note_secrets(conn: PgConnection, noted: Sequence[SecretRow]) -> None:
    await conn.execute(sql("connection_secrets_note"), rows_in(noted))


async def list_hooks(conn: PgConnection) -> list[HooksRow]:
    return [HooksRow(**row) for row in await conn.fetch(sql("connection_hooks_list"))]


async def list_secrets(conn: PgConnection) -> list[SecretRow]:
    return [SecretRow(**row) for row in await conn.fetch(sql("connection_secrets_list"))]
