"""Queries about webhooks as they came (sql/queries/hooks.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from gateway.postgres.rows import rows_in
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class NewHook:
    """A webhook and its reply, without what is secret; `bytes` is how long its body was, of which a part is kept.

    `why` is that of a refusal.
    """

    connection: str
    at: datetime
    kind: str
    outcome: str
    provider_call_id: str | None
    method: str
    path: str
    content_type: str
    bytes: int
    body: str
    status: int
    reply_type: str
    reply: str
    ms: Decimal
    why: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class HookRow(NewHook):
    """One that is kept."""

    id: int


async def write(conn: PgConnection, hooks: Sequence[NewHook]) -> None:
    await conn.execute(sql("hooks_write"), rows_in(hooks))


async def page(
    conn: PgConnection,
    *,
    connection: str | None,
    provider_call_id: str | None,
    is_refused: bool | None,
    before: int | None,
    limit: int,
) -> list[HookRow]:
    """Newest first; None: whatever."""
    rows = await conn.fetch(sql("hook_list"), connection, provider_call_id, before, limit, is_refused)
    return [HookRow(**row) for row in rows]


async def show(conn: PgConnection, *, hook_id: int) -> HookRow | None:
    row = await conn.fetchrow(sql("hook_show"), hook_id)
    return None if row is None else HookRow(**row)


async def forget(conn: PgConnection, *, before: datetime, most: int, limit: int) -> int:
    """Delete those that are older, and those beyond so many; how many."""
    return len(await conn.fetch(sql("hook_forget"), before, most, limit))
