"""Every emergency number of the world, by the metadata of `phonenumbers`: what each kit and each adapter must pass."""

import re
from collections.abc import Iterator, Mapping
from functools import cache

from phonenumbers import PhoneMetadata
from phonenumbers.shortdata import _AVAILABLE_REGION_CODES


@cache
def emergency_numbers() -> Mapping[str, frozenset[str]]:
    """By the country; patterns of the metadata are written out. A country without any is not there."""
    numbers = {country: frozenset(_numbers(country)) for country in sorted(_AVAILABLE_REGION_CODES)}
    return {country: of_it for country, of_it in numbers.items() if of_it}


@cache
def all_emergency_numbers() -> tuple[str, ...]:
    return tuple(sorted(frozenset[str]().union(*emergency_numbers().values())))


def emergency_number_of_each_length() -> list[str]:
    """One of two digits, one of three, and so on: for tests that take a while."""
    return list({len(number): number for number in all_emergency_numbers()}.values())


def _numbers(country: str) -> Iterator[str]:
    metadata = PhoneMetadata.short_metadata_for_region(country)
    plan = None if metadata is None else metadata.emergency
    if plan is None or not plan.national_number_pattern:
        return
    pattern = re.compile(rf"^(?:{plan.national_number_pattern})$", re.MULTILINE)
    for length in plan.possible_length:
        yield from (found[0] for found in pattern.finditer(_all_of_length(length)))


@cache
def _all_of_length(length: int) -> str:
    """Every number of so many digits, one a line: one search in all of them takes less than one in each."""
    return "\n".join(f"{number:0{length}}" for number in range(10**length))
