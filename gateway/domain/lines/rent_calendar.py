"""What the calendar does with the lines of an account: who pays when, in which order, and what is told of it.

Everything here happens to values; a use case reads them with the account locked and writes what came out.
"""

import heapq
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from gateway.domain.accounts.funds import Funds
from gateway.domain.lines.billing_calendar import day_of, midnight, reserve_end
from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.lines.subscription import DISCONNECTION_REMINDERS, Subscription
from gateway.domain.mail.notices import Notice, NoticeKind

# An instant, then what decides between the lines of one.
Turn = tuple[datetime, date, Decimal, int]

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


class RentCalendar:
    """The lines of one account on their way through time. Collects what is to be written.

    `now` is when it happens, whatever instant the rules say it should have happened at.
    """

    def __init__(
        self,
        *,
        account_id: int,
        zone: ZoneInfo,
        funds: Funds,
        lines: Iterable[Subscription],
        now: datetime,
        overdue: Iterable[Subscription] = (),
    ) -> None:
        self.account_id = account_id
        self.zone = zone
        self.funds = funds
        self.now = now
        self.lines = {line.id: line for line in lines}
        # Of lines that are not looked at now, and are paid by whoever pays in.
        self.turns_late = [self._turn_late(line) for line in overdue if line.is_overdue and line.id not in self.lines]
        self.changed: dict[int, Subscription] = {}
        self.charges: list[Charge] = []
        self.notices: list[Notice] = []
        # Lines whose rent is due in three days; `uncovered` says which of them will not be paid.
        self.due_soon: list[Subscription] = []

    def advance(self, until: datetime, *, is_all: bool = True) -> None:
        """Do what is due by an instant, in its order: earlier first, at one instant cheaper first, then by id.

        Where these lines are not all that are due, what comes after the last of them waits for those left out.
        """
        queue = [
            self._turn(line, line.calendar_due_at) for line in self.lines.values() if line.calendar_due_at is not None
        ]
        last = None if is_all else max(queue, default=None)
        heapq.heapify(queue)
        while queue and queue[0][0] <= until and (last is None or queue[0] <= last):
            at, *_, line_id = heapq.heappop(queue)
            line = self._wake(self.lines[line_id], at)
            if line.calendar_due_at is not None:
                heapq.heappush(queue, self._turn(line, line.calendar_due_at))

    def settle_overdue(self) -> None:
        """Pay what the money covers: oldest due date, then cheaper, then id; others are skipped (R25)."""
        for line in sorted((line for line in self.lines.values() if line.is_overdue), key=self._turn_late):
            if self._pay_late(line) is None:
                self._retry_soon(line)

    def rent(self, line: Subscription, *, month: Decimal, setup: Decimal) -> Subscription:
        """Charge the setup fee and the first month of a new line (R23); the funds must cover both."""
        today = day_of(self.now, self.zone)
        self._charge(line, ChargeKind.SETUP, setup, key=f"setup:{line.id}", note=f"{line.name} setup")
        return self._pay(line, today, month, anchor_day=today.day)

    def disconnect(self, line: Subscription, why: Ending, at: datetime) -> Subscription:
        """End a line for ever."""
        self._tell(line, NoticeKind.LINE_DISCONNECTED, f"line_disconnected:{line.id}", why=why.value)
        return self.put(replace(line, state=LineState.DISCONNECTED, disconnected_at=at), after=at)

    def put(self, line: Subscription, *, after: datetime | None = None) -> Subscription:
        """Keep a changed line, to be woken at its first instant after one, or at the first of all."""
        line = replace(line, calendar_due_at=line.due_after(after, self.zone))
        self.lines[line.id] = self.changed[line.id] = line
        return line

    def _turn(self, line: Subscription, calendar_due_at: datetime) -> Turn:
        """When it is a line's turn: when it was due, even if the calendar was to come back later than that."""
        due = [each for each in (line.ends_at, line.reserved_until) if each is not None]
        if line.due_on is not None and line.state is LineState.ACTIVE and line.ends_at is None:
            due.append(midnight(line.due_on, self.zone))
        at = min([calendar_due_at, *due])
        return at, line.due_on or date.max, line.month_at(at), line.id

    def _turn_late(self, line: Subscription) -> tuple[date, Decimal, int]:
        """When it is the turn of an overdue line."""
        return _due(line), line.month_at(self.now), line.id

    def _needed(self, line: Subscription, month: Decimal) -> Decimal:
        """What pays for a line that is suspended now, whatever else is overdue."""
        turn = self._turn_late(line)
        turns = [*self.turns_late, *(self._turn_late(each) for each in self.lines.values() if each.is_overdue)]
        return sum((each[1] for each in turns if each < turn), max(month, turn[1]))

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
        if self.funds.covers(month):
            return self._pay(line, due_on, month, anchor_day=line.anchor_day or due_on.day, after=at)
        is_number = line.kind is LineKind.NUMBER
        reserved_until = midnight(reserve_end(due_on), self.zone) if is_number else None
        line = replace(line, state=LineState.SUSPENDED, rent=month, reserved_until=reserved_until)
        self._tell(
            line,
            NoticeKind.LINE_SUSPENDED,
            f"line_suspended:{line.id}:{due_on}",
            due_on=due_on.isoformat(),
            **self.funds.facts(self._needed(line, month)),
            reserved_until=None if reserved_until is None else reserved_until.isoformat(),
        )
        return self._put_overdue(line, at)

    def _wake_suspended(self, line: Subscription, at: datetime) -> Subscription:
        if (paid := self._pay_late(line)) is not None:
            return paid
        self._remind(line, at)
        return self._put_overdue(line, at)

    def _remind(self, line: Subscription, at: datetime) -> None:
        """Tell that the number will be lost soon, unless that is later than the next thing to tell."""
        until = line.reserved_until
        if until is None:
            return
        reminders = {days: line.reminder(days, self.zone) for days in DISCONNECTION_REMINDERS}
        passed = [days for days, remind_at in reminders.items() if remind_at <= at]
        coming = [remind_at for remind_at in reminders.values() if remind_at > at]
        if passed and self.now < min([*coming, until]):
            days = min(passed)
            key = f"disconnection_near:{line.id}:{line.due_on}:{days}"
            self._tell(line, NoticeKind.DISCONNECTION_NEAR, key, days=days, reserved_until=until.isoformat())

    def _put_overdue(self, line: Subscription, at: datetime) -> Subscription:
        """Keep a line that is not paid."""
        return self._retry_soon(self.put(line, after=at))

    def _retry_soon(self, line: Subscription) -> Subscription:
        """Come back to a line for which only held money is missing; to all of an account at once, in their order."""
        if self.funds.held and line.month_at(self.now) <= self.funds.available + self.funds.held:
            retry_at = self.now.replace(second=0, microsecond=0) + HELD_RETRY
            if line.calendar_due_at is None or retry_at < line.calendar_due_at:
                line = replace(line, calendar_due_at=retry_at)
                self.lines[line.id] = self.changed[line.id] = line
        return line

    def _pay_late(self, line: Subscription) -> Subscription | None:
        """Revive a suspended line: its new month counts from now (R25).

        None where the money does not cover it, or its reserve is over: whatever was late, it is gone then (R24).
        """
        month = line.month_at(self.now)
        is_reserved = line.reserved_until is None or self.now < line.reserved_until
        if not is_reserved or not self.funds.covers(month):
            return None
        # What was paid before ends on the due date, whatever this machine's clock says.
        on = max(day_of(self.now, self.zone), _due(line))
        line = self._pay(line, on, month, anchor_day=on.day)
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
            self.funds = self.funds.debited(amount)
            self.charges.append(
                Charge(account_id=self.account_id, line_id=line.id, kind=kind, amount=amount, key=key, note=note)
            )

    def _tell(self, line: Subscription, kind: NoticeKind, key: str, **facts: object) -> None:
        self.notices.append(Notice(account_id=self.account_id, kind=kind, key=key, facts={**line.facts, **facts}))


def _due(line: Subscription) -> date:
    assert line.due_on is not None, "what is not rented is woken to end"  # noqa: S101
    return line.due_on
