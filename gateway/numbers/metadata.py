"""What a number belongs to, by the metadata of `phonenumbers`: country, category, possible or not.

Numbers are judged *possible* (an assigned country code and a possible length), not *valid*: a range that was opened
after the metadata was released must be callable, and the rates decide what it costs. The answers are remembered,
as a country's metadata costs 20 µs to consult and people call the same numbers again.
"""

from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneNumberType
from phonenumbers.shortnumberinfo import SUPPORTED_SHORT_REGIONS

from gateway.domain.phone import is_e164
from gateway.numbers.plain import is_plain

# What tells the countries of one code apart stands in the first digits; a number of any of these codes has about ten.
AREA_DIGITS_MAX = 6
AREA_DIGITS_NANP = 3
NATIONAL_DIGITS = 10
_FILLING = "2345678901"
_CATEGORIES = {
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.UAN: "national",
    PhoneNumberType.VOIP: "national",
    PhoneNumberType.SHARED_COST: "national",
    PhoneNumberType.PREMIUM_RATE: "national",
    PhoneNumberType.PERSONAL_NUMBER: "national",
}


def load_plans() -> None:
    """Have the plan of every country in memory: what is read with the first call of a country needs a descriptor then.

    It takes 0.2 s of processor and 2 MB.
    """
    phonenumbers.PhoneMetadata.load_all()
    for country in SUPPORTED_SHORT_REGIONS:
        phonenumbers.PhoneMetadata.short_metadata_for_region(country)


def _parse(number: str) -> phonenumbers.PhoneNumber | None:
    if not is_e164(number):
        return None
    try:
        return phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return None


def is_possible(number: str) -> bool:
    """An E.164 number with an assigned country code and a possible length, area code included (R10)."""
    return is_plain(number) or _is_possible(number)


@lru_cache(maxsize=16_384)
def _is_possible(number: str) -> bool:
    parsed = _parse(number)
    if parsed is None:
        return False
    return phonenumbers.is_possible_number_with_reason(parsed) == phonenumbers.ValidationResult.IS_POSSIBLE


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


def has_plan(country: str) -> bool:
    """Whether a country, by its ISO 3166 code, has a plan of numbers."""
    return country in phonenumbers.SUPPORTED_REGIONS


def country_of_prefix(prefix: str) -> str:
    """The country of the numbers that begin with these digits; where they are of several, the main one of the code.

    `001` for those of no country, empty where the digits are less than a country code.
    """
    code = code_of_prefix(prefix)
    if not code:
        return ""
    digits = AREA_DIGITS_NANP if code == "1" else AREA_DIGITS_MAX
    return _country_of_area(code, prefix[len(code) :][:digits])


def code_of_prefix(prefix: str) -> str:
    """The country code that some digits begin with; empty where they are less than one, or begin with none."""
    return next((prefix[:length] for length in (1, 2, 3) if regions_of(prefix[:length])), "")


def code_of_country(country: str) -> str:
    """The country code of a country, empty where it has none of which something is known."""
    code = phonenumbers.country_code_for_region(country)
    return str(code) if code else ""


@lru_cache(maxsize=1024)
def begins_a_code(digits: str) -> bool:
    """Whether these digits are the beginning of a country code that is assigned to somebody."""
    return any(str(code).startswith(digits) for code in phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


@lru_cache(maxsize=16_384)
def _country_of_area(code: str, national: str) -> str:
    """Nothing tells it of a beginning, so it is completed in ten ways: it is that of all that are numbers, if one."""
    main, *others = regions_of(code)
    if not others or not national:
        return main
    filled = (f"+{code}{(national + digit + _FILLING)[:NATIONAL_DIGITS]}" for digit in "0123456789")
    found = {phonenumbers.region_code_for_number(parsed) for each in filled if (parsed := _parse(each)) is not None}
    found.discard(None)
    return str(found.pop()) if len(found) == 1 else main


def regions_of(code: str) -> tuple[str, ...]:
    """The countries of a country code, the main one first; none where it is assigned to nobody."""
    return phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code), ()) if code and code[0] != "0" else ()


def category_of(number: str) -> str:
    """Category of one of our numbers: geographic unless the metadata says otherwise."""
    parsed = _parse(number)
    kind = phonenumbers.number_type(parsed) if parsed is not None else None
    return _CATEGORIES.get(kind, "geographic") if kind is not None else "geographic"
