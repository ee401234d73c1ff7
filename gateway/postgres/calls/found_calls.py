"""Queries that find calls by what they are (sql/queries/calls/found_calls.sql)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from gateway.domain.events import Direction
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

# Counting them takes some milliseconds, every few seconds.
FLAGGED_COUNTED_MAX = 10_000
STARTS_COMPARED_MAX = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class CallFilters:
    """What calls must be to be listed; None: whatever. `number` is any of their parties, or their line."""

    line: str | None = None
    number: str | None = None
    state: str | None = None
    reason: str | None = None
    flag: str | None = None
    direction: str | None = None
    connection: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    min_charge: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCall:
    id: int
    direction: str | None
    caller: str
    callee: str
    state: str
    billed_s: int | None
    charge: Decimal | None
    currency: str | None

    @property
    def far_party(self) -> str:
        """Who is not on our side."""
        return self.caller if self.direction == Direction.INBOUND else self.callee


async def flagged_ids(conn: PgConnection, *, before: int | None, limit: int) -> list[int]:
    """Ids of calls with any flag, newest first."""
    return [row["id"] for row in await conn.fetch(sql("call_ids_flagged"), before, limit)]


async def count_flags(conn: PgConnection, *, since: datetime, until: datetime | None = None) -> Mapping[str, int]:
    """How many calls that got their latest flag in a span of time have each flag, among the newest of them."""
    rows = await conn.fetch(sql("flags_count"), since, until, FLAGGED_COUNTED_MAX)
    return {row["flag"]: row["calls"] for row in rows}


async def clock_differences(conn: PgConnection) -> Mapping[str, timedelta]:
    """By how much our clock is ahead of the providers', by connection; one without a start of late is not there."""
    rows = await conn.fetch(sql("clock_differences"), STARTS_COMPARED_MAX)
    return {row["connection"]: row["difference"] for row in rows}


async def those_that_fit(conn: PgConnection, ids: Sequence[int], filters: CallFilters) -> list[FoundCall]:
    """Those of some calls that are as wanted, newest first."""
    rows = await conn.fetch(
        sql("calls_that_fit"),
        ids,
        filters.line,
        filters.number,
        filters.state,
        filters.reason,
        filters.flag,
        filters.direction,
        filters.connection,
        filters.since,
        filters.until,
        filters.min_charge,
    )
    return [FoundCall(**row) for row in rows]
