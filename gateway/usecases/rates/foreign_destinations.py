"""Destinations that a row of a deck prices although its label is another country's: `outbound,US,,1` prices Jamaica.

Countries share codes, so a short prefix that is meant for one prices the others too, where they have no row of their
own. Each country is tried by the areas that are its own, and by an example of its numbers. Rows without a label name
no country, so nothing is said of them.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType

from gateway.countries import country_name
from gateway.domain.rates.deck import DeckRow
from gateway.domain.rates.rate import DeckRate, RateKind

AREA_DIGITS_MAX = 3
_TYPES = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE)


def warn_of_foreign(rows: Iterable[DeckRow]) -> tuple[str, ...]:
    """A sentence for each row of a file that prices countries that have no row of their own."""
    decks: dict[str, dict[str, DeckRate]] = {}
    for row in rows:
        is_for_some = row.rate.is_short or row.rate.caller_prefixes
        if row.rate.kind is RateKind.OUTBOUND and not is_for_some:
            decks.setdefault(row.rate.currency, {})[row.rate.prefix] = row.rate
    return tuple(sentence for by_prefix in decks.values() for sentence in _sentences(by_prefix))


def _sentences(by_prefix: Mapping[str, DeckRate]) -> Iterator[str]:
    foreign: dict[str, set[str]] = {}
    for country in sorted(phonenumbers.SUPPORTED_REGIONS):
        for beginning in beginnings_of(country):
            rate = _applying(by_prefix, beginning)
            if rate is not None and rate.country not in ("", country):
                foreign.setdefault(rate.prefix, set()).add(country)
    for prefix, countries in foreign.items():
        rate = by_prefix[prefix]
        names = [f"{country_name(country)} ({country})" for country in sorted(countries)]
        yield f"prefix {prefix} ({rate.country}, {rate.currency}) prices what has no row of its own: {', '.join(names)}"


def _applying(by_prefix: Mapping[str, DeckRate], digits: str) -> DeckRate | None:
    """The row of the longest prefix."""
    return next((by_prefix[digits[:end]] for end in range(len(digits), 0, -1) if digits[:end] in by_prefix), None)


@cache
def beginnings_of(country: str) -> tuple[str, ...]:
    """What numbers of a country begin with, its code first: its areas where it shares the code, and whole examples."""
    metadata = PhoneMetadata.metadata_for_region(country)
    code = str(phonenumbers.country_code_for_region(country))
    areas: list[str] = []
    if metadata is not None and metadata.leading_digits:
        pattern = re.compile(metadata.leading_digits)
        for length in range(1, AREA_DIGITS_MAX + 1):
            areas += filter(pattern.fullmatch, (str(area).zfill(length) for area in range(10**length)))
    examples = (phonenumbers.example_number_for_type(country, kind) for kind in _TYPES)
    own = (each for each in examples if each and phonenumbers.region_code_for_number(each) == country)
    numbers = (phonenumbers.format_number(each, phonenumbers.PhoneNumberFormat.E164)[1:] for each in own)
    return (*(code + area for area in areas), *numbers)
