"""Queries that take old calls out of the tables (sql/queries/calls/archive.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from gateway.postgres.accounts.proofs import REPORT_TIMEOUT
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Of the next calls: the last of them, when the first began, and of a month those that can be archived, and not."""

    last_id: int
    first_at: datetime
    call_ids: list[int]
    entries: int
    kept: int


async def page(conn: PgConnection, *, after_id: int, limit: int, since: datetime, until: datetime) -> Page | None:
    """None where there are no more."""
    row = await conn.fetchrow(sql("archive_page"), after_id, limit, since, until)
    assert row is not None, "an aggregate gives one row"  # noqa: S101
    return None if row["last_id"] is None else Page(**row)


async def begin(conn: PgConnection) -> None:
    """Let this transaction delete what it archives."""
    await conn.execute(sql("archive_begin"))


async def take(conn: PgConnection, call_ids: Sequence[int]) -> list[str]:
    """Delete calls and the entries that charge them; each as a line of JSON."""
    rows = await conn.fetch(sql("archive_take"), call_ids, timeout=REPORT_TIMEOUT.total_seconds())
    return [row["line"] for row in rows]
