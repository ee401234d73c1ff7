"""What operators enter, numbers and beginnings of numbers, is brought to the one spelling, or refused (R42).

Nobody's plan is asked: whoever sits before a price list or a command line writes the country code.
"""

import re
from functools import lru_cache
from typing import Final

from phonenumbers import PhoneMetadata

from gateway.numbers.metadata import regions_of
from gateway.numbers.reading import Writer, read
from gateway.numbers.spelling import spell

# So many digits after the country code tell whether any number begins so.
_LEAD_DIGITS: Final = 3
_FILLING: Final = "23456789012345"


def entered_number(text: str) -> str | None:
    """A number that was written with its plus, or 00; None for anything else."""
    spelling = spell(text)
    if not spelling.digits.startswith(("+", "00")) or spelling.extension:
        return None
    return read(text, writer=Writer.CARRIER).number


def entered_prefix(text: str) -> str | None:
    """The digits that numbers begin with, country code first; None where no number can begin so.

    They may be written with a plus, with 00, or without. A trunk digit after the country code is no part of any number:
    it is left out where more follows it.
    """
    spelling = spell(text)
    digits = (spelling.with_zero or spelling.digits).removeprefix("+").removeprefix("00")
    if not digits or spelling.extension or len(digits) > len(_FILLING) + 1:
        return None
    code = next((digits[:length] for length in (1, 2, 3) if regions_of(digits[:length])), None)
    if code is None or code == digits:
        return digits
    national = _without_trunk(code, digits[len(code) :])
    return None if national is None else code + national


def _without_trunk(code: str, national: str) -> str | None:
    for trunk in _trunks(code):
        if national.startswith(trunk) and not _begins_a_number(code, national[:_LEAD_DIGITS]):
            return national[len(trunk) :] or None
    return national


@lru_cache(maxsize=512)
def _trunks(code: str) -> tuple[str, ...]:
    """The trunk digits of the countries of a code, the longest first."""
    trunks = {plan.national_prefix for plan in _plans(code) if plan.national_prefix}
    return tuple(sorted(trunks, key=len, reverse=True))


@lru_cache(maxsize=4096)
def _begins_a_number(code: str, lead: str) -> bool:
    """Whether any number of a code begins so: it is completed in ten ways to each length that numbers there have."""
    return any(_fits(plan, lead) for plan in _plans(code))


def _fits(plan: PhoneMetadata, lead: str) -> bool:
    desc = plan.general_desc
    if desc is None or desc.national_number_pattern is None:
        return False
    pattern = re.compile(desc.national_number_pattern)
    filled = (lead + digit + _FILLING for digit in "0123456789")
    return any(pattern.fullmatch(each[:length]) for each in filled for length in desc.possible_length)


def _plans(code: str) -> tuple[PhoneMetadata, ...]:
    plans = (PhoneMetadata.metadata_for_region_or_calling_code(int(code), region) for region in regions_of(code))
    return tuple(plan for plan in plans if plan is not None)
