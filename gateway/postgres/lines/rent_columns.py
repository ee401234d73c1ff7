"""The columns of a rented line, which are null where its state has no such thing, and the line that they make."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import assert_never

import msgspec

from gateway.domain.lines.line import LineKind, LineState
from gateway.domain.lines.rent_state import (
    Active,
    Disconnected,
    GivenUp,
    LivingState,
    NotRented,
    Rent,
    RentState,
    Suspended,
)
from gateway.domain.lines.subscription import Subscription
from gateway.domain.rates.rate import DeckRate


@dataclass(frozen=True, slots=True, kw_only=True)
class RentColumns:
    """A row as `subscription_lines` reads it. Rent, anchor day and due date are null together, as the table demands."""

    id: int
    kind: LineKind
    name: str
    state: LineState
    rent: Decimal | None
    anchor_day: int | None
    due_on: date | None
    reserved_until: datetime | None
    ends_at: datetime | None
    calendar_due_at: datetime | None
    disconnected_at: datetime | None
    rates: tuple[DeckRate, ...] = field(default=())


_decode = msgspec.json.Decoder(RentColumns).decode


def line_of(row: bytes | str) -> Subscription:
    """The line that a row is, given as a JSON object."""
    columns = _decode(row)
    return Subscription(
        id=columns.id,
        kind=columns.kind,
        name=columns.name,
        state=_state_of(columns),
        calendar_due_at=columns.calendar_due_at,
        rates=columns.rates,
    )


def columns_of(line: Subscription) -> dict[str, object]:
    """What `subscription_apply` is given of a line."""
    rent, state = line.rent, line.state
    disconnected = state if isinstance(state, Disconnected) else None
    ending = state if disconnected is None else disconnected.before
    return {
        "id": line.id,
        "state": line.line_state,
        "rent": None if rent is None else rent.month,
        "anchor_day": None if rent is None else rent.anchor_day,
        "due_on": None if rent is None else rent.due_on,
        "reserved_until": line.reserved_until,
        "ends_at": ending.ends_at if isinstance(ending, GivenUp) else None,
        "calendar_due_at": line.calendar_due_at,
        "disconnected_at": None if disconnected is None else disconnected.disconnected_at,
    }


def _state_of(columns: RentColumns) -> RentState:
    """A line that is disconnected keeps in its columns what it was before."""
    match columns.state:
        case LineState.ACTIVE | LineState.SUSPENDED:
            return _living_state(columns)
        case LineState.DISCONNECTED:
            return Disconnected(disconnected_at=columns.disconnected_at, before=_living_state(columns))
        case _ as never:
            assert_never(never)


def _living_state(columns: RentColumns) -> LivingState:
    state = _paid_state(columns)
    return state if columns.ends_at is None else GivenUp(ends_at=columns.ends_at, before=state)


def _paid_state(columns: RentColumns) -> NotRented | Active | Suspended:
    if columns.rent is None or columns.anchor_day is None or columns.due_on is None:
        return NotRented(is_suspended=columns.state is LineState.SUSPENDED)
    rent = Rent(month=columns.rent, anchor_day=columns.anchor_day, due_on=columns.due_on)
    is_suspended = columns.state is LineState.SUSPENDED or columns.reserved_until is not None
    return Suspended(rent=rent, reserved_until=columns.reserved_until) if is_suspended else Active(rent=rent)
