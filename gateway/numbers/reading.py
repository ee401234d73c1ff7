"""What was sent becomes a number, in one place, for every provider, for callee, caller and line (R41).

A *person* (an own user, a phone, a PBX) dials in the plan of the line's country, with its exit code and its trunk
digit. A *carrier* sends E.164 with or without the plus, or national numbers where the connection says of which country.
A plus, `00` and the exit code of the country are international for both. What cannot be read with certainty is not
read, and the reading says how far it got. Plans are those of `phonenumbers`: exit codes, trunk digits, lengths.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberType, ValidationResult

from gateway.domain.explanation import Fact
from gateway.numbers.plain import is_plain
from gateway.numbers.spelling import Spelling, spell

# A caller ID is remembered as long as others are: reading one costs about as much as deciding a call.
REMEMBERED = 16_384
# In an open plan, where local numbers have many lengths, a number without its trunk digit may be a local one.
CLOSED_PLAN_LENGTHS_MAX = 2
_E164_DIGITS = range(7, 16)
_INTERNATIONAL = Fact("readings.international")
_WITHOUT_PLUS = Fact("readings.without_plus")
_NO_LOCAL_NUMBERS = frozenset(
    {PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST}
)


class Writer(StrEnum):
    """Who wrote what was sent."""

    PERSON = "person"
    CARRIER = "carrier"


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberReading:
    """`number` is E.164 as the metadata formats it, or None; `how` says how it was read, or why it was not."""

    number: str | None
    how: Fact


# The number that was read, if it was one, and how.
Read = tuple[str | None, Fact]


def read(text: str, *, writer: Writer, country: str = "", numbers: str = "") -> NumberReading:
    """Read what `writer` sent.

    `country` is the ISO 3166 code of the line's country, empty where nobody knows it. `numbers` is the country whose
    national numbers a carrier sends, empty for one that sends E.164 alone.
    """
    if is_plain(text):
        return NumberReading(number=text, how=_INTERNATIONAL)
    return _read_spelling(text, writer, country, numbers)


@lru_cache(maxsize=REMEMBERED)
def _read_spelling(text: str, writer: Writer, country: str, numbers: str) -> NumberReading:
    spelling = spell(text)
    if not spelling.digits:
        return NumberReading(number=None, how=Fact("readings.no_number"))
    number, how = _read(spelling, writer=writer, country=country, numbers=numbers)
    if spelling.with_zero and not _is_valid(number):
        with_zero = replace(spelling, digits=spelling.with_zero)
        number, how = _read(with_zero, writer=writer, country=country, numbers=numbers)
    if number is not None and spelling.extension:
        how = Fact("readings.without_extension", {"how": how, "extension": spelling.extension})
    return NumberReading(number=number, how=how)


def _read(spelling: Spelling, *, writer: Writer, country: str, numbers: str) -> Read:
    digits = spelling.digits
    if digits.startswith("+"):
        return _international(digits[1:], _INTERNATIONAL)
    if spelling.context:
        of_context = Fact("readings.of_context", {"context": spelling.context})
        return _international(spelling.context[1:] + digits, of_context)
    if abroad := _abroad(digits, country):
        return _one_of(abroad, Fact("readings.exit_code", {"country": country}) if country else Fact("readings.zeros"))
    match writer:
        case Writer.PERSON:
            return _national(digits, country)
        case Writer.CARRIER:
            return _of_carrier(digits, numbers)


def _international(digits: str, how: Fact) -> Read:
    number = _possible(f"+{digits}", "")
    return (number, how) if number else _nobodys(how)


def _nobodys(how: Fact) -> Read:
    return None, Fact("readings.nobodys", {"how": how})


def _abroad(digits: str, country: str) -> tuple[str, ...]:
    """The numbers that it may be with an exit code in front: the country's own, or `00`; empty where it has none.

    Where a country has several, as by its carriers, the usual one comes first; others must leave no doubt.
    """
    usual, pattern = _exit_codes(country)
    if usual and digits.startswith(usual) and (number := _possible(f"+{digits[len(usual) :]}", "")):
        return (number,)
    match = pattern.match(digits) if pattern is not None else None
    ends = {match.end()} if match is not None else set()
    if digits.startswith("00"):
        ends.add(2)
    found = {number for end in ends if (number := _possible(f"+{digits[end:]}", ""))}
    sure = set(filter(_is_valid, found))
    return tuple(sorted(sure or found)) or (("",) if digits.startswith("00") else ())


def _one_of(numbers: tuple[str, ...], how: Fact) -> Read:
    match numbers:
        case ("",):
            return _nobodys(how)
        case (number,):
            return number, how
        case _:
            return None, Fact("readings.any_of", {"how": how, "numbers": ", ".join(numbers)})


def _national(digits: str, country: str) -> Read:
    """In the plan of a country: with its trunk digit, or without where that leaves no doubt."""
    plan = _plan(country)
    if plan is None:
        return None, Fact("readings.no_plan")
    how = Fact("readings.national", {"country": country})
    number = _possible(digits, country)
    if number is None:
        return None, Fact("readings.not_in_plan", {"how": how})
    parsed = phonenumbers.parse(number, None)
    if digits != _significant(parsed) or _is_sure_without_trunk(parsed, plan):
        return number, how
    if plan.national_prefix:
        return None, Fact("readings.maybe_local_with_trunk", {"how": how, "trunk": plan.national_prefix})
    return None, Fact("readings.maybe_local", {"how": how})


def _of_carrier(digits: str, numbers: str) -> Read:
    if numbers:
        number, how = _national(digits, numbers)
        if number is not None:
            return number, how
    if len(digits) in _E164_DIGITS and (number := _possible(f"+{digits}", "")):
        return number, _WITHOUT_PLUS
    return _nobodys(_WITHOUT_PLUS)


def _is_sure_without_trunk(number: PhoneNumber, plan: PhoneMetadata) -> bool:
    """Whether a national number is certain that was written without the trunk digit that its country has."""
    if _has_one_length(plan):
        return True
    if not phonenumbers.is_valid_number(number):
        return False
    if not plan.national_prefix:
        return True
    lengths = plan.fixed_line.possible_length if plan.fixed_line else ()
    return phonenumbers.number_type(number) in _NO_LOCAL_NUMBERS or len(lengths) <= CLOSED_PLAN_LENGTHS_MAX


def _has_one_length(plan: PhoneMetadata) -> bool:
    """Whether all numbers of a plan are of one length, so that none of them is a shorter one with more in front."""
    return plan.general_desc is not None and len(plan.general_desc.possible_length) == 1


def _possible(text: str, country: str) -> str | None:
    """The one spelling of a number that has an assigned country code and a possible length, area code included."""
    try:
        parsed = phonenumbers.parse(text, country or None)
    except phonenumbers.NumberParseException:
        return None
    if phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.IS_POSSIBLE:
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return number if len(number) - 1 in _E164_DIGITS else None


def _is_valid(number: str | None) -> bool:
    return number is not None and phonenumbers.is_valid_number(phonenumbers.parse(number, None))


def _significant(number: PhoneNumber) -> str:
    return str(phonenumbers.national_significant_number(number))


def _plan(country: str) -> PhoneMetadata | None:
    return PhoneMetadata.metadata_for_region(country) if country else None


@lru_cache(maxsize=512)
def _exit_codes(country: str) -> tuple[str, re.Pattern[str] | None]:
    """The usual exit code of a country, empty where there is none before others, and the pattern of all of them."""
    plan = _plan(country)
    if plan is None or not plan.international_prefix:
        return "", None
    usual = (plan.preferred_international_prefix or plan.international_prefix).replace("~", "")
    return usual if usual.isdecimal() else "", re.compile(plan.international_prefix)
