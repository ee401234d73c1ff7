"""What is explained: a code and its figures for programs, and the words of a language for people."""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from gateway.domain.explanation import Fact, Money
from gateway.words.speech import say
from gateway.words.vocabulary import CALLS


class Language(StrEnum):
    """The languages that explanations are worded in."""

    EN = "en"
    DE = "de"
    ES = "es"
    FR = "fr"
    PT_BR = "pt-BR"
    RU = "ru"


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    amount: Decimal
    currency: str | None


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """`code` is for programs, as `would_need.money`; `figures` are what `text` says in words.

    A figure is a text, a number, an instant, an amount, or the code of something that is said inside of this.
    """

    code: str
    figures: dict[str, str | int | Amount]
    text: str


def said(fact: Fact, language: Language, *, subject: str = CALLS) -> Said:
    """`subject` is of what its words are."""
    figures = {name: _figure(value) for name, value in fact.figures.items()}
    return Said(code=fact.code, figures=figures, text=say(fact, language, subject=subject))


def _figure(value: "str | int | Money | datetime | Fact") -> str | int | Amount:
    match value:
        case Money():
            return Amount(amount=value.amount, currency=value.currency)
        case Fact():
            return value.code
        case datetime():
            return value.isoformat().replace("+00:00", "Z")
        case _:
            return value
