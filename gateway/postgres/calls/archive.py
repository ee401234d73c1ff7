"""Queries that take a month of calls out of the tables (sql/queries/calls/archive.sql)."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from gateway.domain.errors import Conflict
from gateway.postgres.accounts import proofs
from gateway.postgres.accounts.proofs import REPORT_TIMEOUT
from gateway.postgres.patience import change_in_a_moment
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

# Two minutes at least.
TRIES: Final = 600
_TIMEOUT_S = REPORT_TIMEOUT.total_seconds()


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The calls of a month, by their ids; `next_on` is when the one after it begins, if there is one yet.

    `file` is None until it is written, and what was archived dropped.
    """

    part: str
    first_id: int
    until_id: int
    next_on: date | None
    archived_at: datetime | None
    file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCount:
    """Calls, how many of them have an entry, and how many are not done with."""

    calls: int
    entries: int
    kept: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedPart:
    """When the month of a call was archived, and where to; `next_on` is when the month after it began."""

    archived_at: datetime
    file: str | None
    next_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivePage:
    """Calls that were taken out, in the order of their ids: each a line of JSON, and whether it has an entry."""

    last_id: int
    lines: list[str]
    entries: int


async def part_of(conn: PgConnection, day: date) -> Part:
    """The part that calls of a day are in."""
    row = await conn.fetchrow(sql("month_of_day"), day)
    assert row is not None, "the first part has all days before the others"  # noqa: S101
    return Part(**row)


async def archived_part_of(conn: PgConnection, call_id: int) -> ArchivedPart | None:
    """None where the month of a call is not archived."""
    row = await conn.fetchrow(sql("month_of_call"), call_id)
    return None if row is None else ArchivedPart(**row)


async def count(conn: PgConnection, part: Part, *, too_late: datetime) -> MonthCount:
    """`too_late`: what began since then may still be charged."""
    async with conn.transaction():
        await proofs.begin(conn)
        row = await conn.fetchrow(sql("month_count"), part.first_id, part.until_id, too_late, timeout=_TIMEOUT_S)
    assert row is not None, "an aggregate gives one row"  # noqa: S101
    return MonthCount(**row)


async def detach(conn: PgConnection, part: Part, *, now: datetime) -> None:
    """Take a month out of the tables: from then on its calls are archived, and what they cost is a sum."""

    async def change() -> None:
        await conn.execute(sql("archive_detach"), part.part)
        await conn.execute(sql("archive_note"), part.first_id, now)

    async with conn.transaction():
        await proofs.begin(conn)
        await conn.execute(sql("archive_begin"))
        await conn.execute(sql("archive_gather"), part.part, timeout=_TIMEOUT_S)
        if not await change_in_a_moment(conn, change, tries=TRIES):
            raise Conflict("the tables of calls are in use all the time: see that no long report or dump runs")


async def pages(conn: PgConnection, part: Part, *, limit: int) -> AsyncIterator[ArchivePage]:
    """All calls of a month that was taken out."""
    after_id = -1
    while rows := await conn.fetch(sql("archive_read"), part.part, after_id, limit, timeout=_TIMEOUT_S):
        after_id = rows[-1]["call_id"]
        yield ArchivePage(
            last_id=after_id, lines=[row["line"] for row in rows], entries=sum(row["has_entry"] for row in rows)
        )


async def drop(conn: PgConnection, part: Part, *, file: str) -> None:
    """Drop a month that was taken out, now that a file has it."""
    async with conn.transaction():
        await conn.execute(sql("archive_drop"), part.part)
        await conn.execute(sql("archive_written"), part.first_id, file)
