"""Amounts: rounding compared with exact rationals, and reading what was written."""

from decimal import Decimal
from fractions import Fraction

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.domain.errors import InvalidInput
from gateway.domain.money import AMOUNT_MAX, parse_amount, round_charge

MILLION = 10**6
amounts = st.decimals(min_value=-AMOUNT_MAX, max_value=AMOUNT_MAX, places=6)
# As long as a charge can be before it is rounded: fourteen digits, a minute's worth of seconds, sixty hours of them.
unrounded = st.decimals(min_value=0, max_value=Decimal(10) ** 15, places=12)


@given(unrounded)
@example(Decimal("0.0000005"))
@example(Decimal("0.000000499999"))
def test_r1_rounding_is_half_up_and_exact(exact: Decimal) -> None:
    micros = Fraction(exact) * MILLION

    rounded = Fraction(round_charge(exact)) * MILLION

    assert rounded.denominator == 1
    assert rounded == (micros + Fraction(1, 2)).__floor__()


@given(amounts)
def test_r1_a_finished_charge_is_not_changed_by_rounding_it_again(amount: Decimal) -> None:
    assert round_charge(amount) == amount
    assert round_charge(round_charge(amount)).as_tuple() == round_charge(amount).as_tuple()


@given(unrounded, unrounded)
def test_r1_rounding_keeps_the_order(one: Decimal, other: Decimal) -> None:
    assert (one <= other) <= (round_charge(one) <= round_charge(other))


@given(amounts)
def test_r1_an_amount_that_is_written_is_read_as_it_was(amount: Decimal) -> None:
    assert str(parse_amount(str(amount), negative=True)) == str(amount or amount.copy_abs())


@given(st.text(max_size=20) | st.decimals().map(str) | st.integers().map(str) | st.floats().map(repr))
def test_r1_whatever_is_typed_is_an_exact_amount_or_refused(text: str) -> None:
    try:
        amount = parse_amount(text, negative=True)
    except InvalidInput:
        return
    assert amount == Decimal(text.strip())
    assert amount.as_tuple().exponent == -6
    assert abs(amount) <= AMOUNT_MAX
