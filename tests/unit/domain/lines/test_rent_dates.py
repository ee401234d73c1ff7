"""Months that end on an anchor day, reserves of two months, and midnights where clocks are moved."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.lines.rent_dates import add_months, day_of, midnight, next_due, reserve_end

BERLIN = ZoneInfo("Europe/Berlin")
DAYS = st.dates(min_value=date(1970, 1, 1), max_value=date(2200, 12, 31))
ZONES = st.sampled_from(
    ["UTC", "Europe/Berlin", "Africa/Cairo", "America/Havana", "Asia/Beirut", "Pacific/Apia", "Pacific/Kiritimati"]
)


def renewals(on: date, count: int) -> list[date]:
    """The due dates of a line that is rented on a day and always paid."""
    days, anchor_day = [on], on.day
    for _ in range(count):
        days.append(next_due(days[-1], anchor_day=anchor_day))
    return days[1:]


@pytest.mark.parametrize(
    ("rented_on", "due"),
    [
        (date(2026, 1, 31), [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]),
        (date(2024, 1, 31), [date(2024, 2, 29), date(2024, 3, 31)]),
        (date(2026, 12, 31), [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]),
        (date(2026, 8, 31), [date(2026, 9, 30), date(2026, 10, 31)]),
        (date(2026, 7, 15), [date(2026, 8, 15), date(2026, 9, 15)]),
        (date(2024, 2, 29), [date(2024, 3, 29), date(2024, 4, 29)]),
        (date(2023, 12, 29), [date(2024, 1, 29), date(2024, 2, 29), date(2024, 3, 29)]),
    ],
)
def test_r23_months_end_on_the_anchor_day_or_on_the_last_of_a_short_month(rented_on: date, due: list[date]) -> None:
    assert renewals(rented_on, len(due)) == due


@pytest.mark.parametrize(
    ("due_on", "until"),
    [
        (date(2026, 7, 1), date(2026, 9, 1)),
        (date(2025, 12, 31), date(2026, 2, 28)),
        (date(2023, 12, 31), date(2024, 2, 29)),
        (date(2026, 7, 31), date(2026, 9, 30)),
        (date(2026, 11, 15), date(2027, 1, 15)),
    ],
)
def test_r24_a_number_is_reserved_for_two_months_from_its_due_date(due_on: date, until: date) -> None:
    assert reserve_end(due_on) == until


@given(DAYS, st.integers(1, 60))
def test_r23_renewals_never_drift(rented_on: date, months: int) -> None:
    due = [rented_on, *renewals(rented_on, months)]

    for month, (before, day) in enumerate(pairwise(due), 1):
        assert before < day
        assert day == add_months(rented_on, month)
        assert day.day == min(rented_on.day, monthrange(day.year, day.month)[1])


@pytest.mark.parametrize(
    ("zone", "on", "at"),
    [
        ("UTC", date(2026, 7, 1), datetime(2026, 7, 1, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 7, 1), datetime(2026, 6, 30, 22, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 29), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        ("Europe/Berlin", date(2026, 3, 30), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        # There is no 0:00: the day begins at 1:00.
        ("Africa/Cairo", date(2024, 4, 26), datetime(2024, 4, 25, 22, tzinfo=UTC)),
        ("Asia/Beirut", date(2024, 3, 31), datetime(2024, 3, 30, 22, tzinfo=UTC)),
        ("America/Havana", date(2024, 3, 10), datetime(2024, 3, 10, 5, tzinfo=UTC)),
        # 0:00 comes twice: the day begins with the first.
        ("America/Havana", date(2024, 11, 3), datetime(2024, 11, 3, 4, tzinfo=UTC)),
        # At 0:00 it is 23:00 of the day before again: the day begins an hour later.
        ("Africa/Cairo", date(2024, 11, 1), datetime(2024, 10, 31, 22, tzinfo=UTC)),
        ("Asia/Beirut", date(2024, 10, 27), datetime(2024, 10, 26, 22, tzinfo=UTC)),
        # The 30th of December 2011 was left out: it begins and ends where the 31st begins.
        ("Pacific/Apia", date(2011, 12, 30), datetime(2011, 12, 30, 10, tzinfo=UTC)),
        ("Pacific/Apia", date(2011, 12, 31), datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
def test_r24_a_day_begins_with_its_first_instant_in_the_accounts_zone(zone: str, on: date, at: datetime) -> None:
    assert midnight(on, ZoneInfo(zone)) == at


@given(DAYS, ZONES)
def test_a_day_is_over_before_the_next_begins(on: date, name: str) -> None:
    zone = ZoneInfo(name)
    at = midnight(on, zone)

    assert midnight(on + timedelta(days=1), zone) >= at
    assert day_of(at - timedelta(microseconds=1), zone) < on
    if not (name == "Pacific/Apia" and on == date(2011, 12, 30)):
        assert day_of(at, zone) == on


@pytest.mark.parametrize(
    ("at", "on"),
    [
        (datetime(2026, 8, 31, 21, 59, 59, tzinfo=UTC), date(2026, 8, 31)),
        (datetime(2026, 8, 31, 22, tzinfo=UTC), date(2026, 9, 1)),
    ],
)
def test_r25_a_payment_counts_from_the_day_in_the_accounts_zone(at: datetime, on: date) -> None:
    assert day_of(at, BERLIN) == on
