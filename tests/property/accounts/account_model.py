"""An account over the years by the specification alone, event by event, and naive on purpose.

Money is a list of entries; what is due is found by looking at everything again after each thing that was done. `now` is
when work is done, whatever moment it was due at. A request that is refused leaves nothing behind but that work.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from functools import cache
from zoneinfo import ZoneInfo

from tests.property.accounts.account_calls import CallsModel, Line, Prices

DAY = timedelta(days=1)


class Refused(Exception):
    """Why a request is refused: `no money`, `conflict` or `not found`."""


@cache
def midnight(on: date, zone: ZoneInfo) -> datetime:
    """R24: the first instant of a day, found by looking at every quarter of an hour."""
    at = datetime(on.year, on.month, on.day, tzinfo=UTC) - DAY
    while at.astimezone(zone).date() < on:
        at += timedelta(minutes=15)
    return at


@cache
def month_later(on: date, anchor: int) -> date:
    """R23: the anchor day of the next month, or its last day."""
    later = on.replace(day=1) + 31 * DAY
    days = [day for day in (later.replace(day=1) + n * DAY for n in range(31)) if day.month == later.month]
    return days[min(anchor, len(days)) - 1]


@dataclass
class AccountModel(CallsModel):
    zone: ZoneInfo
    prices: Prices
    external_ids: set[str] = field(default_factory=set)
    mails: list[tuple[object, ...]] = field(default_factory=list)
    is_armed: bool = True
    warned_at: datetime | None = None

    # What happens by itself.

    def due(self, line: Line) -> Iterator[tuple[datetime, str, int]]:
        """What is still to be done of a line, and when."""
        if line.state == "disconnected":
            return
        if line.reserved_until is not None:
            yield line.reserved_until, "unpaid", 0
        if line.ends_at is not None:
            yield line.ends_at, "given_up", 0
            return
        if line.state == "active":
            if (line.due, 3) not in line.reminded:
                yield midnight(line.due - 3 * DAY, self.zone), "due soon", 3
            yield midnight(line.due, self.zone), "due", 0
        elif line.is_number:
            for days in (14, 3):
                if (self.reserve_end(line), days) not in line.reminded:
                    yield midnight(self.reserve_end(line) - days * DAY, self.zone), "gone soon", days
        if line.retry_at is not None:
            yield line.retry_at, "retry", 0

    def work(self, now: datetime) -> None:
        """Do what was due by now in the order in which it was due, the oldest due date first, then the cheaper."""
        soon: list[Line] = []
        while todo := [
            (at, line.due, self.month(line, at if what == "due" else now), line.serial, what, days)
            for line in self.lines
            for at, what, days in self.due(line)
            if at <= now
        ]:
            at, _, month, serial, what, days = min(todo, key=lambda each: each[:4])
            line = self.lines[serial]
            if what in {"given_up", "unpaid"}:
                self.disconnect(line, what, at)
            elif what == "due soon":
                line.reminded.add((line.due, days))
                if now < midnight(line.due, self.zone):
                    soon.append(line)
            elif what in {"gone soon", "retry"}:
                self.pay_late(line, now)
                self._remind(line, days, now)
            elif self.covers(month):
                self._charge_month(line, month, now)
            else:
                self._suspend(line, month, now)
        self._tell_uncovered(soon)

    def settle(self, now: datetime) -> None:
        """R25: oldest due date, then cheaper, then id; what is not covered is skipped."""
        overdue = [line for line in self.lines if line.state == "suspended" and line.ends_at is None]
        for line in sorted(overdue, key=lambda line: (line.due, self.month(line, now), line.serial)):
            self.pay_late(line, now)

    def warn(self, now: datetime) -> None:
        """R30."""
        debits = (-amount for _, amount, at in self.entries if amount < 0 and at > now - 10 * DAY)
        spent = sum(debits, Decimal(0))
        minimum = (2 * spent / 10).quantize(Decimal("0.000001"), ROUND_CEILING)
        if self.balance >= minimum:
            self.is_armed = True
        elif spent and self.is_armed and (self.warned_at is None or now - self.warned_at >= DAY):
            self.is_armed, self.warned_at = False, now
            self.mails.append(("low_balance", now, self.balance, minimum))

    # What is asked for.

    def credit(self, kind: str, amount: Decimal, external_id: str, now: datetime) -> None:
        """A top-up, a refund or an adjustment, which may be a debit."""
        self.work(now)
        if external_id in self.external_ids:
            return
        self.external_ids.add(external_id)
        self.entries.append((kind, amount, now))
        if amount > 0:
            self.settle(now)
        self.warn(now)

    def rent(self, name: str, category: str, now: datetime) -> None:
        self.work(now)
        if any(line.name == name and line.state != "disconnected" for line in self.lines):
            raise Refused("conflict")
        month, setup = self.prices.at(category, now)
        if not self.covers(month + setup):
            raise Refused("no money")
        today = now.astimezone(self.zone).date()
        line = Line(len(self.lines), name, category, month, today.day, today)
        self.lines.append(line)
        self.charge("setup", setup, now)
        self._charge_month(line, month, now)

    def give_up(self, name: str, now: datetime) -> None:
        line = self.in_use(name, now)
        if line.ends_at is not None:
            raise Refused("conflict")
        line.ends_at, line.retry_at = now + DAY, None

    def undo(self, name: str, now: datetime) -> None:
        line = self.in_use(name, now)
        if line.ends_at is None:
            raise Refused("conflict")
        line.ends_at = None
        line.reminded.clear()
        self.work(now)
        self.settle(now)

    def lose(self, name: str, now: datetime) -> None:
        self.disconnect(self.in_use(name, now), "lost", now)

    # How it is done.

    def month(self, line: Line, at: datetime) -> Decimal:
        return self.prices.at(line.category, at)[0]

    def covers(self, amount: Decimal) -> bool:
        return amount == 0 or amount <= self.available

    def reserve_end(self, line: Line) -> date:
        """R24: two months from the due day."""
        return month_later(month_later(line.due, line.due.day), line.due.day)

    def in_use(self, name: str, now: datetime) -> Line:
        """The line that is asked for by its name, after all that was due."""
        if self.line(name) is None:
            raise Refused("not found")
        self.work(now)
        line = self.line(name)
        if line.state == "disconnected":
            raise Refused("conflict")
        return line

    def charge(self, kind: str, amount: Decimal, now: datetime) -> None:
        if amount:
            self.entries.append((kind, -amount, now))

    def tell(self, kind: str, line: Line, about: object, *figures: object) -> None:
        """Each mail once, even if its figures have changed since."""
        if (kind, line.serial, about) not in [mail[:3] for mail in self.mails]:
            self.mails.append((kind, line.serial, about, line.name, *figures))

    def pay_late(self, line: Line, now: datetime) -> None:
        """R25: the new month counts from the payment; R24: not when the reserve is over, however late we are."""
        month = self.month(line, now)
        is_reserved = line.reserved_until is None or now < line.reserved_until
        if not (is_reserved and self.covers(month)):
            self._retry_later(line, month, now)
            return
        line.state, line.reserved_until, line.retry_at = "active", None, None
        line.due = now.astimezone(self.zone).date()
        line.anchor = line.due.day
        self._charge_month(line, month, now)
        self.tell("line_restored", line, line.due, month)

    def disconnect(self, line: Line, why: str, at: datetime) -> None:
        line.state, line.disconnected_at = "disconnected", at
        self.tell("line_disconnected", line, why)

    def _charge_month(self, line: Line, month: Decimal, now: datetime) -> None:
        line.rent = month
        line.due = month_later(line.due, line.anchor)
        self.charge("rent" if line.is_number else "connector", month, now)

    def _suspend(self, line: Line, month: Decimal, now: datetime) -> None:
        line.state, line.rent = "suspended", month
        if line.is_number:
            line.reserved_until = midnight(self.reserve_end(line), self.zone)
        self.tell("line_suspended", line, line.due, month, line.reserved_until)
        self._retry_later(line, self.month(line, now), now)

    def _retry_later(self, line: Line, month: Decimal, now: datetime) -> None:
        """Every minute while calls hold the money that is missing."""
        is_held = self.held > 0 and month <= self.available + self.held
        line.retry_at = now.replace(second=0, microsecond=0) + timedelta(minutes=1) if is_held else None

    def _remind(self, line: Line, days: int, now: datetime) -> None:
        """Unless it works again, or the moment to tell the next thing has come."""
        if not days or line.state != "suspended":
            return
        until = self.reserve_end(line)
        line.reminded.add((until, days))
        if now < midnight(until - (3 if days == 14 else 0) * DAY, self.zone):
            self.tell("disconnection_near", line, (line.reserved_until, days))

    def _tell_uncovered(self, soon: list[Line]) -> None:
        """R31: rents due in three days for which nothing is left after those that are due before them."""
        left = self.available
        works = [line for line in self.lines if line.state == "active" and line.ends_at is None]
        coming = [(line.due, self.month(line, midnight(line.due, self.zone)), line.serial) for line in works]
        for due, month, serial in sorted(coming):
            line = self.lines[serial]
            if month == 0 or month <= left:
                left -= month
            elif line in soon:
                self.tell("rent_due", line, due, month)
