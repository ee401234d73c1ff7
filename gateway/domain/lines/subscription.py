"""A line as the calendar knows it: its state, and when something happens to it next (R23 to R28)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.lines.rent_dates import midnight, reserve_end
from gateway.domain.lines.rent_state import (
    Active,
    GivenUp,
    Rent,
    RentState,
    Suspended,
    line_state_of,
    rent_of,
    reserve_of,
)
from gateway.domain.rates.rate import DeckRate, rate_at

DUE_REMINDER = timedelta(days=3)
DISCONNECTION_REMINDERS = (14, 3)
GIVE_UP_AFTER = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """A line on the calendar, which comes to it at `calendar_due_at`; None: never.

    `rates` are those that may price its next months, in the order in which one goes before another.
    """

    id: int
    kind: LineKind
    name: str
    state: RentState
    calendar_due_at: datetime | None = None
    rates: tuple[DeckRate, ...] = ()

    @property
    def rent(self) -> Rent | None:
        return rent_of(self.state)

    @property
    def reserved_until(self) -> datetime | None:
        return reserve_of(self.state)

    @property
    def line_state(self) -> LineState:
        return line_state_of(self.state)

    def rate_at(self, at: datetime) -> DeckRate | None:
        """The rate of the deck that applies at an instant."""
        return rate_at(self.rates, at)

    def month_at(self, at: datetime) -> Decimal:
        """The price of a month that begins at an instant (R28); a line that the deck forgot keeps its price."""
        if (rate := self.rate_at(at)) is not None:
            return rate.month
        return Decimal(0) if self.rent is None else self.rent.month

    @property
    def facts(self) -> Mapping[str, object]:
        """What a mail says of any line."""
        rent = None if self.rent is None else str(self.rent.month)
        return {"line": self.name, "line_kind": self.kind.value, "rent": rent}

    def instants(self, zone: ZoneInfo) -> Iterator[datetime]:
        """When something is to be done about the line: tell of what is coming, then do it."""
        match self.state:
            case Active(rent=rent):
                yield midnight(rent.due_on - DUE_REMINDER, zone)
            case Suspended(rent=rent, reserved_until=datetime()):
                yield from reminders(rent, zone).values()
        yield from self.turning_points(zone)

    def turning_points(self, zone: ZoneInfo) -> Iterator[datetime]:
        """When the line is renewed, suspended or disconnected, if nothing else happens before."""
        match self.state:
            case Active(rent=rent):
                yield midnight(rent.due_on, zone)
            case Suspended(reserved_until=datetime() as reserved_until):
                yield reserved_until
            case GivenUp(ends_at=ends_at, before=before):
                yield ends_at
                if (reserve_ends_at := reserve_of(before)) is not None:
                    yield reserve_ends_at

    def due_after(self, at: datetime | None, zone: ZoneInfo) -> datetime | None:
        """The first of these instants after one, or of all."""
        return min((each for each in self.instants(zone) if at is None or each > at), default=None)


def reminders(rent: Rent, zone: ZoneInfo) -> dict[int, datetime]:
    """When the administrator is told that a number that was not paid will be disconnected in so many days (R31)."""
    end = reserve_end(rent.due_on)
    return {days: midnight(end - timedelta(days=days), zone) for days in DISCONNECTION_REMINDERS}
