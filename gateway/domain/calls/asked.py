"""A call id means one call: what a start asked for says whether it is the same webhook again (R16)."""

from dataclasses import dataclass

from gateway.domain.events import CallStarted, Direction


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedCall:
    """What a call was decided on, as its start told it: numbers that change hands later change nothing of it."""

    direction: Direction
    callee: str
    line: str


def is_another_call(call: CallStarted, asked: AskedCall) -> bool:
    """Whether a start under the id of a call on record asks for anything else than that one did."""
    return asked != AskedCall(direction=call.direction, callee=call.callee, line=call.line)
