"""Amounts: what is read, and the one rounding."""

from decimal import Decimal

import pytest

from gateway.domain.errors import InvalidInput
from gateway.domain.money import AMOUNT_MAX, ZERO, parse_amount, round_charge


@pytest.mark.parametrize(
    ("exact", "rounded"),
    [
        ("0", "0.000000"),
        ("0.0000004", "0.000000"),
        ("0.0000005", "0.000001"),
        ("0.0000015", "0.000002"),
        ("0.0000025", "0.000003"),
        ("0.00000249999999999999999999", "0.000002"),
        ("99999999999999.999999", "99999999999999.999999"),
    ],
)
def test_r1_a_charge_is_rounded_half_up_to_six_places(exact: str, rounded: str) -> None:
    assert str(round_charge(Decimal(exact))) == rounded


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("12.50", "12.500000"),
        (" 1 ", "1.000000"),
        ("0.000001", "0.000001"),
        ("1e3", "1000.000000"),
        (".5", "0.500000"),
        ("99999999999999.999999", "99999999999999.999999"),
    ],
)
def test_r1_an_amount_is_read_exactly_with_six_places(text: str, amount: str) -> None:
    assert str(parse_amount(text)) == amount


def test_r1_nothing_is_written_without_a_sign() -> None:
    assert str(parse_amount("-0")) == str(parse_amount("-0.00", negative=True)) == str(ZERO)


@pytest.mark.parametrize("text", ["", "abc", "1,50", "$1", "1.2.3", "0x10", "--1"])
def test_r1_what_is_no_amount_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not an amount; write it like 12"):
        parse_amount(text)


@pytest.mark.parametrize("text", ["NaN", "sNaN", "Infinity", "-inf"])
def test_r1_an_amount_is_finite(text: str) -> None:
    with pytest.raises(InvalidInput, match="not a finite amount"):
        parse_amount(text, negative=True)


@pytest.mark.parametrize("text", ["100000000000000", "-100000000000000", "1e15", "1e999", "99999999999999.9999991"])
def test_r1_an_amount_that_the_database_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=f"too large; the largest amount is {AMOUNT_MAX}"):
        parse_amount(text, negative=True)


@pytest.mark.parametrize("text", ["0.0000001", "1.0000005", "1e-7", "1e-400", "1." + "0" * 40 + "1"])
def test_r1_more_than_six_places_are_an_error_and_not_rounded(text: str) -> None:
    with pytest.raises(InvalidInput, match="more than six decimal places"):
        parse_amount(text)


def test_r1_a_negative_amount_is_taken_only_where_it_makes_sense() -> None:
    with pytest.raises(InvalidInput, match="is negative"):
        parse_amount("-1")
    assert parse_amount("-1", negative=True) == Decimal(-1)


@pytest.mark.parametrize("text", ["\u0661\u0662", "\uff11.\uff15", "1_000", "1\u00a0000", "0x10", "1e", "--1", "."])
def test_r1_an_amount_is_written_in_digits_of_ascii(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not an amount"):
        parse_amount(text)
