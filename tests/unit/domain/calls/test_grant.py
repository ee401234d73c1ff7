"""How a hold grows with its call."""

from decimal import Decimal

import pytest

from gateway.domain.calls.grant import Extension, extend
from gateway.domain.rates.rate import Rate, price
from tests.unit.domain.make import rate

D = Decimal
RATE = rate()
SLICE = 300


def extended(
    *,
    priced_by: Rate = RATE,
    held_s: int = 300,
    hold: str | None = None,
    granted_s: int = 3600,
    elapsed_s: int = 270,
    available: str = "100",
    cuttable: bool = True,
) -> Extension:
    """A hold is the price of the held seconds unless another is given."""
    return extend(
        rate=priced_by,
        held_s=held_s,
        hold=price(priced_by, held_s) if hold is None else D(hold),
        granted_s=granted_s,
        elapsed_s=elapsed_s,
        available=D(available),
        slice_s=SLICE,
        cuttable=cuttable,
    )


def test_r15_a_hold_is_extended_by_a_slice() -> None:
    assert extended() == Extension(held_s=600, hold=D("0.27"), granted_s=3600)


def test_r15_exactly_enough_for_a_slice_is_enough() -> None:
    assert extended(available="0.135") == Extension(held_s=600, hold=D("0.27"), granted_s=3600)


def test_r15_a_hold_is_never_extended_beyond_the_grant() -> None:
    assert extended(granted_s=400) == Extension(held_s=400, hold=D("0.189"), granted_s=400)


def test_r15_an_extension_that_is_covered_in_part_ends_the_call_where_the_money_ends() -> None:
    assert extended(available="0.134999") == Extension(held_s=540, hold=D("0.243"), granted_s=540)


@pytest.mark.parametrize("available", ["0.026999", "0", "-0.05", "-10"])
def test_r15_an_extension_that_cannot_be_covered_cuts_the_call_at_the_end_of_what_is_held(available: str) -> None:
    assert extended(available=available) == Extension(held_s=300, hold=D("0.135"), granted_s=300)


def test_r15_seconds_of_an_increment_that_is_held_already_need_no_money() -> None:
    long_increments = rate(increment_s=600)

    for available in ("0", "-0.2"):
        told = extended(priced_by=long_increments, available=available)
        assert told == Extension(held_s=600, hold=D("0.27"), granted_s=3600)


@pytest.mark.parametrize(("available", "held_s"), [("100", 3600), ("0.5", 1380), ("0", 300), ("-1", 300)])
def test_r15_a_call_that_we_cannot_cut_keeps_its_grant_and_holds_what_it_can(available: str, held_s: int) -> None:
    told = extended(available=available, cuttable=False)

    assert told == Extension(held_s=held_s, hold=price(RATE, held_s), granted_s=3600)


def test_r15_a_call_whose_hold_was_released_holds_again_when_it_is_answered() -> None:
    assert extended(held_s=0, elapsed_s=0) == Extension(held_s=300, hold=D("0.135"), granted_s=3600)


def test_r15_a_call_whose_hold_was_released_is_cut_at_once_if_the_money_has_gone() -> None:
    assert extended(held_s=0, elapsed_s=0, available="0.02") == Extension(held_s=0, hold=D(0), granted_s=0)


def test_r15_after_a_pause_of_ours_a_call_holds_what_has_elapsed_and_a_slice_more() -> None:
    assert extended(elapsed_s=1000).held_s == 1300


def test_r15_a_hold_never_shrinks() -> None:
    assert extended(hold="5", available="0").hold == D(5)
