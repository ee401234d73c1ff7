"""List calls a page at a time, newest first, within a bound of time however many there are.

Calls get their ids in the order in which they start, but for those that are put on record afterwards, whose end came
without a start or which were connected while the database was away: all those have a flag. So a span of time is a span
of ids, and what has a flag beyond it. Each part of a list looks at `LOOKED_AT_MAX` calls and says where to go on, so a
part may have fewer calls than were asked for, or none, before the list is over.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from gateway.countries import find_country
from gateway.domain.errors import InvalidInput
from gateway.numbers import metadata
from gateway.postgres.accounts import accounts
from gateway.postgres.calls import listed_calls
from gateway.postgres.calls.found_calls import CallFilters
from gateway.postgres.calls.listed_calls import AFTER_ALL, CallSummary, Stretch
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.shown.search import country_of_party

LOOKED_AT_MAX: Final = 20_000
# Of calls with a number, as each is looked up by itself.
NUMBERED_MAX: Final = 2000
# Processes decide at the same time, each by its own clock: that far apart ids and instants may be.
DISORDER: Final = timedelta(minutes=10)
# In which spans after an instant the next call is looked for, the shortest first.
_WINDOWS: Final = (timedelta(minutes=10), timedelta(hours=2), timedelta(days=1), timedelta(days=7))
# Of a country that shares its code with others, so many pages are read for one.
_ROUNDS_MAX: Final = 10
_WHATEVER: Final = CallFilters()


@dataclass(frozen=True, slots=True, kw_only=True)
class CallListing:
    """Whose calls, and which; `country` is that of the far party, by its code or its name."""

    account_id: int | None = None
    country: str | None = None
    filters: CallFilters = _WHATEVER

    @property
    def is_of_anything(self) -> bool:
        return not self.country and self.filters == _WHATEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """A part of a list; `next` is the call below which it goes on, None: it is over."""

    calls: list[CallSummary]
    next: int | None


async def list_call_page(
    conn: PgConnection, listing: CallListing, *, before: int | None, limit: int, now: datetime
) -> CallPage:
    """The newest calls below `before` that fit."""
    filters = listing.filters
    async with conn.transaction():
        await listed_calls.begin(conn)
        stretch = replace(await stretch_of(conn, listing, now=now), before=AFTER_ALL if before is None else before)
        if not listing.country:
            return await _page(conn, stretch, filters, far_party=None, limit=limit)
        return await _page_of_country(conn, stretch, filters, country=find_country(listing.country), limit=limit)


async def stretch_of(conn: PgConnection, listing: CallListing, *, now: datetime) -> Stretch:
    """Which calls are looked at first, once all that is asked for is known to make sense."""
    filters = listing.filters
    if filters.since is not None and filters.until is not None and filters.since >= filters.until:
        raise InvalidInput("from: must be before to")
    if listing.account_id is not None:
        await accounts.require(conn, account_id=listing.account_id)
    return Stretch(
        account_id=listing.account_id,
        from_id=await _from_id(conn, filters.since, now),
        until_id=await _until_id(conn, filters.until, now),
        by_flag=filters.flag is not None,
        looked_at=LOOKED_AT_MAX if filters.number is None else min(LOOKED_AT_MAX, NUMBERED_MAX),
    )


async def _page_of_country(
    conn: PgConnection, stretch: Stretch, filters: CallFilters, *, country: str, limit: int
) -> CallPage:
    """The database knows what numbers of the country begin with, we know whose of those they are."""
    far_party = f"+{metadata.code_of_country(country)}"
    found: list[CallSummary] = []
    below: int | None = stretch.before
    for _ in range(_ROUNDS_MAX):
        assert below is not None, "a list that is over is gone through no further"  # noqa: S101
        page = await _page(conn, replace(stretch, before=below), filters, far_party=far_party, limit=limit)
        found += [call for call in page.calls if country_of_party(call.far_party) == country]
        below = page.next
        if len(found) >= limit or below is None or len(page.calls) < limit:
            break
    if len(found) > limit:
        return CallPage(calls=found[:limit], next=found[limit - 1].id)
    return CallPage(calls=found, next=below)


async def _page(
    conn: PgConnection, stretch: Stretch, filters: CallFilters, *, far_party: str | None, limit: int
) -> CallPage:
    calls = await listed_calls.page(conn, stretch, filters, far_party=far_party, limit=limit + 1)
    if len(calls) > limit:
        return CallPage(calls=calls[:limit], next=calls[limit - 1].id)
    lowest = await listed_calls.looked_at(conn, stretch, number=filters.number)
    return CallPage(calls=[call for call in calls if lowest is None or call.id >= lowest], next=lowest)


async def _from_id(conn: PgConnection, since: datetime | None, now: datetime) -> int:
    """An id below which no call is that started since then."""
    if since is None:
        return 0
    first = await _first_since(conn, since - DISORDER, now)
    return 0 if first is None else first


async def _until_id(conn: PgConnection, until: datetime | None, now: datetime) -> int:
    """An id from which on no call started before then, but for those that have a flag."""
    if until is None:
        return AFTER_ALL
    first = await _first_since(conn, until + DISORDER, now)
    return AFTER_ALL if first is None else first


async def _first_since(conn: PgConnection, since: datetime, now: datetime) -> int | None:
    """The smallest id of the calls that started since then: AFTER_ALL where none did, None where none is near."""
    for window in _WINDOWS:
        until = since + window
        first = await listed_calls.first_since(conn, since=since, until=until + DISORDER)
        if first is not None and first.started_at < until:
            return first.id
        if first is None and until > now + DISORDER:
            return AFTER_ALL
    return None
