"""Queries about what happened (sql/queries/events.sql)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from gateway.postgres.sql import sql
from gateway.postgres.types import PgConnection

# Of the advisory lock of the one who writes.
_KEY: Final = 0x6576656E74


@dataclass(frozen=True, slots=True, kw_only=True)
class EventRow:
    """What happened, to what and when; `data` is what there is to say of it, amounts as texts."""

    id: int
    kind: str
    account_id: int | None
    object: str
    at: datetime
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSource:
    """A table that is followed, and its rows that are to be looked at: those after an id, up to another.

    `next_id` is the last of as many as are looked at at once.
    """

    name: str
    after_id: int
    until_id: int
    next_id: int


async def begin(conn: PgConnection) -> bool:
    """Whether this transaction is the one that writes events: another does so now where it is not."""
    is_ours: bool = await conn.fetchval(sql("events_begin"), _KEY)
    return is_ours


async def sources(conn: PgConnection, *, at_once: int) -> list[EventSource]:
    """Those of whose rows none can be added any more."""
    return [EventSource(**row) for row in await conn.fetch(sql("event_sources"), at_once)]


async def follow(conn: PgConnection, source: EventSource, *, now: datetime) -> None:
    """Write what the next rows of a source tell."""
    query = {"call": "calls", "entry": "entries", "mail": "mails", "audit": "audit"}[source.name]
    if source.next_id > source.after_id:
        await conn.execute(sql(f"events_of_{query}"), source.after_id, source.next_id, now)


async def advance(conn: PgConnection, sources: Sequence[EventSource]) -> None:
    """Go on behind those next rows; nothing is written where there is nothing new."""
    await conn.execute(
        sql("event_sources_advance"), [each.name for each in sources], [each.next_id for each in sources]
    )


async def follow_ends(conn: PgConnection, *, now: datetime, limit: int) -> None:
    await conn.execute(sql("events_of_ends"), now, limit)


async def follow_lines(conn: PgConnection, *, now: datetime, limit: int) -> None:
    await conn.execute(sql("events_of_lines"), now, limit)


async def follow_connections(conn: PgConnection, *, now: datetime, taken_since: datetime) -> None:
    """Tell of each that begins to fail: the last of its webhooks was refused, and none was taken since an instant."""
    await conn.execute(sql("events_of_connections"), now, taken_since)


async def forget(conn: PgConnection, *, before: datetime, limit: int) -> int:
    """Delete old events; how many."""
    return len(await conn.fetch(sql("events_forget"), before, limit))


async def page(
    conn: PgConnection, *, account_id: int | None, after: int, kind: str | None, limit: int
) -> list[EventRow]:
    """In the order in which they were noted."""
    return [EventRow(**row) for row in await conn.fetch(sql("event_list"), account_id, after, kind, limit)]
