"""Old calls go to a file and are deleted; the keys of their ids stay, so that none comes twice (R16).

Each batch is on disk before its transaction ends, so a crash leaves some lines more than were deleted, never less.
"""

import gzip
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO, Final

from gateway.domain.access.actions import Action
from gateway.domain.access.actor import Actor
from gateway.domain.calls.call import Limits
from gateway.domain.errors import Conflict, InvalidInput
from gateway.domain.lines.rent_dates import add_months
from gateway.postgres.calls import archive
from gateway.postgres.calls.archive import Page
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down

# So few that whoever must wait for a batch waits for milliseconds.
AT_ONCE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchivedMonth:
    """What was archived, or would be; `kept` are calls of the month that are not done with."""

    month: str
    calls: int
    entries: int
    kept: int
    file: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Month:
    """A month by UTC, from `since` until the next one begins."""

    since: datetime
    until: datetime

    @property
    def name(self) -> str:
        return f"{self.since:%Y-%m}"


def read_month(text: str) -> Month:
    """YYYY-MM."""
    try:
        first = datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC)
    except ValueError:
        raise InvalidInput(f"month: {text!r} is no month like 2026-01") from None
    until = datetime.combine(add_months(first.date(), 1), first.timetz())
    return Month(since=first, until=until)


async def find_archivable(conn: PgConnection, month: Month, *, limits: Limits, now: datetime) -> ArchivedMonth:
    """What `archive_month` would take, without doing so."""
    _require_old(month, limits, now)
    calls = entries = kept = 0
    async for page in _pages(conn, month, limits):
        calls, entries, kept = calls + len(page.call_ids), entries + page.entries, kept + page.kept
    return ArchivedMonth(month=month.name, calls=calls, entries=entries, kept=kept, file=None)


async def archive_month(
    conn: PgConnection, month: Month, file: Path, *, actor: Actor, limits: Limits, now: datetime
) -> ArchivedMonth:
    """Take the month's calls, and the entries that charge them, out of the database and into a new file.

    Who did is written down with the first batch, so that nothing is ever gone without it.
    """
    _require_old(month, limits, now)
    calls = entries = kept = 0
    with _create(file) as stream:
        async for page in _pages(conn, month, limits):
            kept, entries = kept + page.kept, entries + page.entries
            async with conn.transaction():
                taken = await _take(conn, page, stream)
                if taken and not calls:
                    what, after = f"month:{month.name}", {"file": str(file)}
                    await write_down(conn, actor, Action.CALLS_ARCHIVE, what, after=after, now=now)
            calls += taken
    return ArchivedMonth(month=month.name, calls=calls, entries=entries, kept=kept, file=str(file))


def _require_old(month: Month, limits: Limits, now: datetime) -> None:
    """An end may be charged for so many days; what can still be charged is not archived."""
    from_then = month.until + timedelta(days=limits.end_days_max)
    if now < from_then:
        raise Conflict(
            f"calls of {month.name} may be charged until {from_then:%Y-%m-%d} ([limits] end_days_max): archive it then"
        )


async def _pages(conn: PgConnection, month: Month, limits: Limits) -> AsyncIterator[Page]:
    """All calls by id until those that began too late to have one of the month after them."""
    too_late = month.until + timedelta(days=limits.end_days_max)
    after_id = 0
    while page := await archive.page(conn, after_id=after_id, limit=AT_ONCE, since=month.since, until=month.until):
        if page.first_at >= too_late:
            return
        yield page
        after_id = page.last_id


def _create(file: Path) -> BinaryIO:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"{file} is there already: name another") from None
    return os.fdopen(descriptor, "wb")


async def _take(conn: PgConnection, page: Page, stream: BinaryIO) -> int:
    """Delete a batch once its lines are on disk; each batch is a whole piece of gzip."""
    if not page.call_ids:
        return 0
    await archive.begin(conn)
    lines = await archive.take(conn, page.call_ids)
    stream.write(gzip.compress("".join(f"{line}\n" for line in lines).encode()))
    stream.flush()
    os.fsync(stream.fileno())
    return len(lines)
