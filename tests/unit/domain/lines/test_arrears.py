"""Rents that are due in three days and will not be paid."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import pytest

from gateway.domain.accounts.funds import Funds
from gateway.domain.lines.arrears import coming_rents, due_notice, needed_by, uncovered
from gateway.domain.lines.subscription import Subscription
from tests.support.rents import BERLIN, berlin, given_up, kept, price, rented, unpaid

D = Decimal
DUE_ON = date(2026, 7, 1)
SOON = rented(DUE_ON, line_id=1, rent="5")
CHEAP = rented(DUE_ON, line_id=2, rent="2")
BEFORE = rented(date(2026, 6, 30), line_id=3, rent="4")
FREE = rented(DUE_ON, line_id=4, rent="0")
[SOON_DUE] = coming_rents([SOON], BERLIN)


def funds(balance: str, held: str = "0", credit_limit: str = "0") -> Funds:
    return Funds(balance=Decimal(balance), held=Decimal(held), credit_limit=Decimal(credit_limit))


def missing_of(lines: Sequence[Subscription], available: str) -> set[int]:
    """The lines whose rents will not be paid."""
    return {rent.line.id for rent in uncovered(coming_rents(lines, BERLIN), Decimal(available))}


def notice(
    line: Subscription, balance: str, lines: Sequence[Subscription] = (), overdue: str = "0"
) -> Mapping[str, object]:
    """The facts of a mail about a line that is due, among others."""
    needed = needed_by(coming_rents(lines or [line], BERLIN), overdue=Decimal(overdue))
    [rent] = coming_rents([line], BERLIN)
    return due_notice(rent, account_id=7, funds=funds(balance), needed=needed[line.id]).facts


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
    assert missing_of(lines, available) == missing


def test_r28_31_what_counts_is_the_price_on_the_due_date() -> None:
    line = rented(DUE_ON, rent="4", rates=[price("4", until=berlin(7, 1)), price("6", since=berlin(7, 1))])

    assert missing_of([line], "5") == {1}
    assert notice(line, "5")["rent"] == "6"


def test_r31_a_mail_says_when_what_and_how_much_is_there() -> None:
    told = due_notice(SOON_DUE, account_id=7, funds=funds("4.5"), needed=D(5))

    assert (told.account_id, told.kind, told.key) == (7, "rent_due", "rent_due:1:2026-07-01")
    assert told.facts == {
        "line": "+493055501",
        "line_kind": "number",
        "rent": "5",
        "due_on": "2026-07-01",
        "available": "4.5",
        "missing": "0.5",
        "held": "0",
    }


def test_r31_what_is_missing_counts_the_rents_that_are_paid_first() -> None:
    lines = [SOON, CHEAP, BEFORE, FREE]

    assert notice(SOON, "5", lines)["missing"] == "6"
    assert notice(CHEAP, "5", lines)["missing"] == "1"
    assert notice(BEFORE, "3", lines)["missing"] == "1"
    assert notice(SOON, "5", lines, overdue="9")["missing"] == "15"


@pytest.mark.parametrize(
    ("money", "available", "missing"),
    [
        ({"balance": "5", "held": "4"}, "1", "0.000000"),
        ({"balance": "4.99", "held": "4"}, "0.99", "4.01"),
        ({"balance": "-2", "credit_limit": "5"}, "3", "2"),
    ],
)
def test_r31_money_that_calls_hold_is_not_missing_but_held(money: dict[str, str], available: str, missing: str) -> None:
    facts = due_notice(SOON_DUE, account_id=7, funds=funds(**money), needed=D(5)).facts

    assert (facts["available"], facts["missing"], facts["held"]) == (available, missing, money.get("held", "0"))


def test_r31_three_days_before_a_line_is_noted_unless_its_day_has_come() -> None:
    soon = kept(berlin(6, 28), SOON, balance="9")
    late = kept(berlin(6, 30, 23), SOON, balance="9")
    too_late = kept(berlin(7, 1), SOON, balance="9")

    assert soon.days_due_soon == late.days_due_soon == {DUE_ON}
    assert soon.lines[1].calendar_due_at == berlin(7, 1)
    assert too_late.days_due_soon == set()


def test_r31_what_is_suspended_or_given_up_is_not_to_be_renewed() -> None:
    assert coming_rents([unpaid(DUE_ON), given_up(SOON, berlin(6, 29))], BERLIN) == []
