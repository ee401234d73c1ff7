"""R30: the money runs low when it lasts for less than the days ahead, and that is told once."""

from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.accounts.low_balance import DAY, LowBalanceCheck, LowBalanceRule, LowBalanceState, check
from tests.unit.domain.make import NOON

D = Decimal
RULE = LowBalanceRule()
ARMED = LowBalanceState()
TOLD = LowBalanceState(armed=False, mailed_at=NOON - timedelta(hours=30))
HOUR = timedelta(hours=1)


def checked(
    balance: str, state: LowBalanceState = ARMED, *, spent: str = "20", rule: LowBalanceRule = RULE
) -> LowBalanceCheck:
    return check(rule, state, balance=D(balance), spent=D(spent), back_at=NOON + 7 * HOUR, now=NOON)


def after(was: LowBalanceCheck) -> LowBalanceState:
    return LowBalanceState(armed=was.armed, mailed_at=was.mailed_at)


def test_r30_the_minimum_is_what_two_days_of_the_last_ten_cost() -> None:
    assert RULE.minimum(D("20.00")) == D(4)
    assert RULE.minimum(D(0)) == 0
    assert LowBalanceRule(window_days=7, days_ahead=2).minimum(D(1)) == D("0.285715")


def test_r30_what_a_balance_covers_is_what_its_minimum_comes_from() -> None:
    assert RULE.covered(D(4)) == D(20)
    assert LowBalanceRule(window_days=7, days_ahead=3).covered(D(1)) == D("2.333333")
    assert RULE.covered(D(-1)) == D(-5)


def test_r30_at_the_minimum_there_is_no_mail_and_below_it_there_is_one() -> None:
    at, below = checked("4.00"), checked("3.9999")

    assert (at.is_mailed, at.armed, at.mailed_at) == (False, True, None)
    assert (below.is_mailed, below.armed, below.mailed_at) == (True, False, NOON)
    assert (below.spent, below.minimum) == (D(20), D(4))


def test_r30_a_crossing_is_told_once_and_armed_again_at_the_minimum() -> None:
    told = after(checked("3.9999"))

    assert (checked("3", told).is_mailed, checked("3", told).armed) == (False, False)
    assert (checked("4", told).is_mailed, checked("4", told).armed) == (False, True)
    assert checked("10", told).armed


@pytest.mark.parametrize(("since", "is_mailed"), [(24 * HOUR, True), (24 * HOUR - timedelta(microseconds=1), False)])
def test_r30_the_next_crossing_is_told_when_24_hours_have_passed(since: timedelta, is_mailed: bool) -> None:
    armed = LowBalanceState(armed=True, mailed_at=NOON - since)

    outcome = checked("3.5", armed)

    assert outcome.is_mailed == is_mailed
    assert outcome.armed == (not is_mailed)
    assert outcome.mailed_at == (NOON if is_mailed else NOON - since)


def test_r30_a_crossing_within_24_hours_waits_for_their_end() -> None:
    outcome = checked("3.5", LowBalanceState(armed=True, mailed_at=NOON - 20 * HOUR))

    assert (outcome.check_at, outcome.level) == (NOON + 4 * HOUR, None)


@pytest.mark.parametrize("balance", ["5", "0", "-5"])
def test_r30_nothing_spent_no_mail(balance: str) -> None:
    outcome = checked(balance, spent="0")

    assert (outcome.is_mailed, outcome.armed, outcome.minimum) == (False, True, 0)
    assert outcome.check_at == NOON + DAY


def test_r30_the_first_debit_of_an_overdrawn_account_that_had_spent_nothing_is_looked_at() -> None:
    level = checked("-5", spent="0").level

    assert level is not None
    assert level > -5


def test_r30_an_overdrawn_account_is_not_armed_by_having_spent_nothing() -> None:
    assert not checked("-5", TOLD, spent="0").armed
    assert checked("0", TOLD, spent="0").armed


def test_r30_the_level_is_where_one_debit_alone_meets_the_minimum() -> None:
    # From 10, a debit of 5 makes it 5, and the minimum 2 x 25 / 10.
    assert checked("10").level == D(5)
    assert checked("4").level == D(4)
    assert checked("10", spent="20.000001").level == D("5.000001")


def test_r30_what_is_not_below_is_checked_once_a_day() -> None:
    assert checked("4").check_at == NOON + DAY
    assert checked("4", TOLD).check_at == NOON + DAY


def test_r30_what_was_told_is_checked_when_the_minimum_can_be_back_by_itself() -> None:
    outcome = checked("3", TOLD)

    assert (outcome.check_at, outcome.level) == (NOON + 7 * HOUR, None)
    assert checked("3").check_at == NOON + 7 * HOUR


@pytest.mark.parametrize(
    ("back_at", "check_at"), [(NOON + 3 * DAY, NOON + DAY), (None, NOON)], ids=["in three days", "unknown"]
)
def test_r30_what_was_told_is_checked_within_a_day_and_at_once_where_nobody_knows(back_at, check_at) -> None:
    outcome = check(RULE, TOLD, balance=D(3), spent=D(20), back_at=back_at, now=NOON)

    assert outcome.check_at == check_at
