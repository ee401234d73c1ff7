"""What became of calls in each of the last hours, within a bound of time however many there are."""

from datetime import datetime, timedelta
from typing import Final

from gateway.postgres.calls import call_hours
from gateway.postgres.calls.call_hours import CallHour
from gateway.postgres.calls.found_calls import CallFilters
from gateway.postgres.types import PgConnection
from gateway.usecases.calls.shown.listing import CallListing, stretch_of

HOURS: Final = 24
LOOKED_AT_MAX: Final = 50_000


async def show_hours(
    conn: PgConnection, *, account_id: int | None, now: datetime, looked_at: int = LOOKED_AT_MAX
) -> list[CallHour]:
    """The last 24 hours that have calls, the newest first; of too many calls, those hours that are whole."""
    since = now.replace(minute=0, second=0, microsecond=0) - timedelta(hours=HOURS - 1)
    listing = CallListing(account_id=account_id, filters=CallFilters(since=since))
    stretch = await stretch_of(conn, listing, now=now)
    hours = await call_hours.by_hour(
        conn, account_id=account_id, since=since, from_id=stretch.from_id, looked_at=looked_at
    )
    return hours if sum(each.calls for each in hours) < looked_at else hours[:-1]
