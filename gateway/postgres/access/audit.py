"""Queries about who did what (sql/queries/access/audit.sql)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditRow:
    """What somebody did to an object: `before` and `after` are what it was, as the object is shown; None: nothing.

    `actor_name` is what people call who did it, where `actor_id` is only a number; None: nobody, or it is not told.
    """

    id: int
    at: datetime
    actor_kind: str
    actor_id: str
    address: str | None
    request_id: str | None
    action: str
    account_id: int | None
    object: str
    before: Any
    after: Any
    note: str | None
    actor_name: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuditFilters:
    """What rows must be to be shown; None: whatever. `until` is exclusive."""

    account_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    action: str | None = None
    actor_kind: str | None = None
    actor_id: str | None = None
    object: str | None = None


async def append(
    conn: PgConnection,
    actor: Actor,
    action: Action,
    *,
    account_id: int | None,
    object: str,  # noqa: A002 - the column's name
    before: object,
    after: object,
    note: str | None,
    now: datetime,
) -> int:
    """Write a row in the transaction of what it is about. `before` and `after` are dataclasses or plain values."""
    row_id: int = await conn.fetchval(
        sql("audit_append"),
        now,
        actor.kind.value,
        actor.id,
        actor.address,
        actor.request_id,
        action.value,
        account_id,
        object,
        before,
        after,
        note,
    )
    return row_id


async def page(
    conn: PgConnection, filters: AuditFilters, *, before: int | None, limit: int, named_for: int | None = None
) -> list[AuditRow]:
    """Newest first; `before` is the id of the last one of the page before.

    `named_for` is the account that is told who is who among its own alone; None: all are named.
    """
    rows = await conn.fetch(
        sql("audit_list"),
        filters.account_id,
        before,
        limit,
        filters.since,
        filters.until,
        filters.action,
        filters.actor_kind,
        filters.actor_id,
        filters.object,
        named_for,
    )
    return [AuditRow(**row) for row in rows]
