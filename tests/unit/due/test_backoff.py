"""The one formula of what waits longer after each failure, and how what was done together becomes one by one."""

import doctest
from datetime import UTC, datetime, timedelta

import pytest

from gateway.due import backoff
from gateway.due.backoff import Backoff

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MAILS = Backoff(first=MINUTE, longest=HOUR, give_up_after=3 * DAY)


def test_its_examples_are_true() -> None:
    results = doctest.testmod(backoff)

    assert results.attempted
    assert not results.failed


@pytest.mark.parametrize(("tries", "delay"), [(1, MINUTE), (2, 2 * MINUTE), (7, HOUR), (10**9, HOUR)])
def test_a_delay_is_doubled_up_to_the_longest_and_lengthened_by_a_quarter_at_most(tries: int, delay: timedelta) -> None:
    delays = [MAILS.delay(tries) for _ in range(200)]

    assert delay <= min(delays)
    assert max(delays) <= delay * 1.25
    assert len(set(delays)) > 1


def test_without_jitter_a_delay_is_exact() -> None:
    assert Backoff(first=MINUTE, longest=HOUR, jitter=0).delay(3) == 4 * MINUTE


def test_what_was_tried_for_long_enough_is_given_up() -> None:
    last = MAILS.next_try(tries=99, since=NOON, now=NOON + 3 * DAY - MINUTE)
    assert last is not None
    assert last >= NOON + 3 * DAY - MINUTE + HOUR
    assert MAILS.next_try(tries=99, since=NOON, now=NOON + 3 * DAY) is None


def test_what_was_never_tried_or_is_never_given_up_is_tried_again() -> None:
    assert MAILS.next_try(tries=1, since=None, now=NOON) is not None
    for_ever = Backoff(first=MINUTE, longest=HOUR)
    assert for_ever.next_try(tries=1, since=NOON - 9999 * DAY, now=NOON) is not None


def test_the_steps_of_a_statement_end_with_the_longest_delay() -> None:
    assert Backoff(first=HOUR, longest=HOUR).steps() == [HOUR]
    assert Backoff(first=MINUTE, longest=3 * MINUTE).steps() == [MINUTE, 2 * MINUTE, 3 * MINUTE]
