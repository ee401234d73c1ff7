"""What a number belongs to, by the metadata of `phonenumbers`: country, category, possible or not, emergency.

Numbers are judged *possible* (an assigned country code and a possible length), not *valid*: a range that was opened
after the metadata was released must be callable, and the rates decide what it costs. The answers are remembered,
as a country's metadata costs up to 100 µs to consult and people call the same numbers again.
"""

import re
from functools import cache, lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberType

from gateway.domain.events import CallStarted
from gateway.domain.phone import is_e164, is_short

# 3GPP TS 22.101 section 10.1.1: a phone takes these for emergency numbers wherever it is.
_EMERGENCY_EVERYWHERE = frozenset({"112", "911"})
_CATEGORIES = {
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.UAN: "national",
    PhoneNumberType.VOIP: "national",
    PhoneNumberType.SHARED_COST: "national",
    PhoneNumberType.PREMIUM_RATE: "national",
    PhoneNumberType.PERSONAL_NUMBER: "national",
}


def _parse(number: str) -> phonenumbers.PhoneNumber | None:
    if not is_e164(number):
        return None
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None


class _Plan(NamedTuple):
    """What decides for most numbers of a country code whether they are possible."""

    lengths: frozenset[int]
    # National numbers that may have more digits than belong to them, such as a national prefix.
    unclear: re.Pattern[str]


@cache
def _plan(code: str) -> _Plan | None:
    """The numbering plan of a country code; None if it is none."""
    if not code or int(code) not in phonenumbers.COUNTRY_CODE_TO_REGION_CODE:
        return None
    region = phonenumbers.region_code_for_country_code(int(code))
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(int(code), region)
    if metadata is None or metadata.general_desc is None:
        return None
    general = metadata.general_desc
    return _Plan(
        lengths=frozenset((*general.possible_length, *general.possible_length_local_only)),
        unclear=re.compile(f"0|(?:{metadata.national_prefix_for_parsing or '0'})"),
    )


@lru_cache(maxsize=16_384)
def is_possible(number: str) -> bool:
    """An E.164 number with an assigned country code and a possible length (R10).

    As `phonenumbers` says; where nothing needs to be taken off the number, its length says the same in a fortieth of the time.
    """
    if not is_e164(number):
        return False
    for end in (2, 3, 4):
        plan = _plan(number[1:end])
        if plan is not None:
            national = number[end:]
            if plan.unclear.match(national) is None:
                return len(national) in plan.lengths
            break
    parsed = _parse(number)
    return parsed is not None and phonenumbers.is_possible_number(parsed)


@lru_cache(maxsize=16_384)
def country_of(number: str) -> str:
    """ISO 3166 code of an E.164 number, `001` for those of no country, empty if it is none.

    A number that fits no range of its country code is given to the main country of that code.
    """
    parsed = _parse(number)
    if parsed is None:
        return ""
    region = phonenumbers.region_code_for_number(parsed)
    if region is None:
        region = phonenumbers.region_code_for_country_code(parsed.country_code or 0)
    return "" if region == "ZZ" else region


def category_of(number: str) -> str:
    """Category of one of our numbers: geographic unless the metadata says otherwise."""
    parsed = _parse(number)
    kind = phonenumbers.number_type(parsed) if parsed is not None else None
    return _CATEGORIES.get(kind, "geographic") if kind is not None else "geographic"


@lru_cache(maxsize=1024)
def _is_emergency_in(number: str, country: str) -> bool:
    if not country or country == "001":
        return number in _EMERGENCY_EVERYWHERE
    return phonenumbers.is_emergency_number(number, country)


def is_emergency(call: CallStarted) -> bool:
    """Whether the callee is an emergency number of the line's country.

    A line that is no number (a connector) is where its caller's number is; where neither tells, 112 and 911 count.
    """
    if not is_short(call.callee):
        return False
    return _is_emergency_in(call.callee, country_of(call.line) or country_of(call.caller))
