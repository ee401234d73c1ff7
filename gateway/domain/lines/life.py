"""What happens to a line next, when, and why: what whoever looks at it wants to know."""

from dataclasses import dataclass
from datetime import date, datetime

from gateway.domain.described import Described
from gateway.domain.lines.line import LineState


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
