"""What a call costs, and how long a call the money buys: the figures of the requirements."""

from decimal import Decimal

import pytest

from gateway.domain.rates.rate import affordable_seconds, billed_seconds, price
from tests.unit.domain.make import rate

D = Decimal

# requirements.md, "Figures to check against": seconds, then the charge at increments of 1, 6, 30 and 60.
FIGURES = {
    0: ("0", "0", "0", "0"),
    1: ("0.000450", "0.002700", "0.013500", "0.027000"),
    59: ("0.026550", "0.027000", "0.027000", "0.027000"),
    61: ("0.027450", "0.029700", "0.040500", "0.054000"),
    95: ("0.042750", "0.043200", "0.054000", "0.054000"),
    3600: ("1.620000", "1.620000", "1.620000", "1.620000"),
}
ROWS = [
    (seconds, increment_s, charge)
    for seconds, charges in FIGURES.items()
    for increment_s, charge in zip((1, 6, 30, 60), charges, strict=True)
]


@pytest.mark.parametrize(("seconds", "increment_s", "charge"), ROWS)
def test_r4_the_rating_table(seconds: int, increment_s: int, charge: str) -> None:
    assert price(rate("0.0270", increment_s=increment_s), seconds) == D(charge)


@pytest.mark.parametrize(("seconds", "increment_s", "charge"), ROWS)
def test_r1_a_charge_always_has_six_places(seconds: int, increment_s: int, charge: str) -> None:
    assert price(rate("0.0270", increment_s=increment_s), seconds).as_tuple().exponent == -6


@pytest.mark.parametrize(
    ("available", "increment_s", "seconds"),
    [("1.00", 60, 2220), ("0.02", 60, 0), ("0.027", 60, 60), ("0.10", 1, 222), ("100", 60, 3600)],
)
def test_r14_the_table_of_what_is_affordable(available: str, increment_s: int, seconds: int) -> None:
    assert affordable_seconds(rate("0.0270", increment_s=increment_s), D(available), 3600) == seconds


@pytest.mark.parametrize(
    ("seconds", "billed_s"), [(-1, 0), (0, 0), (1, 30), (30, 30), (31, 36), (36, 36), (37, 42), (60, 60), (3600, 3600)]
)
def test_r4_seconds_are_rounded_up_to_the_first_interval_and_then_to_increments(seconds: int, billed_s: int) -> None:
    assert billed_seconds(rate(first_interval_s=30, increment_s=6), seconds) == billed_s


def test_r4_a_call_of_no_seconds_costs_not_even_the_connection_fee() -> None:
    with_fee = rate("0.0270", fee="0.05")

    assert price(with_fee, 0) == 0
    assert price(with_fee, -5) == 0
    assert price(with_fee, 1) == D("0.077")


@pytest.mark.parametrize(
    ("per_minute", "seconds", "charge"),
    [
        ("0.000030", 1, "0.000001"),  # exactly half a millionth: up
        ("0.000029", 1, "0.000000"),
        ("0.000090", 1, "0.000002"),  # 1.5 millionths
        ("0.000010", 3, "0.000001"),  # half again, reached by a multiple
        ("0.000001", 3600, "0.000060"),
    ],
)
def test_r1_a_charge_is_rounded_once_and_half_up(per_minute: str, seconds: int, charge: str) -> None:
    assert price(rate(per_minute, increment_s=1), seconds) == D(charge)


def test_r1_the_largest_rate_of_the_database_is_priced_exactly() -> None:
    assert price(rate("99999999999999.999999", increment_s=1), 3600) == D("5999999999999999.999940")


def test_r14_the_fee_has_to_be_affordable_too() -> None:
    with_fee = rate("0.0270", fee="0.05")

    assert affordable_seconds(with_fee, D("0.076999"), 3600) == 0
    assert affordable_seconds(with_fee, D("0.077"), 3600) == 60
    assert affordable_seconds(with_fee, D("0.131"), 3600) == 180


def test_r14_a_first_interval_longer_than_the_increment_must_be_affordable_as_a_whole() -> None:
    minute_then_seconds = rate("0.0600", first_interval_s=60, increment_s=1)

    assert affordable_seconds(minute_then_seconds, D("0.059999"), 3600) == 0
    assert affordable_seconds(minute_then_seconds, D("0.060999"), 3600) == 60
    assert affordable_seconds(minute_then_seconds, D("0.061"), 3600) == 61


def test_r14_a_call_is_never_allowed_more_than_the_limit_even_if_that_is_within_an_increment() -> None:
    assert affordable_seconds(rate(), D(100), 90) == 90
    assert affordable_seconds(rate(), D("0.053"), 90) == 60
    assert affordable_seconds(rate(), D("0.026"), 30) == 0
    assert affordable_seconds(rate(), D("0.027"), 30) == 30


@pytest.mark.parametrize("available", ["0", "-0.000001", "-5"])
def test_r14_without_money_nothing_is_affordable(available: str) -> None:
    assert affordable_seconds(rate(), D(available), 3600) == 0


def test_r14_a_fee_alone_buys_the_whole_hour() -> None:
    only_fee = rate("0", fee="0.10")

    assert not only_fee.is_free
    assert affordable_seconds(only_fee, D("0.10"), 3600) == 3600
    assert affordable_seconds(only_fee, D("0.099999"), 3600) == 0


def test_r14_a_rate_of_nothing_is_free() -> None:
    assert rate("0").is_free
    assert not rate("0.000001").is_free
