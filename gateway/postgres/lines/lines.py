"""Queries about lines (sql/queries/lines/lines.sql)."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from gateway.domain.lines.line import LineKind, LineState
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """`rent` is the price of a month, None for a line that is not rented; `due_on` the first day not paid for."""

    id: int
    account_id: int
    kind: str
    name: str
    state: str
    country: str
    category: str
    rent: Decimal | None
    currency: str
    due_on: date | None
    reserved_until: datetime | None
    ends_at: datetime | None
    disconnected_at: datetime | None
    created_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LineFilters:
    """What lines must be to be listed; None: whatever. A line without rent is never due."""

    account_id: int | None = None
    state: LineState | None = None
    due_before: date | None = None
    kind: LineKind | None = None
    country: str | None = None
    name: str | None = None


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


async def set_connector_country(conn: PgConnection, *, name: str, country: str) -> LineRow | None:
    """None where no connector has the name."""
    row = await conn.fetchrow(sql("connector_set_country"), name, country)
    return None if row is None else LineRow(**row)


async def of_account(conn: PgConnection, *, account_id: int) -> list[LineRow]:
    return [LineRow(**row) for row in await conn.fetch(sql("line_list"), account_id)]


async def page(conn: PgConnection, *, after: int, limit: int, filters: LineFilters) -> list[LineRow]:
    """The next lines by id that fit."""
    rows = await conn.fetch(
        sql("line_search"),
        after,
        limit,
        filters.account_id,
        filters.state,
        filters.due_before,
        filters.kind,
        filters.country,
        filters.name,
    )
    return [LineRow(**row) for row in rows]


async def get(conn: PgConnection, *, line_id: int) -> LineRow:
    """A line that is known to exist."""
    [row] = await conn.fetch(sql("line_of"), line_id)
    return LineRow(**row)


async def is_in_use(conn: PgConnection, *, name: str) -> bool:
    """Whether a name is some account's line; a disconnected one is free again."""
    used: bool = await conn.fetchval(sql("line_is_in_use"), name)
    return used


async def main_number_of(conn: PgConnection, *, name: str) -> int | None:
    """An account whose main number it is."""
    account_id: int | None = await conn.fetchval(sql("line_main_of"), name)
    return account_id
