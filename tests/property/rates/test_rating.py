"""Rating, for arbitrary rates: with fees, long first intervals, increments that do not divide a minute."""

from datetime import timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import assume, example, given
from hypothesis import strategies as st

from gateway.domain.calls.call import Flag, Limits
from gateway.domain.calls.decision import Granted
from gateway.domain.calls.grant import extend
from gateway.domain.calls.instants import CallInstants
from gateway.domain.calls.rules import decide
from gateway.domain.calls.settlement import settle
from gateway.domain.rates.rate import Rate, affordable_seconds, billed_seconds, price
from tests.unit.domain.make import NOON, ended, facts, outbound, paying_account

D = Decimal
HALF = Fraction(1, 2)
LIMIT_S = 3600

# The dearest destinations cost some 20 a minute; the last are what the database can hold.
prices = st.one_of(
    st.decimals(min_value=0, max_value=D("0.001"), places=6),
    st.decimals(min_value=0, max_value=20, places=6),
    st.decimals(min_value=0, max_value=D("99999999999999.999999"), places=6),
)
intervals = st.sampled_from([1, 6, 7, 10, 30, 45, 60, 90, 3600]) | st.integers(1, LIMIT_S)
rates = st.builds(
    Rate,
    id=st.just(7),
    prefix=st.just("44"),
    per_minute=prices,
    connection_fee=st.just(D(0)) | prices,
    first_interval_s=intervals,
    increment_s=intervals,
)
seconds = st.integers(0, LIMIT_S)
limits_s = st.just(LIMIT_S) | st.integers(1, LIMIT_S)


@st.composite
def rates_and_money(draw: st.DrawFn) -> tuple[Rate, Decimal]:
    """A rate, and money near what some call by it costs, so that the border is met often."""
    rate = draw(rates)
    near = price(rate, draw(seconds)) + draw(st.sampled_from([D(0), D("0.000001"), D("-0.000001")]))
    return rate, draw(st.just(near) | st.decimals(min_value=-1, max_value=100, places=6))


def exact_price(rate: Rate, for_s: int) -> Fraction:
    """By the words of R4, in rationals: rounded to intervals, priced, rounded half-up to a millionth."""
    if for_s == 0:
        return Fraction(0)
    billed = rate.first_interval_s
    while billed < for_s:
        billed += rate.increment_s
    micros = (Fraction(rate.connection_fee) + Fraction(rate.per_minute) * billed / 60) * 10**6
    return Fraction((micros + HALF).__floor__(), 10**6)


@given(rates, seconds)
@example(Rate(id=7, prefix="44", per_minute=D("0.000030"), connection_fee=D(0), first_interval_s=1, increment_s=1), 1)
def test_r1_r4_a_price_is_the_exact_one_rounded_once_half_up(rate: Rate, for_s: int) -> None:
    assert Fraction(price(rate, for_s)) == exact_price(rate, for_s)


@given(rates, seconds, seconds)
def test_r4_a_longer_call_never_costs_less(rate: Rate, one: int, other: int) -> None:
    shorter, longer = sorted((one, other))

    assert 0 <= price(rate, shorter) <= price(rate, longer)


@given(rates, seconds)
def test_r4_billed_seconds_cover_the_call_by_less_than_an_interval_more(rate: Rate, for_s: int) -> None:
    billed = billed_seconds(rate, for_s)

    assert billed >= for_s
    assert billed - for_s < max(rate.first_interval_s, rate.increment_s) or for_s == 0
    assert billed_seconds(rate, billed) == billed


@given(rates_and_money(), limits_s)
def test_r14_what_is_affordable_is_affordable_and_the_longest_there_is(
    rate_and_money: tuple[Rate, Decimal], limit_s: int
) -> None:
    rate, available = rate_and_money

    allowed_s = affordable_seconds(rate, available, limit_s)

    assert 0 <= allowed_s <= limit_s
    if allowed_s:
        assert price(rate, allowed_s) <= available
    if allowed_s < limit_s:
        assert price(rate, allowed_s + 1) > available


@given(rates, seconds)
def test_r14_exactly_enough_is_enough(rate: Rate, for_s: int) -> None:
    assume(for_s > 0)

    assert affordable_seconds(rate, price(rate, for_s), LIMIT_S) >= for_s


@given(rates_and_money(), limits_s, st.decimals(min_value=0, max_value=10, places=6))
def test_r14_more_money_never_buys_less(rate_and_money: tuple[Rate, Decimal], limit_s: int, more: Decimal) -> None:
    rate, available = rate_and_money

    assert affordable_seconds(rate, available, limit_s) <= affordable_seconds(rate, available + more, limit_s)


@given(rates_and_money(), st.booleans(), st.integers(1, LIMIT_S), seconds)
def test_r1_what_is_quoted_is_held_and_charged(
    rate_and_money: tuple[Rate, Decimal], cuttable: bool, slice_s: int, talked_s: int
) -> None:
    rate, available = rate_and_money
    known = facts(rate=rate, cuttable=cuttable, account=paying_account(str(available)))
    decision = decide(outbound(), known, Limits(hold_slice_s=slice_s))
    assume(isinstance(decision, Granted) and not rate.is_free)

    assert decision.hold == price(rate, decision.held_s) <= available
    assert decision.held_s == (min(slice_s, decision.granted_s) if cuttable else decision.granted_s)

    charged = settle(
        ended(seconds=talked_s),
        instants=CallInstants(started_at=NOON),
        rate=decision.rate,
        granted_s=decision.granted_s,
        hold=decision.hold,
        received_at=NOON + timedelta(seconds=LIMIT_S),
        tolerance_s=0,
    )

    assert charged.charge == price(rate, min(talked_s, decision.granted_s)) <= available
    if talked_s <= decision.held_s:
        assert charged.charge <= decision.hold
    assert (Flag.HOLD_SHORT in charged.flags) == (charged.charge > decision.hold)
    assert (Flag.OVER_GRANT in charged.flags) == (talked_s > decision.granted_s)


@given(rates_and_money(), st.booleans(), st.tuples(seconds, seconds), seconds, st.integers(1, LIMIT_S))
def test_r15_an_extension_takes_no_more_than_there_is_and_gives_nothing_back(
    rate_and_money: tuple[Rate, Decimal],
    cuttable: bool,
    held_and_granted: tuple[int, int],
    elapsed_s: int,
    slice_s: int,
) -> None:
    rate, available = rate_and_money
    held_s, granted_s = sorted(held_and_granted)
    hold = price(rate, held_s)

    told = extend(
        rate=rate,
        held_s=held_s,
        hold=hold,
        granted_s=granted_s,
        elapsed_s=elapsed_s,
        available=available,
        slice_s=slice_s,
        cuttable=cuttable,
    )

    assert hold <= told.hold <= max(hold, hold + available)
    assert told.hold == price(rate, told.held_s)
    assert held_s <= told.held_s <= told.granted_s <= granted_s
    if told.granted_s < granted_s:
        assert cuttable
        assert told.granted_s == told.held_s
        assert price(rate, told.held_s + 1) > max(hold, hold + available)
