"""What an ended call is charged."""

from datetime import datetime
from decimal import Decimal

import pytest

from gateway.domain.calls.call import Flag
from gateway.domain.calls.settlement import Settlement, reported_seconds, settle
from gateway.domain.events import CallEnded, Cause
from gateway.domain.rates.rate import Rate, price
from tests.unit.domain.make import NOON, at, ended, rate

D = Decimal
RATE = rate()


def settled(
    event: CallEnded,
    *,
    priced_by: Rate | None = RATE,
    answered_at: datetime | None = None,
    granted_s: int = 3600,
    hold: str | None = "1.62",
    now: datetime | None = None,
) -> Settlement:
    """The settlement of a call that started at noon and ends 1000 s later."""
    return settle(
        event,
        rate=priced_by,
        started_at=NOON,
        answered_at=answered_at,
        granted_s=granted_s,
        hold=None if hold is None else D(hold),
        now=now or at(1000),
    )


def test_r20_the_seconds_from_answer_to_end_are_charged() -> None:
    told = settled(ended(answered_at=at(5), ended_at=at(100)))

    assert (told.reported_s, told.billed_s, told.charge) == (95, 95, D("0.054"))
    assert (told.answered_at, told.ended_at, told.flags) == (at(5), at(100), ())


def test_r20_the_providers_own_seconds_are_believed_before_its_instants() -> None:
    told = settled(ended(seconds=59, answered_at=at(5), ended_at=at(100)))

    assert (told.reported_s, told.charge) == (59, D("0.027"))


def test_r20_an_answer_told_before_counts_where_the_end_does_not_repeat_it() -> None:
    assert settled(ended(ended_at=at(100)), answered_at=at(40)).reported_s == 60


def test_r20_the_ends_own_answer_is_believed_before_the_one_told_earlier() -> None:
    told = settled(ended(answered_at=at(10), ended_at=at(100)), answered_at=at(40))

    assert (told.reported_s, told.answered_at) == (90, at(10))


def test_r20_an_end_that_says_nothing_ends_now() -> None:
    told = settled(ended(), answered_at=at(900))

    assert (told.reported_s, told.ended_at) == (100, at(1000))


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("seconds", [None, 0])
def test_r20_a_call_that_was_not_answered_costs_nothing(cause: Cause, seconds: int | None) -> None:
    told = settled(ended(cause=cause, seconds=seconds), priced_by=rate(fee="0.5"))

    assert (told.charge, told.billed_s, told.answered_at, told.flags) == (0, 0, None, ())


def test_r4_an_answered_call_of_no_seconds_costs_nothing() -> None:
    told = settled(ended(seconds=0, answered_at=at(5), ended_at=at(5)), priced_by=rate(fee="0.5"))

    assert (told.charge, told.answered_at) == (0, at(5))


@pytest.mark.parametrize(("milliseconds", "seconds"), [(0, 0), (1, 1), (999, 1), (1000, 1), (1001, 2)])
def test_r20_a_second_that_has_begun_counts(milliseconds: int, seconds: int) -> None:
    assert settled(ended(answered_at=NOON, ended_at=at(milliseconds / 1000))).reported_s == seconds


def test_r20_more_seconds_than_granted_are_charged_as_granted_and_flagged() -> None:
    told = settled(ended(seconds=700), granted_s=600, hold="0.27")

    assert (told.reported_s, told.billed_s, told.charge) == (700, 600, D("0.27"))
    assert told.flags == (Flag.OVER_GRANT,)


def test_r20_exactly_the_granted_seconds_are_no_more_than_granted() -> None:
    assert settled(ended(seconds=600), granted_s=600).flags == ()


def test_r15_a_charge_that_is_more_than_what_was_held_is_flagged() -> None:
    assert settled(ended(seconds=301), hold="0.135").flags == (Flag.HOLD_SHORT,)
    assert settled(ended(seconds=300), hold="0.135").flags == ()
    assert settled(ended(seconds=1), hold="0").flags == (Flag.HOLD_SHORT,)


def test_r21_a_call_that_was_never_to_hold_anything_is_not_short_of_it() -> None:
    told = settled(ended(seconds=300), hold=None)

    assert (told.charge, told.flags) == (D("0.135"), ())


def test_r12_a_call_without_a_rate_costs_nothing() -> None:
    told = settled(ended(seconds=300), priced_by=None, hold="0")

    assert (told.charge, told.billed_s, told.flags) == (0, 300, ())


def test_r1_the_charge_is_the_price_of_the_billed_seconds() -> None:
    assert settled(ended(seconds=137)).charge == price(RATE, 137)


def test_r20_without_an_answer_it_is_reckoned_back_from_the_end() -> None:
    assert settled(ended(seconds=60, ended_at=at(100))).answered_at == at(40)


def test_r20_an_answer_reckoned_back_is_never_before_the_start() -> None:
    assert settled(ended(seconds=500, ended_at=at(100))).answered_at == NOON


def test_r21_an_end_before_its_answer_is_flagged_and_costs_nothing() -> None:
    told = settled(ended(ended_at=at(100)), answered_at=at(200))

    assert (told.charge, told.flags) == (0, (Flag.CLOCK,))
    assert told.answered_at == told.ended_at == at(100)


def test_r21_an_end_before_its_answer_with_seconds_is_charged_by_these_and_flagged() -> None:
    told = settled(ended(seconds=60, answered_at=at(200), ended_at=at(100)))

    assert (told.charge, told.flags) == (D("0.027"), (Flag.CLOCK,))


@pytest.mark.parametrize(
    ("answered_at", "ended_at", "now"),
    [
        (at(-50), at(45), at(1000)),
        (at(1500), at(1600), at(1000)),
        (at(-500), at(-400), at(1000)),
        (at(5), at(100), at(-1)),
        (None, None, at(-1)),
    ],
)
def test_r21_instants_on_record_are_in_order_and_not_before_the_start_whatever_is_reported(
    answered_at: datetime | None, ended_at: datetime | None, now: datetime
) -> None:
    told = settled(ended(seconds=30, answered_at=answered_at, ended_at=ended_at), now=now)

    assert told.answered_at is not None
    assert NOON <= told.answered_at <= told.ended_at
    assert told.charge == D("0.027")


def test_r21_a_provider_whose_clock_is_off_is_charged_by_the_difference_of_its_own_instants() -> None:
    told = settled(ended(answered_at=at(5000), ended_at=at(5090)))

    assert (told.reported_s, told.ended_at) == (90, at(1000))


@pytest.mark.parametrize(
    ("event", "answered_at", "seconds"),
    [
        (ended(seconds=7), at(0), 7),
        (ended(), None, 0),
        (ended(), at(0), 100),
        (ended(), at(101), 0),
        (ended(), at(99.5), 1),
    ],
)
def test_r20_reported_seconds(event: CallEnded, answered_at: datetime | None, seconds: int) -> None:
    assert reported_seconds(event, answered_at, at(100)) == seconds


def test_r20_instants_further_apart_than_a_week_are_a_week() -> None:
    assert reported_seconds(ended(), at(0), at(700_000)) == 604_800
