"""The clocks of a call, and the instants it is told of."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.domain.calls.call import Clocks, Limits, clocks, extend_ahead, instant_of
from tests.unit.domain.make import NOON, at

LIMITS = Limits()


def clocks_of(
    *, answered_at: datetime | None = None, granted_s: int = 3600, held_s: int = 3600, cuttable: bool = True
) -> Clocks:
    """The clocks of a call that started at noon."""
    return clocks(
        started_at=NOON,
        answered_at=answered_at,
        granted_s=granted_s,
        held_s=held_s,
        cuttable=cuttable,
        limits=LIMITS,
        now=NOON,
    )


def test_r18_the_deadline_counts_from_the_answer() -> None:
    told = clocks_of(answered_at=at(20), granted_s=2220)

    assert told.must_end_at == told.cut_due_at == at(20 + 2220)


def test_r18_without_an_answer_the_deadline_counts_from_the_start_so_that_it_is_never_too_late() -> None:
    told = clocks_of(granted_s=3600)

    assert told.must_end_at == told.cut_due_at == at(3600)


def test_r18_a_call_that_we_cannot_cut_has_a_deadline_all_the_same() -> None:
    told = clocks_of(answered_at=at(5), cuttable=False)

    assert told.must_end_at == at(3605)
    assert told.cut_due_at is None


def test_r15_a_hold_is_extended_before_it_runs_out() -> None:
    assert clocks_of(answered_at=at(10), held_s=300).extend_due_at == at(10 + 300 - 30)
    assert clocks_of(held_s=300).extend_due_at == at(300 - 30)


def test_r15_a_call_whose_grant_is_held_needs_no_extension() -> None:
    assert clocks_of(granted_s=300, held_s=300).extend_due_at is None
    assert clocks_of(granted_s=0, held_s=0).extend_due_at is None
    assert clocks_of(granted_s=120, held_s=300).extend_due_at is None


def test_r15_a_call_whose_hold_was_released_is_extended_at_once_when_it_is_answered() -> None:
    told = clocks_of(answered_at=at(100), held_s=0)

    assert told.extend_due_at is not None
    assert told.extend_due_at < at(100)


@pytest.mark.parametrize(("slice_s", "ahead_s"), [(300, 30), (90, 30), (60, 20), (3, 1), (3600, 30)])
def test_r15_a_short_slice_is_extended_a_third_of_it_ahead(slice_s: int, ahead_s: int) -> None:
    assert extend_ahead(slice_s).total_seconds() == ahead_s


def test_r15_an_unanswered_call_is_looked_after_when_the_ring_time_is_over() -> None:
    assert clocks_of().reconcile_due_at == at(90)


def test_r22_an_answered_call_is_looked_after_two_minutes_after_its_deadline() -> None:
    assert clocks_of(answered_at=at(7)).reconcile_due_at == at(7 + 3600 + 120)


def test_r22_where_the_provider_forgets_an_answered_call_is_looked_after_before_its_deadline() -> None:
    def reconcile_due_at(granted_s: int) -> datetime:
        told = clocks(
            started_at=NOON,
            answered_at=at(7),
            granted_s=granted_s,
            held_s=granted_s,
            cuttable=True,
            limits=LIMITS,
            now=at(9),
            ask_every=timedelta(minutes=15),
        )
        return told.reconcile_due_at

    assert reconcile_due_at(3600) == at(7 + 900)
    assert reconcile_due_at(60) == at(7 + 60 + 120)


def test_r15_r18_slice_and_ring_time_are_settings() -> None:
    told = clocks(
        started_at=NOON,
        answered_at=None,
        granted_s=600,
        held_s=60,
        cuttable=True,
        limits=replace(LIMITS, hold_slice_s=60, ring_s=45),
        now=NOON,
    )

    assert (told.extend_due_at, told.reconcile_due_at) == (at(40), at(45))


@pytest.mark.parametrize(
    ("reported", "instant"),
    [(None, at(60)), (at(30), at(30)), (at(61), at(60)), (at(-1), NOON), (at(99_999), at(60))],
)
def test_r21_an_instant_is_kept_between_the_start_and_now(reported: datetime | None, instant: datetime) -> None:
    assert instant_of(reported, earliest=NOON, now=at(60)) == instant


@pytest.mark.parametrize("reported", [None, at(-5), at(-1), at(5)])
def test_r38_nothing_happened_before_a_start_that_a_faster_clock_wrote(reported: datetime | None) -> None:
    assert instant_of(reported, earliest=NOON, now=at(-1)) == NOON
