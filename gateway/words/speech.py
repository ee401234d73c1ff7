"""Facts in the words of a language, their figures exact: amounts with all decimals, instants in UTC."""

from datetime import datetime

from gateway.domain.explanation import Fact, Money
from gateway.words.vocabulary import CALLS, FALLBACK, fill, words_of

UNKNOWN = "unknown"


def say(fact: Fact, language: str = FALLBACK, *, subject: str = CALLS) -> str:
    """What a fact says; a code that another version knows has the words for what is unknown, or is said as it is."""
    table, _, name = fact.code.partition(".")
    words = words_of(language, subject).get(table, {})
    text = words.get(name) or words.get(UNKNOWN)
    if text is None:
        return name
    return fill(text, {key: _said(value, language, subject) for key, value in fact.figures.items()})


def _said(figure: "str | int | Money | datetime | Fact", language: str, subject: str) -> str:
    match figure:
        case Fact():
            return say(figure, language, subject=subject)
        case Money():
            return f"{figure.amount} {figure.currency or ''}".strip()
        case _:
            return str(figure)
