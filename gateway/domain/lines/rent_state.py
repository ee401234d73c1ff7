"""What a line is to the calendar of rents: each state has only what it can have."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Self, TypeAlias, assert_never

from gateway.domain.lines.line import LineState
from gateway.domain.lines.rent_dates import next_due


@dataclass(frozen=True, slots=True, kw_only=True)
class Rent:
    """The price of a month, the day of the month on which months end, and the first day that is not paid for (R23)."""

    month: Decimal
    anchor_day: int
    due_on: date

    @classmethod
    def paid_from(cls, on: date, *, month: Decimal, anchor_day: int) -> Self:
        """The rent of a line whose paid month begins on a day."""
        return cls(month=month, anchor_day=anchor_day, due_on=next_due(on, anchor_day=anchor_day))


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRented:
    """Nobody charges for it; the calendar comes to it only once it is given up."""

    is_suspended: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Active:
    """Works, and is renewed or suspended on the day it is due."""

    rent: Rent


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspended:
    """Was not paid on the day it was due. A number is the account's until an instant; a connector has no such end."""

    rent: Rent
    reserved_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenUp:
    """Goes on as it was until an instant, and is not renewed in between (R27)."""

    ends_at: datetime
    before: NotRented | Active | Suspended


# A line that a call can still be about.
LivingState: TypeAlias = NotRented | Active | Suspended | GivenUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Disconnected:
    """Over for ever. None where it was so before lines were rented."""

    disconnected_at: datetime | None
    before: LivingState


RentState: TypeAlias = LivingState | Disconnected


def rent_of(state: RentState) -> Rent | None:
    """The rent of a line that is rented, or was before it was disconnected."""
    match state:
        case NotRented():
            return None
        case Active(rent=rent) | Suspended(rent=rent):
            return rent
        case GivenUp(before=before) | Disconnected(before=before):
            return rent_of(before)
        case _ as never:
            assert_never(never)


def reserve_of(state: RentState) -> datetime | None:
    """Until when a number that was not paid is, or was, the account's."""
    match state:
        case NotRented() | Active():
            return None
        case Suspended(reserved_until=reserved_until):
            return reserved_until
        case GivenUp(before=before) | Disconnected(before=before):
            return reserve_of(before)
        case _ as never:
            assert_never(never)


def line_state_of(state: RentState) -> LineState:
    """What such a line is to a call: given up, it is what it was before."""
    match state:
        case NotRented(is_suspended=is_suspended):
            return LineState.SUSPENDED if is_suspended else LineState.ACTIVE
        case Active():
            return LineState.ACTIVE
        case Suspended():
            return LineState.SUSPENDED
        case GivenUp(before=before):
            return line_state_of(before)
        case Disconnected():
            return LineState.DISCONNECTED
        case _ as never:
            assert_never(never)
