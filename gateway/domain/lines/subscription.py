"""A rented line through its months: renewed, suspended, reserved, paid late, given up, disconnected (R23 to R29).

A line is looked at when its `calendar_due_at` has come, by whoever finds it; what becomes of it follows from its
columns and the money there is, never from when it is looked at: downtime changes no period.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.domain.lines.billing_calendar import midnight, next_due, reserve_end
from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.rates.rate import DeckRate, rate_at

DUE_REMINDER = timedelta(days=3)
DISCONNECTION_REMINDERS = (14, 3)
GIVE_UP_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """What the calendar knows of a line: the columns of its row. `rent` is None for a line that is not rented.

    `due_on` is the first day that is not paid for. `rates` are those that may price its next months, in the
    order in which one goes before another.
    """

    id: int
    kind: LineKind
    name: str
    state: LineState
    rent: Decimal | None = None
    anchor_day: int | None = None
    due_on: date | None = None
    reserved_until: datetime | None = None
    ends_at: datetime | None = None
    calendar_due_at: datetime | None = None
    disconnected_at: datetime | None = None
    rates: tuple[DeckRate, ...] = ()

    def rate_at(self, at: datetime) -> DeckRate | None:
        """The rate of the deck that applies at an instant."""
        return rate_at(self.rates, at)

    def month_at(self, at: datetime) -> Decimal:
        """The price of a month that begins at an instant (R28); a line that the deck forgot keeps its price."""
        rate = self.rate_at(at)
        return rate.month if rate is not None else self.rent or Decimal(0)

    @property
    def is_overdue(self) -> bool:
        """Whether a credit may pay for it (R25); what is given up is not renewed (R27)."""
        return self.state is LineState.SUSPENDED and self.rent is not None and self.ends_at is None

    @property
    def facts(self) -> Mapping[str, object]:
        """What a mail says of any line."""
        return {"line": self.name, "line_kind": self.kind.value, "rent": None if self.rent is None else str(self.rent)}

    def paid(self, on: date, month: Decimal, *, anchor_day: int) -> "Subscription":
        """The line with a month that begins on a day."""
        return replace(
            self,
            state=LineState.ACTIVE,
            rent=month,
            anchor_day=anchor_day,
            due_on=next_due(on, anchor_day=anchor_day),
            reserved_until=None,
        )

    def instants(self, zone: ZoneInfo) -> Iterator[datetime]:
        """When something is to be done about the line."""
        if self.state is LineState.DISCONNECTED:
            return
        if self.ends_at is not None:
            yield self.ends_at
        if self.reserved_until is not None:
            yield self.reserved_until
        if self.due_on is None or self.ends_at is not None:
            return
        if self.state is LineState.ACTIVE:
            yield midnight(self.due_on - DUE_REMINDER, zone)
            yield midnight(self.due_on, zone)
        elif self.kind is LineKind.NUMBER:
            for days in DISCONNECTION_REMINDERS:
                yield self.reminder(days, zone)

    def reminder(self, days: int, zone: ZoneInfo) -> datetime:
        """When the administrator is told that the number will be disconnected in so many days."""
        assert self.due_on is not None, "only a rented number is reserved"  # noqa: S101
        return midnight(reserve_end(self.due_on) - timedelta(days=days), zone)

    def due_after(self, at: datetime | None, zone: ZoneInfo) -> datetime | None:
        """The first of these instants after one, or of all."""
        return min((each for each in self.instants(zone) if at is None or each > at), default=None)
