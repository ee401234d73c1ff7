"""What an ended call is charged."""

from datetime import datetime
from decimal import Decimal

import pytest

from gateway.domain.calls.call import Flag
from gateway.domain.calls.instants import CallInstants
from gateway.domain.calls.settlement import NOT_ANSWERED, Settlement, settle
from gateway.domain.events import CallEnded, Cause
from gateway.domain.rates.rate import Rate, price
from tests.unit.domain.make import NOON, at, ended, rate

D = Decimal
RATE = rate()
# A call that started at noon, whose provider has a clock that shows the same.
AGREEING = CallInstants(started_at=NOON, provider_started_at=NOON)


def settled(
    event: CallEnded,
    *,
    priced_by: Rate | None = RATE,
    instants: CallInstants = AGREEING,
    granted_s: int = 3600,
    hold: str | None = "1.62",
    now: datetime | None = None,
    tolerance_s: int = 10,
    is_asked: bool = False,
) -> Settlement:
    """The settlement of a call that started at noon and whose end we hear of 1000 s later."""
    return settle(
        event,
        instants=instants,
        rate=priced_by,
        granted_s=granted_s,
        hold=None if hold is None else D(hold),
        received_at=now or at(1000),
        tolerance_s=tolerance_s,
        is_asked=is_asked,
    )


def answered(at: datetime, **more: datetime | bool | None) -> CallInstants:
    """A call that started at noon and whose answer was told as it happened; by a clock that agrees with ours."""
    told = {"provider_started_at": NOON, "provider_answered_at": at, **more}
    return CallInstants(started_at=NOON, answered_at=at, **told)


def test_r20_the_seconds_from_answer_to_end_are_charged() -> None:
    told = settled(ended(answered_at=at(5), ended_at=at(100)))

    assert (told.reported_s, told.billed_s, told.charge) == (95, 95, D("0.054"))
    assert (told.answered_at, told.ended_at, told.flags) == (at(5), at(100), ())


def test_r20_the_providers_own_seconds_are_believed_before_its_instants() -> None:
    told = settled(ended(seconds=59, answered_at=at(5), ended_at=at(100)))

    assert (told.reported_s, told.charge) == (59, D("0.027"))


def test_r20_an_answer_told_before_counts_where_the_end_does_not_repeat_it() -> None:
    assert settled(ended(ended_at=at(100)), instants=answered(at(40))).reported_s == 60


def test_r20_the_ends_own_answer_is_believed_before_the_one_told_earlier() -> None:
    told = settled(ended(answered_at=at(10), ended_at=at(100)), instants=answered(at(40)))

    assert (told.reported_s, told.answered_at) == (90, at(10))


def test_r20_an_end_that_says_nothing_ends_now() -> None:
    told = settled(ended(), instants=answered(at(900)))

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


def test_r21_an_end_before_its_answer_is_flagged_and_charged_by_what_passed_by_our_clock() -> None:
    told = settled(ended(ended_at=at(100)), instants=answered(at(200)), now=at(260))

    assert (told.reported_s, told.charge, told.flags) == (60, D("0.027"), (Flag.CLOCK,))
    assert (told.answered_at, told.ended_at) == (at(200), at(260))


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


# What follows is about two clocks.


@pytest.mark.parametrize("cause", sorted(NOT_ANSWERED))
def test_r20_a_cause_that_means_not_answered_charges_nothing_whatever_seconds_come_with_it(cause: Cause) -> None:
    told = settled(ended(cause=cause, seconds=22))

    assert (told.reported_s, told.billed_s, told.charge, told.flags) == (22, 0, 0, (Flag.NOT_ANSWERED,))


@pytest.mark.parametrize("cause", [Cause.NORMAL, Cause.FAILED, Cause.LIMIT])
def test_r20_other_causes_are_charged(cause: Cause) -> None:
    assert settled(ended(cause=cause, seconds=22)).billed_s == 22


def test_an_answer_that_only_the_end_tells_of_is_heard_by_our_clock() -> None:
    heard_s = AGREEING.heard_seconds(ended(answered_at=at(5)), received_at=at(60), is_asked=False)

    assert heard_s == 55


SILENT = CallInstants(started_at=NOON, answered_at=at(1))


@pytest.mark.parametrize(
    "event",
    [
        ended(ended_at=at(241)),
        ended(answered_at=at(-239)),
        ended(answered_at=at(-239), ended_at=at(1)),
        ended(seconds=240),
        ended(seconds=3600, ended_at=at(-600)),
    ],
)
def test_r20_no_more_is_charged_than_passed_by_our_clock(event: CallEnded) -> None:
    told = settled(event, instants=SILENT, now=at(2))

    assert told.billed_s <= 1 + 10
    assert (told.billed_s < told.reported_s) == (Flag.SECONDS_BOUNDED in told.flags)


def test_r20_the_bounds_use_is_flagged_with_both_figures() -> None:
    told = settled(ended(seconds=240), instants=SILENT, now=at(2))

    assert (told.reported_s, told.billed_s, told.flags) == (240, 11, (Flag.SECONDS_BOUNDED,))


@pytest.mark.parametrize(("passed_s", "billed_s"), [(0, 10), (0.1, 11), (49, 59), (50, 60), (51, 60), (900, 60)])
def test_r20_the_tolerance_is_beside_the_seconds_that_passed(passed_s: float, billed_s: int) -> None:
    assert settled(ended(seconds=60), instants=SILENT, now=at(1 + passed_s)).billed_s == billed_s


def test_r20_a_tolerance_of_an_hour_switches_the_bound_off() -> None:
    told = settled(ended(seconds=3600), instants=SILENT, now=at(1), tolerance_s=3600)

    assert (told.billed_s, told.flags) == (3600, ())


def test_r20_a_call_heard_of_only_by_its_end_has_no_such_bound() -> None:
    unannounced = CallInstants(started_at=NOON, is_announced=False)

    told = settled(ended(seconds=600), instants=unannounced, now=NOON, hold=None)

    assert (told.billed_s, told.flags) == (600, ())


@pytest.mark.parametrize("behind_s", [-3600, -120, -1, 0, 1, 120, 3600])
def test_r20_an_end_by_another_clock_is_charged_by_our_receipts(behind_s: int) -> None:
    told = settled(ended(ended_at=at(61 - behind_s)), instants=SILENT, now=at(61))

    assert (told.reported_s, told.billed_s, told.ended_at) == (60, 60, at(61))


@pytest.mark.parametrize("behind_s", [-3600, -120, -1, 0, 1, 120, 3600])
def test_r20_instants_of_one_clock_tell_the_seconds_wherever_that_clock_is(behind_s: int) -> None:
    theirs = CallInstants(
        started_at=NOON,
        answered_at=at(6),
        provider_started_at=at(-behind_s),
        provider_answered_at=at(5 - behind_s),
    )

    told = settled(ended(ended_at=at(65 - behind_s)), instants=theirs, now=at(67))

    assert (told.reported_s, told.billed_s, told.ended_at, told.flags) == (60, 60, at(65), ())


def test_r22_an_end_that_was_asked_for_is_charged_by_the_providers_instants_not_by_when_we_asked() -> None:
    told = settled(ended(ended_at=at(61)), instants=SILENT, now=at(1000), is_asked=True)

    assert (told.reported_s, told.ended_at) == (60, at(61))


@pytest.mark.parametrize(
    ("said", "is_asked", "answered_at"),
    [(None, False, at(9)), (at(-235), False, at(5)), (at(-300), False, NOON), (at(500), False, at(9))],
)
def test_r18_an_answer_is_brought_to_our_clock_by_the_difference_at_the_start(
    said: datetime | None, is_asked: bool, answered_at: datetime
) -> None:
    behind = CallInstants(started_at=NOON, provider_started_at=at(-240))

    assert behind.answer(said, received_at=at(9), is_asked=is_asked) == answered_at


def test_r18_an_answer_by_a_clock_that_nobody_could_compare_is_when_we_heard_of_it() -> None:
    unknown = CallInstants(started_at=NOON)

    assert unknown.answer(at(3), received_at=at(9), is_asked=False) == at(9)
    assert unknown.answer(at(3), received_at=at(900), is_asked=True) == at(3)


def test_r20_instants_further_apart_than_a_week_are_a_week() -> None:
    assert settled(ended(answered_at=at(0), ended_at=at(700_000))).reported_s == 604_800
