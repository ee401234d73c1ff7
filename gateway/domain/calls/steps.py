"""The steps by which a call was decided: those it passed, the one that stopped it, and those nobody came to.

They are read back from what is on record: which way the call went, the rule that had the last word, and why it was
refused, if it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.domain.calls.refusals import Refusal
from gateway.domain.events import Direction


class DecisionStep(StrEnum):
    """What is asked of a call, in the order in which it is."""

    HEARD = "heard"
    CONNECTION = "connection"
    ACCOUNT = "account"
    CALLED_NUMBER = "called_number"
    PARENT = "parent"
    CIRCLE = "circle"
    CONNECTOR = "connector"
    CALLEE = "callee"
    LINE = "line"
    RATE = "rate"
    SHOWN_NUMBER = "shown_number"
    MONEY = "money"
    CAPS = "caps"
    WITHHOLDING = "withholding"


class StepOutcome(StrEnum):
    PASSED = "passed"
    STOPPED = "stopped"
    NOT_REACHED = "not_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class StepTaken:
    """A step, and what came of it."""

    step: DecisionStep
    outcome: StepOutcome


# The refusals of each step.
_STOPS: Final = {
    DecisionStep.HEARD: (Refusal.UNAVAILABLE, Refusal.ID_REUSED, Refusal.CALL_ENDED),
    DecisionStep.CONNECTION: (Refusal.CONNECTION_BOUND,),
    DecisionStep.ACCOUNT: (Refusal.ACCOUNT_BLOCKED, Refusal.ACCOUNT_CLOSED),
    DecisionStep.CALLED_NUMBER: (Refusal.NUMBER_UNKNOWN, Refusal.NUMBER_SUSPENDED),
    DecisionStep.PARENT: (Refusal.PARENT_UNKNOWN, Refusal.FORWARDED_TWICE),
    DecisionStep.CIRCLE: (Refusal.FORWARDED_TO_ITSELF, Refusal.FORWARDED_IN_A_CIRCLE),
    DecisionStep.CONNECTOR: (Refusal.CONNECTOR_UNPAID,),
    DecisionStep.CALLEE: (Refusal.CALLEE_INVALID,),
    DecisionStep.LINE: (Refusal.LINE_UNKNOWN,),
    DecisionStep.RATE: (Refusal.NO_RATE,),
    DecisionStep.SHOWN_NUMBER: (Refusal.NO_MAIN_NUMBER,),
    DecisionStep.MONEY: (Refusal.NO_MONEY,),
    DecisionStep.CAPS: (Refusal.CAPPED,),
    DecisionStep.WITHHOLDING: (Refusal.NUMBER_WITHHELD, Refusal.WITHHOLDING_IMPOSSIBLE),
}
STEP_OF: Final = {refusal: step for step, refusals in _STOPS.items() for refusal in refusals}

_BEGIN: Final = (DecisionStep.HEARD, DecisionStep.CONNECTION, DecisionStep.ACCOUNT)
_END: Final = (DecisionStep.CAPS, DecisionStep.WITHHOLDING)
_OUT: Final = (
    DecisionStep.CALLEE,
    DecisionStep.LINE,
    DecisionStep.RATE,
    DecisionStep.SHOWN_NUMBER,
    DecisionStep.MONEY,
)
_FORWARD: Final = (DecisionStep.PARENT, DecisionStep.CIRCLE)
# Of a call by a connector: what comes of it is not our affair.
_CONNECTOR: Final = "R12"
_EMERGENCY: Final = "emergency"
# Calls that were put on record without a decision: their end came alone, or the database was away.
_UNDECIDED: Final = ("R21", "R34")


def steps_of(direction: str | None, *, rule: str, reason: str | None) -> list[StepTaken]:
    """None where nothing was decided, or by a version that knows other reasons."""
    if direction is None or (reason is None and rule in _UNDECIDED):
        return []
    if rule == _EMERGENCY:
        return [StepTaken(step=DecisionStep.HEARD, outcome=StepOutcome.PASSED)]
    steps = _steps(Direction(direction), rule)
    if reason is None:
        return [StepTaken(step=step, outcome=StepOutcome.PASSED) for step in steps]
    stopped = STEP_OF.get(Refusal(reason)) if reason in list(Refusal) else None
    if stopped not in steps:
        return []
    at = steps.index(stopped)
    outcomes = [*[StepOutcome.PASSED] * at, StepOutcome.STOPPED, *[StepOutcome.NOT_REACHED] * (len(steps) - at - 1)]
    return [StepTaken(step=step, outcome=outcome) for step, outcome in zip(steps, outcomes, strict=True)]


def _steps(direction: Direction, rule: str) -> Sequence[DecisionStep]:
    """All that would have been asked of such a call."""
    forward = _FORWARD if direction is Direction.FORWARD else ()
    if direction is Direction.INBOUND:
        middle: Sequence[DecisionStep] = (DecisionStep.CALLED_NUMBER, DecisionStep.MONEY)
    else:
        middle = (*forward, *((DecisionStep.CONNECTOR,) if rule == _CONNECTOR else _OUT))
    return (*_BEGIN, *middle, *_END)
