"""Numbers that are not long: emergency numbers and the short numbers of a country's plan (R40, emergency).

By the metadata of `phonenumbers`, which knows both for every country. Every form is known in which phones and PBXs send
an emergency call: the digits with or without separators, in any script, as a `tel:` or SIP address, with the `#` that
sends them; with the plus or the country code that some put before all that is dialled; and the service URNs of RFC 5031
(`urn:service:sos` and what stands below it). A digit for an outside line and star codes are their PBX's business:
`9112` and `0112` are ordinary numbers in some countries, so that nobody could be certain.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, shortnumberinfo

from gateway.numbers.harmonised import HARMONISED_EXAMPLE, is_harmonised
from gateway.numbers.metadata import is_possible
from gateway.numbers.spelling import spell, user_of

# 3GPP TS 22.101 section 10.1.1: a phone takes these for emergency numbers wherever it is.
EMERGENCY_EVERYWHERE: Final = frozenset({"112", "911"})
# What a service URN becomes: the number that a phone takes for an emergency call everywhere.
EMERGENCY_URN_NUMBER: Final = "112"
SHORT_DIGITS_MAX: Final = 6
_EMERGENCY_URNS: Final = ("urn:service:sos", "sos")
_NO_COUNTRY: Final = "001"


@lru_cache(maxsize=4096)
def emergency_number(text: str, country: str) -> str | None:
    """The emergency number of a country that a text is, as it is dialled; None where it is none.

    `country` is an ISO 3166 code, empty where nobody knows it. 112 and 911 are emergency numbers wherever they are not
    ordinary ones of the country's plan.
    """
    if _is_emergency_urn(text):
        return EMERGENCY_URN_NUMBER
    return next((digits for digits in _dialled(text, country) if _is_emergency(digits, country)), None)


@lru_cache(maxsize=4096)
def is_short_number(digits: str, country: str) -> bool:
    """Whether digits are a short number of a country's plan, such as 116117 in Germany; emergency numbers are too."""
    if is_harmonised(digits, country):
        return True
    if not digits.isdecimal() or not country or country == _NO_COUNTRY:
        return False
    number = PhoneNumber(
        country_code=phonenumbers.country_code_for_region(country),
        national_number=int(digits),
        italian_leading_zero=digits.startswith("0") or None,
        number_of_leading_zeros=_leading_zeros(digits),
    )
    return shortnumberinfo.is_valid_short_number_for_region(number, country)


@lru_cache(maxsize=4096)
def short_number(text: str, country: str) -> str | None:
    """The short number of a country that a text is, as it is dialled; None for what is an ordinary number there too."""
    digits = short_digits(text)
    if not digits or not is_short_number(digits, country):
        return None
    try:
        is_ordinary = phonenumbers.is_valid_number_for_region(phonenumbers.parse(digits, country), country)
    except phonenumbers.NumberParseException:
        is_ordinary = False
    return None if is_ordinary else digits


@lru_cache(maxsize=4096)
def begins_short_number(digits: str, country: str) -> bool:
    """Whether any short number of a country begins so."""
    if is_harmonised(digits + HARMONISED_EXAMPLE[len(digits) :], country):
        return True
    plan = PhoneMetadata.short_metadata_for_region(country)
    if plan is None or plan.short_code is None:
        return False
    pattern = re.compile(plan.short_code.national_number_pattern or "")
    missing = [length - len(digits) for length in plan.short_code.possible_length if length >= len(digits)]
    endings = (f"{ending:0{count}}" if count else "" for count in missing for ending in range(10**count))
    return any(pattern.fullmatch(digits + ending) for ending in endings)


def short_digits(text: str) -> str:
    """The digits of what may be a short number; empty for what is longer, international, or no number."""
    digits = _digits(text)
    return digits if _is_short(digits) else ""


def dialled_short(text: str, country: str) -> str:
    """A short number as it is dialled, however it is written, and 112 for a service URN; empty for all else.

    Where nobody knows the country yet, what may be an emergency number there loses its plus.
    """
    if _is_emergency_urn(text):
        return EMERGENCY_URN_NUMBER
    if not country and _is_emergency_somewhere(digits := _digits(text).removeprefix("+")):
        return digits
    return short_digits(text)


def _dialled(text: str, country: str) -> Iterator[str]:
    """The short numbers that a text may be: its digits, and those behind a plus or the country's code.

    No other number is so short that it could be meant with a plus.
    """
    digits = _digits(text)
    if _is_short(digits):
        yield digits
    abroad = digits.removeprefix("+") if digits.startswith("+") else digits.removeprefix("00")
    if abroad == digits or is_possible(f"+{abroad}"):
        return
    if digits.startswith("+") and _is_short(abroad):
        yield abroad
    code = phonenumbers.country_code_for_region(country)  # 0 for no country
    if code and abroad.startswith(str(code)) and _is_short(national := abroad.removeprefix(str(code))):
        yield national


def _digits(text: str) -> str:
    user = user_of(text)
    if "@" in user:  # an address without its scheme
        user = user.partition("@")[0]
    return spell(user.removesuffix("#")).digits


def _is_short(digits: str) -> bool:
    return digits.isdecimal() and 2 <= len(digits) <= SHORT_DIGITS_MAX


def _is_emergency(digits: str, country: str) -> bool:
    if country and country != _NO_COUNTRY and phonenumbers.is_emergency_number(digits, country):
        return True
    return digits in EMERGENCY_EVERYWHERE and not is_short_number(digits, country)


@lru_cache(maxsize=4096)
def _is_emergency_somewhere(digits: str) -> bool:
    return _is_short(digits) and any(
        phonenumbers.is_emergency_number(digits, country) for country in phonenumbers.SUPPORTED_REGIONS
    )


def _leading_zeros(digits: str) -> int | None:
    zeros = len(digits) - len(digits.lstrip("0"))
    return zeros if zeros > 1 else None


def _is_emergency_urn(text: str) -> bool:
    service = text.strip().rpartition("<")[2].removesuffix(">").lower()
    service = service.removeprefix("sips:").removeprefix("sip:")
    return any(service == urn or service.startswith((f"{urn}.", f"{urn}@", f"{urn};")) for urn in _EMERGENCY_URNS)
