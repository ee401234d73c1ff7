"""What happens to a line next, when, and why: what whoever looks at it wants to know."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import assert_never

from gateway.domain.described import Described
from gateway.domain.lines.line import LineKind, LineState


class CallersHear(Described):
    """What whoever calls a line is told, as things stand."""

    RINGING = "ringing", "The call comes through."
    BUSY = "busy", "The number is engaged, as its rent is not paid."
    UNKNOWN = "unknown", "There is no such number."


class GoesOutBy(Described):
    """Which number calls of a line go out by."""

    ITSELF = "itself", "They go out by the line itself."
    MAIN_NUMBER = "main_number", "They go out by the main number of the account; without one they are refused."
    NOTHING = "nothing", "They are refused."


class NextStep(Described):
    """What the calendar does next to a line if nobody does anything."""

    CHARGED = "charged", "The next month is charged; if there is no money for it, the line is suspended."
    ENDED = "ended", "It was given up, and stops for ever."
    LOST = "lost", "Its rent is not paid; if that stays so, the account loses it for ever."
    WAITS = "waits", "It is suspended until there is money for its rent, or somebody lets it work again."
    NOTHING = "nothing", "Nobody charges for it, and nothing happens by itself."
    OVER = "over", "It is disconnected, and never comes back."


@dataclass(frozen=True, slots=True, kw_only=True)
class Next:
    """A day is one of the account's time zone; an instant is where it is one."""

    what: NextStep
    on: date | None = None
    at: datetime | None = None
    why: str = ""


def next_of(
    state: LineState, *, due_on: date | None, reserved_until: datetime | None, ends_at: datetime | None
) -> Next:
    """What comes next of a line that is as it is stored; `due_on` None: no rent is charged for it."""
    step = _step(state, due_on=due_on, reserved_until=reserved_until, ends_at=ends_at)
    return Next(
        what=step,
        on=due_on if step is NextStep.CHARGED else None,
        at={NextStep.ENDED: ends_at, NextStep.LOST: reserved_until}.get(step),
        why=step.meaning,
    )


def _step(
    state: LineState, *, due_on: date | None, reserved_until: datetime | None, ends_at: datetime | None
) -> NextStep:
    if state is LineState.DISCONNECTED:
        return NextStep.OVER
    if ends_at is not None:
        return NextStep.ENDED
    if state is LineState.SUSPENDED:
        return NextStep.WAITS if reserved_until is None else NextStep.LOST
    return NextStep.NOTHING if due_on is None else NextStep.CHARGED


def callers_hear(state: LineState, kind: LineKind) -> CallersHear:
    """A connector that is not paid takes calls all the same: they cost nothing."""
    match state:
        case LineState.ACTIVE:
            return CallersHear.RINGING
        case LineState.SUSPENDED:
            return CallersHear.RINGING if kind is LineKind.CONNECTOR else CallersHear.BUSY
        case LineState.DISCONNECTED:
            return CallersHear.UNKNOWN
        case _ as never:
            assert_never(never)


def goes_out_by(state: LineState, kind: LineKind) -> GoesOutBy:
    match state:
        case LineState.ACTIVE:
            return GoesOutBy.ITSELF
        case LineState.SUSPENDED if kind is LineKind.NUMBER:
            return GoesOutBy.MAIN_NUMBER
        case LineState.SUSPENDED | LineState.DISCONNECTED:
            return GoesOutBy.NOTHING
        case _ as never:
            assert_never(never)
