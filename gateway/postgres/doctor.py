"""Queries about what is stuck (sql/queries/doctor.sql)."""

from dataclasses import dataclass
from datetime import datetime

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection


@dataclass(frozen=True, slots=True, kw_only=True)
class LateCalls:
    """Calls past their deadline, and calls that are over and whose end never came; since when the first is so."""

    overdue: int
    overdue_since: datetime | None
    owed: int
    owed_since: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckMails:
    """Mails that wait, and those that were refused or given up; since when the first is so."""

    waiting: int
    waiting_since: datetime | None
    failed: int
    failed_since: datetime | None


async def late_calls(conn: PgConnection, *, overdue_before: datetime) -> LateCalls:
    row = await conn.fetchrow(sql("doctor_calls"), overdue_before)
    assert row is not None, "an aggregate gives one row"  # noqa: S101
    return LateCalls(**row)


async def stuck_mails(conn: PgConnection, *, failed_since: datetime) -> StuckMails:
    row = await conn.fetchrow(sql("doctor_mails"), failed_since)
    assert row is not None, "an aggregate gives one row"  # noqa: S101
    return StuckMails(**row)
