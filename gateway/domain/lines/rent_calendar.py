"""What the calendar does with the lines of an account: who pays when, in which order, and what is told of it.

Everything here happens to values; a use case reads them with the account locked and writes what came out.
"""

import heapq
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple, assert_never
from zoneinfo import ZoneInfo

from gateway.domain.accounts.funds import Funds
from gateway.domain.lines.charge import Charge, ChargeKind, Ending
from gateway.domain.lines.line import LineKind
from gateway.domain.lines.rent_dates import day_of, midnight, reserve_end
from gateway.domain.lines.rent_state import Active, Disconnected, GivenUp, LivingState, NotRented, Rent, Suspended
from gateway.domain.lines.subscription import Subscription, reminders
from gateway.domain.mail.notices import Notice, NoticeKind

# A rent for which only the money held by live calls is missing is tried again when they may be over.
HELD_RETRY = timedelta(minutes=1)


class Precedence(NamedTuple):
    """Which of two lines is paid first: what is due earlier, then what is cheaper, then the older."""

    due_on: date
    month: Decimal
    line_id: int


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
        # Lines that are not looked at now, and are paid by whoever pays in.
        self._others_overdue = [line for line in overdue if line.id not in self.lines]
        self.changed: dict[int, Subscription] = {}
        self.charges: list[Charge] = []
        self.notices: list[Notice] = []
        # Days within the next three on which rents are due; `arrears` says which of them will not be paid.
        self.days_due_soon: set[date] = set()

    def run_until(self, until: datetime, *, is_all: bool = True) -> None:
        """Do what is due by an instant, in its order: earlier first, at one instant cheaper first, then by id.

        Where these lines are not all that are due, what comes after the last of them waits for those left out.
        """
        queue = [
            self._turn_of(line, line.calendar_due_at)
            for line in self.lines.values()
            if line.calendar_due_at is not None
        ]
        last = None if is_all else max(queue, default=None)
        heapq.heapify(queue)
        while queue and queue[0][0] <= until and (last is None or queue[0] <= last):
            at, precedence = heapq.heappop(queue)
            line = self._do_due(self.lines[precedence.line_id], at)
            if line.calendar_due_at is not None:
                heapq.heappush(queue, self._turn_of(line, line.calendar_due_at))

    def settle_overdue(self) -> None:
        """Pay what the money covers: oldest due date, then cheaper, then id; others are skipped (R25)."""
        for line, state in self.waiting():
            if self._revive(line, state) is None:
                self._retry_soon(line)

    def waiting(self) -> list[tuple[Subscription, Suspended]]:
        """The lines that wait for their rent, in the order in which they are paid."""
        return [
            (line, state) for _, line, state in sorted(self._overdue(self.lines.values()), key=lambda each: each[0])
        ]

    def start_rent(self, line: Subscription, *, month: Decimal, setup: Decimal) -> Subscription:
        """Charge the setup fee and the first month of a new line (R23); the funds must cover both."""
        today = day_of(self.now, self.zone)
        self._charge(line, ChargeKind.SETUP, setup, key=f"setup:{line.id}", note=f"{line.name} setup")
        return self._pay(line, today, Rent.paid_from(today, month=month, anchor_day=today.day))

    def disconnect(self, line: Subscription, state: LivingState, why: Ending, at: datetime) -> Subscription:
        """End a line for ever."""
        self._notify(line, NoticeKind.LINE_DISCONNECTED, f"line_disconnected:{line.id}", why=why.value)
        return self.schedule(replace(line, state=Disconnected(disconnected_at=at, before=state)))

    def schedule(self, line: Subscription, *, after: datetime | None = None) -> Subscription:
        """Keep a changed line, and come back to it at its first instant after one, or at the first of all."""
        return self._keep(replace(line, calendar_due_at=line.due_after(after, self.zone)))

    def _keep(self, line: Subscription) -> Subscription:
        self.lines[line.id] = self.changed[line.id] = line
        return line

    def _turn_of(self, line: Subscription, calendar_due_at: datetime) -> tuple[datetime, Precedence]:
        """When it is a line's turn: when it was due, even if the calendar was to come back later than that."""
        at = min([calendar_due_at, *line.turning_points(self.zone)])
        due_on = date.max if line.rent is None else line.rent.due_on
        return at, Precedence(due_on, line.month_at(at), line.id)

    def _overdue(self, lines: Iterable[Subscription]) -> list[tuple[Precedence, Subscription, Suspended]]:
        """The lines that a credit may pay for (R25), and who comes first; what is given up is not renewed (R27)."""
        return [
            (self._precedence_late(line, line.state), line, line.state)
            for line in lines
            if isinstance(line.state, Suspended)
        ]

    def _precedence_late(self, line: Subscription, state: Suspended) -> Precedence:
        return Precedence(state.rent.due_on, line.month_at(self.now), line.id)

    def _do_due(self, line: Subscription, at: datetime) -> Subscription:
        """What is due of a line at its turn."""
        match line.state:
            case GivenUp(ends_at=ends_at) if ends_at <= at:
                return self.disconnect(line, line.state, Ending.GIVEN_UP, ends_at)
            case GivenUp() | Suspended() if line.reserved_until is not None and line.reserved_until <= at:
                return self.disconnect(line, line.state, Ending.UNPAID, line.reserved_until)
            case Suspended():
                return self._revive_or_remind(line, line.state, at)
            case Active():
                return self._renew_or_remind(line, line.state, at)
            case GivenUp() | NotRented() | Disconnected():
                return self.schedule(line, after=at)
            case _ as never:
                assert_never(never)

    def _renew_or_remind(self, line: Subscription, state: Active, at: datetime) -> Subscription:
        due_at = midnight(state.rent.due_on, self.zone)
        if due_at <= at:
            return self._renew_or_suspend(line, state, due_at)
        if due_at > self.now:
            self.days_due_soon.add(state.rent.due_on)
        return self.schedule(line, after=at)

    def _renew_or_suspend(self, line: Subscription, state: Active, at: datetime) -> Subscription:
        """The month is over (R23, R24)."""
        rent, month = state.rent, line.month_at(at)
        if self.funds.covers(month):
            paid = Rent.paid_from(rent.due_on, month=month, anchor_day=rent.anchor_day)
            return self._pay(line, rent.due_on, paid, after=at)
        is_number = line.kind is LineKind.NUMBER
        reserved_until = midnight(reserve_end(rent.due_on), self.zone) if is_number else None
        suspended = Suspended(rent=replace(rent, month=month), reserved_until=reserved_until)
        line = replace(line, state=suspended)
        self._notify(
            line,
            NoticeKind.LINE_SUSPENDED,
            f"line_suspended:{line.id}:{rent.due_on}",
            due_on=rent.due_on.isoformat(),
            **self.funds.facts(self._needed(line, suspended)),
            reserved_until=None if reserved_until is None else reserved_until.isoformat(),
        )
        return self._retry_soon(self.schedule(line, after=at))

    def _needed(self, line: Subscription, state: Suspended) -> Decimal:
        """What pays for a line that is suspended now, whatever else is overdue."""
        own = self._precedence_late(line, state)
        others = [other for other, *_ in self._overdue([*self._others_overdue, *self.lines.values()])]
        return sum((other.month for other in others if other < own), max(state.rent.month, own.month))

    def _revive_or_remind(self, line: Subscription, state: Suspended, at: datetime) -> Subscription:
        if (paid := self._revive(line, state)) is not None:
            return paid
        self._remind(line, state, at)
        return self._retry_soon(self.schedule(line, after=at))

    def _remind(self, line: Subscription, state: Suspended, at: datetime) -> None:
        """Tell that the number will be lost soon, unless that is later than the next thing to tell."""
        until = state.reserved_until
        if until is None:
            return
        by_days = reminders(state.rent, self.zone)
        passed = [days for days, remind_at in by_days.items() if remind_at <= at]
        coming = [remind_at for remind_at in by_days.values() if remind_at > at]
        if passed and self.now < min([*coming, until]):
            days = min(passed)
            key = f"disconnection_near:{line.id}:{state.rent.due_on}:{days}"
            self._notify(line, NoticeKind.DISCONNECTION_NEAR, key, days=days, reserved_until=until.isoformat())

    def _retry_soon(self, line: Subscription) -> Subscription:
        """Come back to a line for which only held money is missing; to all of an account at once, in their order."""
        if self.funds.held and line.month_at(self.now) <= self.funds.available + self.funds.held:
            retry_at = self.now.replace(second=0, microsecond=0) + HELD_RETRY
            if line.calendar_due_at is None or retry_at < line.calendar_due_at:
                return self._keep(replace(line, calendar_due_at=retry_at))
        return line

    def _revive(self, line: Subscription, state: Suspended) -> Subscription | None:
        """Pay for a suspended line: its new month counts from now (R25).

        None where the money does not cover it, or its reserve is over: whatever was late, it is gone then (R24).
        """
        month = line.month_at(self.now)
        is_reserved = state.reserved_until is None or self.now < state.reserved_until
        if not is_reserved or not self.funds.covers(month):
            return None
        # What was paid before ends on the due date, whatever this machine's clock says.
        on = max(day_of(self.now, self.zone), state.rent.due_on)
        rent = Rent.paid_from(on, month=month, anchor_day=on.day)
        line, due_on = self._pay(line, on, rent), rent.due_on.isoformat()
        self._notify(line, NoticeKind.LINE_RESTORED, f"line_restored:{line.id}:{due_on}", due_on=due_on)
        return line

    def _pay(self, line: Subscription, on: date, rent: Rent, *, after: datetime | None = None) -> Subscription:
        """Charge the month that begins on a day, once (R23)."""
        kind = ChargeKind.RENT if line.kind is LineKind.NUMBER else ChargeKind.CONNECTOR
        note = f"{line.name} from {on} to {rent.due_on}"
        self._charge(line, kind, rent.month, key=f"rent:{line.id}:{on}", note=note)
        return self.schedule(replace(line, state=Active(rent=rent)), after=after)

    def _charge(self, line: Subscription, kind: ChargeKind, amount: Decimal, *, key: str, note: str) -> None:
        if amount:
            self.funds = self.funds.debited(amount)
            self.charges.append(
                Charge(account_id=self.account_id, line_id=line.id, kind=kind, amount=amount, key=key, note=note)
            )

    def _notify(self, line: Subscription, kind: NoticeKind, key: str, **facts: object) -> None:
        self.notices.append(Notice(account_id=self.account_id, kind=kind, key=key, facts={**line.facts, **facts}))
