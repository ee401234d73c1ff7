"""What callers of a line hear, and by which number its own calls go out, in each of its states."""

import pytest

from gateway.domain.lines.life import CallersHear, GoesOutBy, callers_hear, goes_out_by
from gateway.domain.lines.line import LineKind, LineState


@pytest.mark.parametrize(
    ("state", "kind", "heard", "by"),
    [
        (LineState.ACTIVE, LineKind.NUMBER, CallersHear.RINGING, GoesOutBy.ITSELF),
        (LineState.ACTIVE, LineKind.CONNECTOR, CallersHear.RINGING, GoesOutBy.ITSELF),
        (LineState.SUSPENDED, LineKind.NUMBER, CallersHear.BUSY, GoesOutBy.MAIN_NUMBER),
        (LineState.SUSPENDED, LineKind.CONNECTOR, CallersHear.RINGING, GoesOutBy.NOTHING),
        (LineState.DISCONNECTED, LineKind.NUMBER, CallersHear.UNKNOWN, GoesOutBy.NOTHING),
    ],
)
def test_it_follows_from_the_state(state: LineState, kind: LineKind, heard: CallersHear, by: GoesOutBy) -> None:
    assert (callers_hear(state, kind), goes_out_by(state, kind)) == (heard, by)
