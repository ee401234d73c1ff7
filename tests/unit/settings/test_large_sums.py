"""Above which amounts two operators must agree: one amount, or one by currency."""

from decimal import Decimal

import pytest

from gateway.domain.accounts.large_sums import LargeSums
from tests.support.configured import load, problems_of

D = Decimal


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("1000", LargeSums(elsewhere=D(1000))),
        ("0", LargeSums(elsewhere=D(0))),
        ("USD=1000,EUR=900.50", LargeSums(by_currency={"USD": D(1000), "EUR": D("900.50")})),
        ("JPY=150000, 1000", LargeSums(elsewhere=D(1000), by_currency={"JPY": D(150000)})),
    ],
)
def test_it_is_read(written: str, expected: LargeSums) -> None:
    assert load({"GATEWAY_SECOND_OPERATOR_ABOVE": written}).large_sums == expected


@pytest.mark.parametrize(
    "written", ["many", "-1", "USD", "USD=", "usd=10", "=10", "USD=10,USD=20", "10,20", "10,", "USD=10 EUR=20"]
)
def test_what_is_none_is_told(written: str) -> None:
    [problem] = problems_of({"GATEWAY_SECOND_OPERATOR_ABOVE": written})

    assert problem.startswith("GATEWAY_SECOND_OPERATOR_ABOVE must ")


def test_unset_none_is_large() -> None:
    assert load().large_sums == LargeSums()
