"""Destinations that are dear or abused: satellites, premium numbers, the usual ranges of revenue-share fraud (R17).

The list is `dear.csv`, each row with its source. Premium numbers of all countries are known by the metadata of
`phonenumbers` besides.
"""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

import phonenumbers
from phonenumbers import PhoneNumberType

_REMEMBERED = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class DearDestination:
    """Numbers that begin with `prefix`; `source` says who counts them as such."""

    prefix: str
    kind: str
    destination: str
    source: str


@cache
def dear_destinations() -> tuple[DearDestination, ...]:
    """The list, as it comes along."""
    text = files("gateway").joinpath("numbers/dear.csv").read_text(encoding="utf-8")
    return tuple(DearDestination(**row) for row in csv.DictReader(text.splitlines()))


@lru_cache(maxsize=_REMEMBERED)
def is_dear(number: str) -> bool:
    """Whether an E.164 number is a premium one by its country's plan, or on the list."""
    return any(number[:end] in _prefixes() for end in range(2, len(number) + 1)) or _is_premium(number)


@cache
def _prefixes() -> frozenset[str]:
    return frozenset(each.prefix for each in dear_destinations())


def _is_premium(number: str) -> bool:
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return False
    return phonenumbers.number_type(parsed) == PhoneNumberType.PREMIUM_RATE
