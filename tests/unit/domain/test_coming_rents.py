"""Rents that are due in three days and will not be paid."""

from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.coming_rents import due_notice, uncovered
from gateway.domain.subscription import Subscription
from tests.support.rents import BERLIN, berlin, kept, price, rented

DUE_ON = date(2026, 7, 1)
SOON = rented(DUE_ON, line_id=1, rent="5")
CHEAP = rented(DUE_ON, line_id=2, rent="2")
BEFORE = rented(date(2026, 6, 30), line_id=3, rent="4")
FREE = rented(DUE_ON, line_id=4, rent="0")


@pytest.mark.parametrize(
    ("lines", "available", "missing"),
    [
        ([SOON], "5", set()),
        ([SOON], "4.999999", {1}),
        ([SOON, CHEAP], "5", {1}),
        ([SOON, CHEAP], "7", set()),
        ([SOON, CHEAP, BEFORE], "7", {1}),
        ([SOON, CHEAP, BEFORE], "3", {1, 3}),
        ([SOON, FREE], "-1", {1}),
        ([], "0", set()),
    ],
)
def test_r31_money_covers_what_is_due_first_then_the_cheaper(
    lines: list[Subscription], available: str, missing: set[int]
) -> None:
    assert uncovered(lines, BERLIN, Decimal(available)) == missing


def test_r28_31_what_counts_is_the_price_on_the_due_date() -> None:
    line = rented(DUE_ON, rent="4", rates=[price("4", until=berlin(7, 1)), price("6", since=berlin(7, 1))])

    assert uncovered([line], BERLIN, Decimal(5)) == {1}
    assert due_notice(line, BERLIN, account_id=7, available=Decimal(5)).facts["rent"] == "6"


def test_r31_a_mail_says_when_what_and_how_much_is_there() -> None:
    notice = due_notice(SOON, BERLIN, account_id=7, available=Decimal("4.5"))

    assert (notice.account_id, notice.kind, notice.key) == (7, "rent_due", "rent_due:1:2026-07-01")
    assert notice.facts == {
        "line": "+493055501",
        "line_kind": "number",
        "rent": "5",
        "due_on": "2026-07-01",
        "available": "4.5",
    }


def test_r31_three_days_before_a_line_is_noted_unless_its_day_has_come() -> None:
    soon = kept(berlin(6, 28), SOON, balance="9")
    late = kept(berlin(6, 30, 23), SOON, balance="9")
    too_late = kept(berlin(7, 1), SOON, balance="9")

    assert [line.id for line in soon.due_soon] == [line.id for line in late.due_soon] == [1]
    assert soon.lines[1].wake_at == berlin(7, 1)
    assert too_late.due_soon == []
