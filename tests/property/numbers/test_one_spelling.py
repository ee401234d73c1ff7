"""R42: price, cap and owner depend on the number alone and not on its spelling, or the call is refused.

What rating, blocks, caps and owners compare is what `read_parties` makes of a call, and what `entered` and
`spell_blocked` make of decks, lines and blocks. A number is drawn of the plan of any country, then many spellings.
"""

from dataclasses import asdict
from functools import cache

import phonenumbers
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.domain.errors import InvalidInput
from gateway.domain.events import CallStarted, Direction
from gateway.numbers.blocked import spell_blocked
from gateway.numbers.callee import is_callable
from gateway.numbers.entered import entered_number, entered_prefix
from gateway.numbers.metadata import country_of, is_possible
from gateway.numbers.parties import Parties, read_parties

KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE)
COUNTRIES = sorted(phonenumbers.SUPPORTED_REGIONS)
SEPARATORS = ("", " ", "-", ".", "\u00a0", "\u2011", "/")
FULL_WIDTH = {ord(sign): ord(sign) + 0xFEE0 for sign in "+0123456789"}
WRAPPERS = (
    "{}",
    "tel:{}",
    "sip:{}@pbx.example;user=phone",
    "sips:{}@pbx.example:5061",
    '"Somebody" <sip:{}@pbx.example>',
    "{};ext=12",
    "{} x12",
    " {} ",
)


@cache
def examples(country: str) -> tuple[PhoneNumber, ...]:
    found = (phonenumbers.example_number_for_type(country, kind) for kind in KINDS)
    return tuple(each for each in found if each is not None and is_possible(e164(each)))


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@st.composite
def numbers(draw: st.DrawFn, country: st.SearchStrategy[str]) -> str:
    """A number that exists in a country's plan: an example with other last digits, where that is valid as well."""
    example = draw(st.sampled_from(examples(draw(country))))
    number = e164(example)
    other = number[:-2] + f"{draw(st.integers(0, 99)):02}"
    return other if phonenumbers.is_valid_number(phonenumbers.parse(other, None)) else number


@st.composite
def international(draw: st.DrawFn, number: str, exit_codes: tuple[str, ...]) -> str:
    """A spelling with the country code, before it a plus or an exit code, behind it perhaps a trunk digit."""
    parsed = phonenumbers.parse(number, None)
    code = str(parsed.country_code)
    plan = PhoneMetadata.metadata_for_region(phonenumbers.region_code_for_number(parsed) or "")
    trunk = "" if plan is None or plan.national_prefix is None else plan.national_prefix
    return draw(st.sampled_from(exit_codes)) + code + draw(_behind_the_code(trunk)) + number[len(code) + 1 :]


def _behind_the_code(trunk: str) -> st.SearchStrategy[str]:
    return st.sampled_from(("", "", trunk, "(0)" if trunk == "0" else ""))


@st.composite
def national(draw: st.DrawFn, number: str) -> str:
    """A spelling as it is printed in its own country, or that without its trunk digit."""
    parsed = phonenumbers.parse(number, None)
    bare = phonenumbers.national_significant_number(parsed)
    return draw(st.sampled_from((phonenumbers.format_number(parsed, PhoneNumberFormat.NATIONAL), bare)))


@st.composite
def written(draw: st.DrawFn, digits: str) -> str:
    """Digits with what people put between and around them."""
    separator, together = draw(st.sampled_from(SEPARATORS)), draw(st.integers(1, 4))
    text = separator.join(digits[begin : begin + together] for begin in range(0, len(digits), together))
    text = text.replace(f"+{separator}", "+")
    if draw(st.booleans()):
        text = text.translate(FULL_WIDTH)
    return draw(st.sampled_from(WRAPPERS)).format(text)


def exit_codes_of(country: str) -> tuple[str, ...]:
    plan = PhoneMetadata.metadata_for_region(country)
    usual = "" if plan is None else plan.preferred_international_prefix or plan.international_prefix or ""
    usual = usual.replace("~", "")
    return ("+", "00", usual) if usual.isdecimal() else ("+", "00")


def dialled(line: str, callee: str) -> Parties:
    return read_parties(Direction.OUTBOUND, caller=line, callee=callee, line=line)


def is_refused(parties: Parties) -> bool:
    call = CallStarted(call_id="a1", direction=Direction.OUTBOUND, **asdict(parties))
    return not is_callable(call)


@given(data=st.data())
def test_r42_whatever_is_dialled_is_the_number_or_refused(data: st.DataObject) -> None:
    line = data.draw(numbers(st.sampled_from(COUNTRIES)))
    callee = data.draw(numbers(st.sampled_from(COUNTRIES)))
    spelling = data.draw(international(callee, exit_codes_of(country_of(line))))

    parties = dialled(line, data.draw(written(spelling)))

    assert parties.line == line
    assert parties.callee == callee or is_refused(parties), parties


@given(data=st.data())
def test_r42_the_plain_international_spelling_is_never_refused(data: st.DataObject) -> None:
    line = data.draw(numbers(st.sampled_from(COUNTRIES)))
    callee = data.draw(numbers(st.sampled_from(COUNTRIES)))

    assert dialled(line, data.draw(written(callee))).callee == callee


@given(data=st.data())
def test_r42_a_national_spelling_is_the_number_or_refused(data: st.DataObject) -> None:
    country = data.draw(st.sampled_from(COUNTRIES))
    line, callee = data.draw(numbers(st.just(country))), data.draw(numbers(st.just(country)))

    parties = dialled(line, data.draw(written(data.draw(national(callee)))))

    assert parties.callee == callee or is_refused(parties), parties


@given(data=st.data())
def test_r42_a_line_has_one_owner_however_it_is_spelled(data: st.DataObject) -> None:
    number = data.draw(numbers(st.sampled_from(COUNTRIES)))
    text = data.draw(written(data.draw(international(number, ("+", "00", "")))))

    called = read_parties(Direction.INBOUND, caller=None, callee=text)
    calling = read_parties(Direction.OUTBOUND, caller=text, callee="+12125550123", line=text)

    for owned in (called.line, calling.line):
        assert owned == number or not is_possible(owned)
    assert entered_number(text) in (number, None)


@given(data=st.data())
def test_r42_a_deck_and_a_block_meet_the_number_in_every_spelling(data: st.DataObject) -> None:
    number = data.draw(numbers(st.sampled_from(COUNTRIES)))
    spelling = data.draw(international(number, ("+", "00")))
    blocks = CapsChange(block={Cap.BLOCKED_PREFIXES: [spelling], Cap.BLOCKED_CALLERS: [spelling]})

    try:
        spelled = spell_blocked(blocks).block
    except InvalidInput:
        spelled = {}

    assert entered_prefix(spelling) in (number[1:], None)
    assert all(entry == number for entries in spelled.values() for entry in entries)
