"""Days that somebody fills in, as the instants that the API takes."""

from collections.abc import Mapping
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from gateway.domain.lines.rent_dates import midnight


def with_instants(query: Mapping[str, str], zone: ZoneInfo) -> dict[str, str]:
    """The same, from the first instant of the day `from` to the last of the day `to`. What is no day stays as it is."""
    days = {name: _instant(query[name], after, zone) for name, after in (("from", 0), ("to", 1)) if name in query}
    return {**query, **days}


def _instant(text: str, days_after: int, zone: ZoneInfo) -> str:
    try:
        return midnight(date.fromisoformat(text) + timedelta(days=days_after), zone).isoformat()
    except (ValueError, OverflowError):
        return text
