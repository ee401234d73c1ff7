"""An account's money: what may be spent of it, and what is left once it is."""

from decimal import Decimal

import pytest

from gateway.domain.accounts.funds import Funds

D = Decimal
FUNDS = Funds(balance=D(5), held=D(2), credit_limit=D(1))


def test_available_is_the_balance_and_the_credit_limit_without_what_is_held() -> None:
    assert FUNDS.available == D(4)


@pytest.mark.parametrize(("amount", "is_covered"), [("4", True), ("4.000001", False), ("0", True)])
def test_exactly_enough_is_enough(amount: str, *, is_covered: bool) -> None:
    assert FUNDS.covers(D(amount)) is is_covered


def test_nothing_can_be_paid_of_less_than_nothing() -> None:
    assert FUNDS.debited(D(10)).covers(D(0))
    assert not FUNDS.debited(D(10)).covers(D("0.000001"))


def test_what_is_paid_leaves_the_balance_and_what_is_held_does_not() -> None:
    assert FUNDS.debited(D(3)) == Funds(balance=D(2), held=D(2), credit_limit=D(1))
    assert FUNDS.holding(D(3)) == Funds(balance=D(5), held=D(5), credit_limit=D(1))
