"""R30 against a naive model, which compares balance and minimum whenever either has moved.

The real one, as the gateway runs it, is only asked when a debit fell below the level, at a credit, and at its own
times. It must send the same mails at the same moments.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import example, given
from hypothesis import strategies as st

from gateway.domain.accounts.low_balance import LowBalanceRule, LowBalanceState, check
from tests.unit.domain.make import NOON

D = Decimal
DAY = timedelta(hours=24)
FAR = 200 * DAY
rules = st.builds(LowBalanceRule, window_days=st.sampled_from([1, 2, 7, 10]), days_ahead=st.sampled_from([1, 2, 3, 30]))
cents = st.integers(1, 3000).map(lambda n: D(n) / 100)
amounts = cents | st.integers(1, 50_000_000).map(lambda n: D(n) / 1_000_000)


@given(rules, st.decimals(-100, 100, places=6), amounts | st.just(D(0)), st.lists(amounts, max_size=10))
@example(LowBalanceRule(), D(10), D(20), [D(5), D("0.000001")])
@example(LowBalanceRule(window_days=7), D(1), D(0), [D("0.777778")])
def test_r30_no_debits_lead_below_the_minimum_and_not_below_the_level(
    rule: LowBalanceRule, balance: Decimal, spent: Decimal, debits: list[Decimal]
) -> None:
    before = check(rule, LowBalanceState(), balance=balance, spent=spent, back_at=NOON, now=NOON)

    for debit in debits if before.level is not None else ():
        balance, spent = balance - debit, spent + debit
        is_below = balance < rule.minimum(spent)
        assert not is_below or before.level > balance


@given(rules, st.decimals(-100, 100, places=6), amounts | st.just(D(0)))
def test_r30_a_balance_covers_exactly_what_its_minimum_allows(
    rule: LowBalanceRule, balance: Decimal, spent: Decimal
) -> None:
    covered = rule.covered(balance)

    assert (spent <= covered) == (balance >= rule.minimum(spent))


@dataclass
class Books:
    """Entries, the oldest first."""

    rule: LowBalanceRule
    entries: list[tuple[datetime, Decimal]] = field(default_factory=list)

    @property
    def balance(self) -> Decimal:
        return sum((amount for _, amount in self.entries), D(0))

    def debits(self, now: datetime) -> list[tuple[datetime, Decimal]]:
        return [(at, -amount) for at, amount in self.entries if amount < 0 and at > now - self.rule.window]

    def spent(self, now: datetime) -> Decimal:
        return sum((amount for _, amount in self.debits(now)), D(0))


class Naive:
    """R30 word by word, asked whenever something has moved."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.mails: list[datetime] = []
        self.armed = True

    def look(self, now: datetime) -> None:
        spent = self.books.spent(now)
        exact = self.books.balance * self.books.rule.window_days - spent * self.books.rule.days_ahead
        if exact >= 0:
            self.armed = True
        elif spent and self.armed and (not self.mails or now - self.mails[-1] >= DAY):
            self.mails.append(now)
            self.armed = False

    def moments(self, since: datetime, until: datetime) -> Iterator[datetime]:
        """When the minimum moves by itself, or a mail that had to wait may be sent."""
        leaving = {at + self.books.rule.window for at, amount in self.books.entries if amount < 0}
        while due := [at for at in {*leaving, *(at + DAY for at in self.mails)} if since < at <= until]:
            since = min(due)
            yield since


class Real:
    """What the gateway keeps of an account, and when it looks."""

    def __init__(self, books: Books) -> None:
        self.books = books
        self.mails: list[datetime] = []
        self.state = LowBalanceState()
        self.level: Decimal | None = None
        self.check_at = NOON
        self.checks = 0

    def look(self, now: datetime) -> None:
        """One exact check, if it is due."""
        if self.check_at > now:
            return
        self.checks += 1
        balance, spent = self.books.balance, self.books.spent(now)
        outcome = check(self.books.rule, self.state, balance=balance, spent=spent, back_at=self.back_at(now), now=now)
        if outcome.is_mailed:
            self.mails.append(now)
        self.state = LowBalanceState(armed=outcome.armed, mailed_at=outcome.mailed_at)
        self.level, self.check_at = outcome.level, outcome.check_at
        assert self.check_at > now

    def back_at(self, now: datetime) -> datetime:
        """As low_balance_leaving finds it."""
        covered, newer = self.books.rule.covered(self.books.balance), D(0)
        for at, amount in reversed(self.books.debits(now)):
            newer += amount
            if newer > covered:
                return at + self.books.rule.window
        return now + FAR

    def moved(self, amount: Decimal, now: datetime) -> None:
        """As the statements that move balances mark it."""
        if amount > 0 or (self.level is not None and self.books.balance < self.level):
            self.check_at = min(self.check_at, now)


movements = st.one_of(amounts.map(lambda amount: -amount), amounts.map(lambda amount: -amount), amounts)
steps = st.one_of(st.just(0), st.integers(1, 3600), st.integers(1, 40 * 3600), st.just(86_400))


@given(rules, st.lists(st.tuples(steps, movements), max_size=40))
@example(LowBalanceRule(), [(0, D(24)), (0, D(-20)), (0, D("-0.0001")), (0, D(-1)), (60, D(7)), (86_400, D("-6.5"))])
# The minimum falls to the balance by itself, and the balance falls below it again, all in one day.
@example(
    LowBalanceRule(window_days=1, days_ahead=1),
    [(0, D(30)), (0, D(-10)), (3600, D(-8)), (86_000, D(-1)), (300, D(-8))],
)
def test_r30_the_mails_are_those_of_a_check_at_every_movement(
    rule: LowBalanceRule, moves: list[tuple[int, Decimal]]
) -> None:
    books = Books(rule)
    naive, real = Naive(books), Real(books)
    now = NOON
    for step, amount in [*moves, (20 * 86_400, D(1))]:
        until = now + timedelta(seconds=step)
        for moment in naive.moments(now, until):
            naive.look(moment)
        while real.check_at <= until:
            real.look(max(now, real.check_at))
        assert real.mails == naive.mails
        now = until
        books.entries.append((now, amount))
        naive.look(now)
        real.moved(amount, now)
        real.look(now)
        assert real.mails == naive.mails


def test_r30_of_a_thousand_small_debits_few_are_checked() -> None:
    books = Books(LowBalanceRule())
    real = Real(books)
    books.entries.append((NOON, D(1000)))
    real.look(NOON)
    for second in range(1000):
        now = NOON + timedelta(seconds=second)
        books.entries.append((now, D("-0.027")))
        real.moved(D("-0.027"), now)
        real.look(now)

    assert real.checks == 1
