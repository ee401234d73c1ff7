"""Subjects measured in turn, and what their medians are to each other."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from tests.bench.figures import Figure
from tests.bench.rounds import Round, Subject, alternate
from tests.bench.stage import Stage


async def in_turn(stage: Stage, *subjects: Subject) -> dict[str, list[Round]]:
    """Each subject, and the empty handler, over and over."""
    return await alternate(subjects, stage.empty, subjects[0].path, rounds=stage.rounds, seconds=stage.seconds)


def ratio(what: str, ours: list[Round], theirs: list[Round], target: float) -> Figure:
    """The ratio of the medians."""
    value = Round.median(ours).per_second / Round.median(theirs).per_second
    return Figure(what=what, value=value, unit="", target=target, at_most=False)


def raw_of(turns: Mapping[str, list[Round]]) -> dict[str, Any]:
    return {name: [asdict(one) for one in rounds] for name, rounds in turns.items()}
