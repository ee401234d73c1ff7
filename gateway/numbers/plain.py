"""Numbers that stand in their one spelling already, as most do that programs send: told without reading them whole.

To read a number by the whole metadata costs as much as half a decision about its call.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata

# Plus and 7 to 15 digits.
_LENGTHS = range(8, 17)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What follows a country code: how many digits, and what may be a trunk digit that must not be there."""

    code_digits: int
    lengths: frozenset[int]
    trunk: re.Pattern[str] | None


def is_plain(text: str) -> bool:
    """Whether a text is a possible number as the metadata spells it. False: it may be one all the same."""
    if len(text) not in _LENGTHS or text[0] != "+" or not (text.isascii() and text[1:].isdecimal()):
        return False
    plan = _plan_of(text[1:4])
    if plan is None:
        return False
    national = text[1 + plan.code_digits :]
    return len(national) in plan.lengths and (plan.trunk is None or plan.trunk.match(national) is None)


@lru_cache(maxsize=1000)
def _plan_of(digits: str) -> _Plan | None:
    """The plan of the country code that three digits begin with; of a code's countries that of the main one."""
    for length in (1, 2, 3):
        code = int(digits[:length])
        regions = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(code, ()) if digits[0] != "0" else ()
        if not regions:
            continue
        metadata = PhoneMetadata.metadata_for_region_or_calling_code(code, regions[0])
        if metadata is None or metadata.general_desc is None:
            return None
        trunk = metadata.national_prefix_for_parsing
        lengths = frozenset(metadata.general_desc.possible_length)
        return _Plan(length, lengths, re.compile(trunk) if trunk else None)
    return None
