"""Rents whenever the calendar is kept: downtime changes nothing, no order makes or loses money (R23, R25)."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.lines.rent_calendar import RentCalendar
from gateway.domain.lines.rent_state import GivenUp
from gateway.domain.lines.subscription import Subscription
from tests.support.rents import BERLIN, berlin, calendar, given_up, rented

BEGIN = date(2026, 1, 1)
CENTS = st.integers(0, 2000).map(lambda cents: Decimal(cents) / 100)
KINDS = st.sampled_from(list(LineKind))


@st.composite
def lines(draw: st.DrawFn) -> list[Subscription]:
    """Some lines of one account; each is due within the first months, some are given up."""
    made = []
    for line_id in range(1, draw(st.integers(1, 5)) + 1):
        due_on = BEGIN + timedelta(days=draw(st.integers(0, 70)))
        line = rented(due_on, line_id=line_id, rent=str(draw(CENTS)), kind=draw(KINDS))
        ends = draw(st.none() | st.integers(0, 5000).map(lambda hours: berlin(1, 1) + timedelta(hours=hours)))
        line = line if ends is None else given_up(line, ends)
        made.append(replace(line, calendar_due_at=line.due_after(None, BERLIN)))
    return made


def kept_after_all(line: Subscription) -> Subscription:
    return replace(line, state=line.state.before) if isinstance(line.state, GivenUp) else line


def live(made: list[Subscription], moments: Iterable[datetime], balance: str) -> RentCalendar:
    """What becomes of lines if the calendar is kept at some moments."""
    charges, money = [], balance
    kept = calendar(berlin(1, 1), *made, balance=money)
    for now in moments:
        kept = calendar(now, *kept.lines.values(), balance=str(kept.funds.balance))
        kept.run_until(now)
        charges += kept.charges
    kept.charges = charges
    return kept


MOMENTS = st.lists(st.integers(0, 240 * 24), max_size=40).map(
    lambda hours: [berlin(1, 1) + timedelta(hours=hour) for hour in sorted({*hours, 240 * 24})]
)


@given(lines(), MOMENTS, CENTS)
def test_r23_downtime_changes_no_period_and_no_outcome(
    made: list[Subscription], moments: list[datetime], balance: Decimal
) -> None:
    often = live(made, moments, str(balance))
    once = live(made, moments[-1:], str(balance))

    assert once.lines == often.lines
    assert once.funds == often.funds
    assert [charge.key for charge in once.charges] == [charge.key for charge in often.charges]


@given(lines(), MOMENTS, CENTS)
def test_r23_each_period_is_charged_once_and_money_adds_up(
    made: list[Subscription], moments: list[datetime], balance: Decimal
) -> None:
    kept = live(made, moments, str(balance))

    keys = [charge.key for charge in kept.charges]
    assert len(keys) == len(set(keys))
    assert kept.funds.balance == balance - sum(charge.amount for charge in kept.charges)
    assert kept.funds.balance >= 0


@given(lines(), CENTS, CENTS)
def test_r25_a_credit_pays_what_it_covers_in_order(made: list[Subscription], balance: Decimal, credit: Decimal) -> None:
    now = berlin(3, 20)
    kept = live([kept_after_all(line) for line in made], [now], str(balance))
    paid = calendar(now, *kept.lines.values(), balance=str(kept.funds.balance + credit))
    overdue = {line.id for line in paid.lines.values() if line.line_state is LineState.SUSPENDED}
    paid.settle_overdue()

    expected, left = [], kept.funds.balance + credit
    for line in sorted(kept.lines.values(), key=lambda each: (each.rent.due_on, each.rent.month, each.id)):
        rent = line.rent.month
        if line.id in overdue and rent <= left:
            expected.append(line.id)
            left -= rent
    assert [line.id for line in paid.changed.values()] == expected
    assert paid.funds.balance == left
    assert {paid.lines[line_id].rent.due_on for line_id in expected} <= {date(2026, 4, 20)}
