"""The steps of a decision are told from what is on record."""

import pytest

from gateway.domain.calls.refusals import REFUSALS, Refusal
from gateway.domain.calls.steps import STEP_OF, DecisionStep, StepOutcome, steps_of


def said(direction: str | None, rule: str, reason: str | None = None) -> dict[str, str]:
    return {each.step: each.outcome for each in steps_of(direction, rule=rule, reason=reason)}


def test_every_refusal_has_its_step() -> None:
    assert set(STEP_OF) == set(Refusal)


@pytest.mark.parametrize("refusal", Refusal)
def test_every_refusal_stops_a_call_of_some_direction(refusal: Refusal) -> None:
    rule = REFUSALS[refusal].rule
    stopped = [said(direction, rule, refusal) for direction in ("inbound", "outbound", "forward")]

    assert any(each.get(STEP_OF[refusal]) == StepOutcome.STOPPED for each in stopped)


def test_what_comes_before_was_passed_and_what_comes_after_nobody_came_to() -> None:
    steps = said("forward", "R7", "no_rate")

    assert list(steps.values()) == [*["passed"] * 7, "stopped", *["not_reached"] * 4]
    assert list(steps)[3:5] == [DecisionStep.PARENT, DecisionStep.CIRCLE]


def test_a_connected_call_passed_all_that_is_asked_of_its_kind() -> None:
    assert set(said("outbound", "R14").values()) == {"passed"}
    assert DecisionStep.CONNECTOR in said("outbound", "R12")
    assert DecisionStep.MONEY not in said("outbound", "R12")
    assert said("outbound", "emergency") == {"heard": "passed"}
    assert DecisionStep.CALLED_NUMBER in said("inbound", "R9")


@pytest.mark.parametrize(
    ("direction", "rule", "reason"),
    [(None, "R14", None), ("outbound", "R21", None), ("outbound", "R34", None), ("outbound", "R1", "odd")],
)
def test_where_nobody_decided_or_nobody_knows_how_there_are_none(
    direction: str | None, rule: str, reason: str | None
) -> None:
    assert steps_of(direction, rule=rule, reason=reason) == []
