"""A problem that was found, with its words."""

from datetime import datetime

from gateway.domain.explanation import Fact
from gateway.domain.problems import TREATMENTS, Problem, ProblemCode
from gateway.words.speech import say
from gateway.words.vocabulary import HEALTH


def fact_of(name: str, **figures: str | int) -> Fact:
    """What is wrong, by the name of its words in `words/health`."""
    return Fact(f"problems.{name}", figures)


def problem_of(code: ProblemCode, fact: Fact, *, since: datetime | None = None) -> Problem:
    treatment = TREATMENTS[code]
    said = say(fact, subject=HEALTH)
    return Problem(problem=code, severity=treatment.severity, since=since, fact=fact, said=said, do=treatment.do)
