"""Queries that list calls a page at a time, however many there are (sql/queries/calls/listed_calls.sql)."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

import msgspec

from gateway.domain.errors import NotFound
from gateway.domain.events import Direction
from gateway.postgres.accounts.ledger import EntryRow, read_entry
from gateway.postgres.calls.found_calls import CallFilters
from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

AFTER_ALL: Final = 2**63 - 1


class CallSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A call as lists have it; they have many, and a struct is made in a sixth of the time that a dataclass takes."""

    id: int
    account_id: int | None
    connection: str
    line: str
    state: str
    direction: str | None
    caller: str
    callee: str
    caller_id: str
    started_at: datetime
    answered_at: datetime | None
    ended_at: datetime | None
    granted_s: int
    billed_s: int | None
    charge: Decimal | None
    currency: str | None
    reason: str | None
    flags: list[str]

    @property
    def far_party(self) -> str:
        """Who is not on our side."""
        return self.caller if self.direction == Direction.INBOUND else self.callee


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Which calls are looked at, newest first, and how many at most.

    Those of an account, or all, or those with a flag alone; below the id `before`, and not below `from_id`. From
    `until_id` on only those that have a flag. Where a number is wanted, only those that have it count.
    """

    account_id: int | None = None
    before: int = AFTER_ALL
    from_id: int = 0
    until_id: int = AFTER_ALL
    by_flag: bool = False
    looked_at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstCall:
    """The smallest id of the calls that started in a window, and when the earliest of them did."""

    id: int
    started_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedSum:
    """What some calls of a list add up to, of one currency; of one far party where its number decides whether it fits.

    `talked` are those that were charged for seconds.
    """

    currency: str | None
    far_party: str | None
    calls: int
    refused: int
    talked: int
    billed_s: int
    charge: Decimal


async def begin(conn: PgConnection) -> None:
    """One plan does for all lists, by the indexes: planning opens all months, which takes longer than to read."""
    await conn.execute(sql("lists_begin"))


async def first_since(conn: PgConnection, *, since: datetime, until: datetime) -> FirstCall | None:
    """The first of the calls that started in a window, if any did."""
    [row] = await conn.fetch(sql("call_first_since"), since, until)
    return None if row["id"] is None else FirstCall(**row)


async def page(
    conn: PgConnection, stretch: Stretch, filters: CallFilters, *, far_party: str | None, limit: int
) -> list[CallSummary]:
    """The newest calls of a stretch that fit; `far_party` is what the number of who is not on our side begins with."""
    rows = await conn.fetch(
        sql("calls_listed"),
        *_stretch(stretch),
        *_wanted(filters),
        far_party,
        limit,
    )
    return [CallSummary(**row) for row in rows]


async def sums(conn: PgConnection, stretch: Stretch, filters: CallFilters, *, far_party: str | None) -> list[ListedSum]:
    """What all calls of a stretch add up to that fit."""
    rows = await conn.fetch(sql("calls_summed"), *_stretch(stretch), *_wanted(filters), far_party)
    return [ListedSum(**row) for row in rows]


async def looked_at(conn: PgConnection, stretch: Stretch, *, number: str | None) -> int | None:
    """Down to which call a stretch goes, of those with a number where one is wanted; None: nothing is left below it."""
    call_id: int | None = await conn.fetchval(sql("calls_looked_at"), *_stretch(stretch), number)
    return call_id


async def owner_of(conn: PgConnection, *, call_id: int) -> int | None:
    """Whose a call is, if anybody's; NotFound where it is not on record."""
    row = await conn.fetchrow(sql("call_owner"), call_id)
    if row is None:
        raise NotFound("there is no call {call} on record; one that was archived is in a file alone", call=call_id)
    account_id: int | None = row["account_id"]
    return account_id


async def entries_of(conn: PgConnection, *, call_id: int) -> list[EntryRow]:
    """What a call moved: its charge and its refunds, oldest first."""
    return [read_entry(row) for row in await conn.fetch(sql("call_entries"), call_id)]


def _stretch(stretch: Stretch) -> tuple[int | None, int, int, int, bool, int]:
    return (
        stretch.account_id,
        stretch.before,
        stretch.from_id,
        stretch.until_id,
        stretch.by_flag,
        stretch.looked_at,
    )


def _wanted(filters: CallFilters) -> tuple[object, ...]:
    return (
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
