"""A month of old calls goes to a file and is dropped; the keys of its ids stay, so that none comes twice (R16).

The month is taken out of the tables at once, written, and dropped when the file is on disk. Whoever is stopped in
between goes on: what was taken out is still there.
"""

import gzip
import os
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
from gateway.postgres.calls.archive import MonthCount, Part
from gateway.postgres.types import PgConnection
from gateway.usecases.access.write_down import write_down

AT_ONCE: Final = 5000


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
    """What `archive_month` would take, without doing so; nothing may be `kept`."""
    part = await _require_old_part(conn, month, limits, now)
    if part.archived_at is not None:
        raise Conflict(f"calls of {month.name} were taken out on {part.archived_at:%Y-%m-%d}, and wait for a file")
    found = await _count(conn, part, limits, now)
    return ArchivedMonth(month=month.name, calls=found.calls, entries=found.entries, kept=found.kept, file=None)


async def archive_month(
    conn: PgConnection, month: Month, file: Path, *, actor: Actor, limits: Limits, now: datetime
) -> ArchivedMonth:
    """Take the month's calls, and the entries that charge them, out of the database and into a new file."""
    part = await _require_old_part(conn, month, limits, now)
    if part.archived_at is None:
        found = await _count(conn, part, limits, now)
        if found.kept:
            raise Conflict(
                f"{found.kept} calls of {month.name} are not done with: they are up, in doubt, not told to a CRM yet,"
                " or may still be charged"
            )
    with _create(file) as stream:
        if part.archived_at is None:
            async with conn.transaction():
                what, after = f"month:{month.name}", {"file": str(file)}
                await write_down(conn, actor, Action.CALLS_ARCHIVE, what, after=after, now=now)
                await archive.detach(conn, part, now=now)
        calls, entries = await _write(conn, part, stream)
    await archive.drop(conn, part, file=str(file))
    return ArchivedMonth(month=month.name, calls=calls, entries=entries, kept=0, file=str(file))


async def _require_old_part(conn: PgConnection, month: Month, limits: Limits, now: datetime) -> Part:
    """An end may be charged for so many days; what can still be charged is not archived, nor half of a part."""
    from_then = month.until + timedelta(days=limits.end_days_max)
    if now < from_then:
        raise Conflict(
            f"calls of {month.name} may be charged until {from_then:%Y-%m-%d} ([limits] end_days_max): archive it then"
        )
    part = await archive.part_of(conn, month.since.date())
    if part.file is not None:
        raise Conflict(f"calls of {month.name} are archived already, in {part.file}")
    if part.next_on is None:
        raise Conflict(f"there is no month after {month.name} yet: start `gateway serve`, which makes it")
    last = add_months(part.next_on, -1)
    if last != month.since.date():
        raise Conflict(f"calls of {month.name} are kept with those of {last:%Y-%m}: archive {last:%Y-%m}")
    return part


async def _count(conn: PgConnection, part: Part, limits: Limits, now: datetime) -> MonthCount:
    return await archive.count(conn, part, too_late=now - timedelta(days=limits.end_days_max))


def _create(file: Path) -> BinaryIO:
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise Conflict(f"{file} is there already: name another") from None
    return os.fdopen(descriptor, "wb")


async def _write(conn: PgConnection, part: Part, stream: BinaryIO) -> tuple[int, int]:
    """Have all of it on disk; how many calls and entries. Each page is a whole piece of gzip."""
    calls = entries = 0
    async for page in archive.pages(conn, part, limit=AT_ONCE):
        stream.write(gzip.compress("".join(f"{line}\n" for line in page.lines).encode()))
        calls, entries = calls + len(page.lines), entries + page.entries
    stream.flush()
    os.fsync(stream.fileno())
    return calls, entries
