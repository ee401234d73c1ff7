"""What the calendar does with the lines of an account: who pays when, in which order, and what is told of it.

Everything here happens to values; a use case reads them with the account locked and writes what came out.
"""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.domain.billing_calendar import day_of, midnight, reserve_end
from gateway.domain.decision import LineKind, LineState
from gateway.domain.money import ZERO
from gateway.domain.notices import Notice, NoticeKind
from gateway.domain.subscription import DISCONNECTION_REMINDERS, Subscription

# A rent for which only the money held by live calls is missing is tried again when they may be over.
HELD_RETRY = timedelta(minutes=1)


class ChargeKind(StrEnum):
    """The kinds of ledger entries that a line causes."""

    RENT = "rent"
    SETUP = "setup"
    CONNECTOR = "connector"


class Ending(StrEnum):
    """Why a line was disconnected."""

    UNPAID = "unpaid"
    GIVEN_UP = "given_up"
    LOST = "lost"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A debit, positive; `key` makes it happen once."""

    account_id: int
    line_id: int
    kind: ChargeKind
    amount: Decimal
    key: str
    note: str


@dataclass(slots=True, kw_only=True)
class Purse:
    """An account's money while its rents are paid one after the other."""

    balance: Decimal
    held: Decimal
    credit_limit: Decimal

    @property
    def available(self) -> Decimal:
        return self.balance + self.credit_limit - self.held

    def covers(self, amount: Decimal) -> bool:
        """Whether an amount can be paid; nothing always can."""
        return not amount or amount <= self.available


class RentCalendar:
    """The lines of one account on their way through time. Collects what is to be written.

    `now` is when it happens, whatever instant the rules say it should have happened at.
    """

    def __init__(
        self, *, account_id: int, zone: ZoneInfo, purse: Purse, lines: Iterable[Subscription], now: datetime
    ) -> None:
        self.account_id = account_id
        self.zone = zone
        self.purse = purse
        self.now = now
        self.lines = {line.id: line for line in lines}
        self.changed: dict[int, Subscription] = {}
        self.charges: list[Charge] = []
        self.notices: list[Notice] = []
        # Lines whose rent is due in three days; `uncovered` says which of them will not be paid.
        self.due_soon: list[Subscription] = []

    def advance(self, until: datetime) -> None:
        """Do what is due by an instant, in its order: earlier first, at one instant cheaper first, then by id."""
        queue = [_turn(line) for line in self.lines.values() if line.wake_at is not None]
        heapq.heapify(queue)
        while queue and queue[0][0] <= until:
            at, *_, line_id = heapq.heappop(queue)
            line = self._wake(self.lines[line_id], at)
            if line.wake_at is not None:
                heapq.heappush(queue, _turn(line))

    def settle_overdue(self) -> None:
        """Pay what the money covers: oldest due date, then cheaper, then id; others are skipped (R25)."""
        overdue = [line for line in self.lines.values() if line.is_overdue]
        for line in sorted(overdue, key=lambda each: (each.due_on, each.month_at(self.now), each.id)):
            self._pay_late(line)

    def rent(self, line: Subscription, *, month: Decimal, setup: Decimal) -> Subscription:
        """Charge the setup fee and the first month of a new line (R23); the purse must cover both."""
        today = day_of(self.now, self.zone)
        self._charge(line, ChargeKind.SETUP, setup, key=f"setup:{line.id}", note=f"{line.name} setup")
        return self._pay(line, today, month, anchor_day=today.day)

    def disconnect(self, line: Subscription, why: Ending, at: datetime) -> Subscription:
        """End a line for ever."""
        self._tell(line, NoticeKind.LINE_DISCONNECTED, f"line_disconnected:{line.id}", why=why.value)
        return self.put(replace(line, state=LineState.DISCONNECTED, disconnected_at=at), after=at)

    def put(self, line: Subscription, *, after: datetime | None = None) -> Subscription:
        """Keep a changed line, to be woken at its first instant after one, or at the first of all."""
        line = replace(line, wake_at=line.wake_after(after, self.zone))
        self.lines[line.id] = self.changed[line.id] = line
        return line

    def _wake(self, line: Subscription, at: datetime) -> Subscription:
        if line.ends_at is not None and line.ends_at <= at:
            return self.disconnect(line, Ending.GIVEN_UP, line.ends_at)
        if line.reserved_until is not None and line.reserved_until <= at:
            return self.disconnect(line, Ending.UNPAID, line.reserved_until)
        if line.ends_at is not None:
            return self.put(line, after=at)
        if line.state is LineState.SUSPENDED:
            return self._wake_suspended(line, at)
        due_on = _due(line)
        if midnight(due_on, self.zone) <= at:
            return self._fall_due(line, due_on)
        if midnight(due_on, self.zone) > self.now:
            self.due_soon.append(line)
        return self.put(line, after=at)

    def _fall_due(self, line: Subscription, due_on: date) -> Subscription:
        """The month is over: renew it, or suspend the line (R23, R24)."""
        at = midnight(due_on, self.zone)
        month = line.month_at(at)
        if self.purse.covers(month):
            return self._pay(line, due_on, month, anchor_day=line.anchor_day or due_on.day, after=at)
        is_number = line.kind is LineKind.NUMBER
        reserved_until = midnight(reserve_end(due_on), self.zone) if is_number else None
        line = replace(line, state=LineState.SUSPENDED, rent=month, reserved_until=reserved_until)
        self._tell(
            line,
            NoticeKind.LINE_SUSPENDED,
            f"line_suspended:{line.id}:{due_on}",
            due_on=due_on.isoformat(),
            balance=str(self.purse.balance),
            reserved_until=None if reserved_until is None else reserved_until.isoformat(),
        )
        return self._put_overdue(line, at)

    def _wake_suspended(self, line: Subscription, at: datetime) -> Subscription:
        for days in DISCONNECTION_REMINDERS if line.kind is LineKind.NUMBER else ():
            if at == line.reminder(days, self.zone):
                self._remind(line, days)
                return self._put_overdue(line, at)
        return self._pay_late(line) or self._put_overdue(line, at)

    def _remind(self, line: Subscription, days: int) -> None:
        """Tell that the number will be lost soon, unless that is later than the next thing to tell."""
        later = [line.reminder(each, self.zone) for each in DISCONNECTION_REMINDERS if each < days]
        until = line.reserved_until
        assert until is not None, "a suspended number is reserved until some time"  # noqa: S101
        if self.now < min([*later, until]):
            key = f"disconnection_near:{line.id}:{line.due_on}:{days}"
            self._tell(line, NoticeKind.DISCONNECTION_NEAR, key, days=days, reserved_until=until.isoformat())

    def _put_overdue(self, line: Subscription, at: datetime) -> Subscription:
        """Keep a line that is not paid; where only held money is missing, come back soon."""
        line = self.put(line, after=at)
        month = line.month_at(self.now)
        if self.purse.held and month <= self.purse.available + self.purse.held:
            retry_at = self.now + HELD_RETRY
            if line.wake_at is None or retry_at < line.wake_at:
                line = replace(line, wake_at=retry_at)
                self.lines[line.id] = self.changed[line.id] = line
        return line

    def _pay_late(self, line: Subscription) -> Subscription | None:
        """Revive a suspended line: its new month counts from now (R25). None where the money does not cover it."""
        month = line.month_at(self.now)
        if not self.purse.covers(month):
            return None
        today = day_of(self.now, self.zone)
        line = self._pay(line, today, month, anchor_day=today.day)
        due_on = _due(line).isoformat()
        self._tell(line, NoticeKind.LINE_RESTORED, f"line_restored:{line.id}:{due_on}", due_on=due_on)
        return line

    def _pay(
        self, line: Subscription, on: date, month: Decimal, *, anchor_day: int, after: datetime | None = None
    ) -> Subscription:
        """Charge the month that begins on a day, once (R23)."""
        kind = ChargeKind.RENT if line.kind is LineKind.NUMBER else ChargeKind.CONNECTOR
        paid = line.paid(on, month, anchor_day=anchor_day)
        self._charge(line, kind, month, key=f"rent:{line.id}:{on}", note=f"{line.name} from {on} to {paid.due_on}")
        return self.put(paid, after=after)

    def _charge(self, line: Subscription, kind: ChargeKind, amount: Decimal, *, key: str, note: str) -> None:
        if amount:
            self.purse.balance -= amount
            self.charges.append(
                Charge(account_id=self.account_id, line_id=line.id, kind=kind, amount=amount, key=key, note=note)
            )

    def _tell(self, line: Subscription, kind: NoticeKind, key: str, **facts: object) -> None:
        self.notices.append(Notice(account_id=self.account_id, kind=kind, key=key, facts={**line.facts, **facts}))


@dataclass(frozen=True, slots=True, kw_only=True)
class ComingRent:
    """A rent that will be due."""

    line_id: int
    due_on: date
    month: Decimal


def uncovered(coming: Sequence[ComingRent], available: Decimal) -> set[int]:
    """The lines whose rent will not be paid out of what is there, if nothing else happens (R31)."""
    missing = set()
    for rent in sorted(coming, key=lambda each: (each.due_on, each.month, each.line_id)):
        if rent.month and rent.month > available:
            missing.add(rent.line_id)
        else:
            available -= rent.month
    return missing


def due_notice(line: Subscription, *, account_id: int, available: Decimal) -> Notice:
    """What is told of a rent that is due in three days and not covered."""
    due_on = _due(line).isoformat()
    facts = {**line.facts, "due_on": due_on, "available": str(available)}
    key = f"rent_due:{line.id}:{due_on}"
    return Notice(account_id=account_id, kind=NoticeKind.RENT_DUE, key=key, facts=facts)


def _turn(line: Subscription) -> tuple[datetime, date, Decimal, int]:
    """When it is a line's turn."""
    assert line.wake_at is not None, "only what is to be woken has a turn"  # noqa: S101
    return line.wake_at, line.due_on or date.max, line.rent or ZERO, line.id


def _due(line: Subscription) -> date:
    assert line.due_on is not None, "what is not rented is woken to end"  # noqa: S101
    return line.due_on
