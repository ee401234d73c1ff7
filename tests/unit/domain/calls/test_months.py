"""Calls are kept in months, which are made ahead."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from gateway.domain.calls.months import Months, missing_months, what_is_wrong
from gateway.words.speech import say
from gateway.words.vocabulary import HEALTH

MAY = date(2026, 5, 1)
JUNE = date(2026, 6, 1)
JULY = date(2026, 7, 1)
HEALTHY = Months(newest=JULY, are_whole=True, has_calls=True, has_strays=False)


@pytest.mark.parametrize(
    ("newest", "missing"),
    [
        (None, [JUNE, JULY]),  # what there is at first has this month in it
        (date(2026, 3, 1), [MAY, JUNE, JULY]),  # nobody was there for a while
        (MAY, [JUNE, JULY]),
        (JUNE, [JULY]),
        (JULY, []),
    ],
)
def test_months_are_made_two_months_ahead(newest: date | None, missing: list[date]) -> None:
    assert missing_months(newest, date(2026, 5, 14)) == missing


@pytest.mark.parametrize(
    ("months", "day", "said"),
    [
        (HEALTHY, 31, None),
        (replace(HEALTHY, are_whole=False), 1, "parts of the tables of calls are missing; call_month says which"),
        (replace(HEALTHY, has_strays=True), 1, "there are calls of no month"),
        (replace(HEALTHY, newest=MAY), 24, None),  # there is a week yet
        (replace(HEALTHY, newest=MAY), 25, "there is no part of the tables for calls of 2026-06"),
        (replace(HEALTHY, newest=None), 24, None),
        (replace(HEALTHY, newest=None), 25, "there is no part of the tables for calls of 2026-06"),
        (replace(HEALTHY, newest=None, has_calls=False), 25, None),  # nobody has served yet
        (replace(HEALTHY, newest=date(2026, 4, 1)), 1, "there is no part of the tables for calls of 2026-05"),
    ],
)
def test_a_month_that_is_not_there_is_missed_a_week_before_it_begins(
    months: Months, day: int, said: str | None
) -> None:
    found = what_is_wrong(months, now=datetime(2026, 5, day, 12, tzinfo=UTC))

    assert (found is None) == (said is None)
    assert found is None or say(found, subject=HEALTH).startswith(said or "")
