"""What happens to a line next follows from what it is."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from gateway.domain.lines.life import Next, NextStep, next_of
from gateway.domain.lines.line import LineState

DUE = date(2026, 4, 1)
AT = datetime(2026, 5, 1, tzinfo=UTC)
NONE: dict[str, Any] = {"due_on": None, "reserved_until": None, "ends_at": None}


@pytest.mark.parametrize(
    ("state", "dates", "what", "when"),
    [
        (LineState.ACTIVE, {"due_on": DUE}, NextStep.CHARGED, {"on": DUE}),
        (LineState.ACTIVE, {}, NextStep.NOTHING, {}),
        (LineState.ACTIVE, {"due_on": DUE, "ends_at": AT}, NextStep.ENDED, {"at": AT}),
        (LineState.SUSPENDED, {"due_on": DUE, "reserved_until": AT}, NextStep.LOST, {"at": AT}),
        (LineState.SUSPENDED, {"due_on": DUE}, NextStep.WAITS, {}),
        (LineState.DISCONNECTED, {"due_on": DUE, "ends_at": AT}, NextStep.OVER, {}),
    ],
)
def test_what_comes_next(state: LineState, dates: dict[str, Any], what: NextStep, when: dict[str, Any]) -> None:
    assert next_of(state, **(NONE | dates)) == Next(what=what, why=what.meaning, **when)
