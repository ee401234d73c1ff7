"""Queries about lines (sql/queries/lines.sql)."""

from dataclasses import dataclass
from datetime import datetime

from gateway.domain.decision import LineKind, LineState
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    id: int
    account_id: int
    kind: str
    name: str
    state: str
    country: str
    category: str
    created_at: datetime


async def add(
    conn: PgConnection,
    *,
    account_id: int,
    kind: LineKind,
    name: str,
    state: LineState,
    country: str,
    category: str,
    now: datetime,
) -> LineRow | None:
    """Add a line; None where its name is in use."""
    row = await conn.fetchrow(sql("line_add"), account_id, kind.value, name, state.value, country, category, now)
    return None if row is None else LineRow(**row)


async def of_account(conn: PgConnection, *, account_id: int) -> list[LineRow]:
    return [LineRow(**row) for row in await conn.fetch(sql("line_list"), account_id)]
