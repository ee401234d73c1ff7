"""What was sent becomes a number (R41): by who wrote it, in the plan of the line's country, or not at all."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from gateway.numbers.reading import Writer, read
from gateway.words.speech import say

PERSON, CARRIER = Writer.PERSON, Writer.CARRIER
KINDS = (PhoneNumberType.FIXED_LINE, PhoneNumberType.MOBILE, PhoneNumberType.TOLL_FREE, PhoneNumberType.PREMIUM_RATE)
EXAMPLES = [
    (region, number)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    for kind in KINDS
    if (number := phonenumbers.example_number_for_type(region, kind)) is not None
]
# Countries whose exit codes are long, many, or no `00`.
DIALLED_FROM = ("US", "RU", "AU", "JP", "BR", "HK", "SG", "DE", "KR", "FI", "CO", "IL", "TH", "ID", "TW", "MX")


def e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    ("dialled", "country", "number"),
    [
        ("84951234567", "RU", "+74951234567"),  # and not Viet Nam
        ("74951234567", "RU", "+74951234567"),
        ("4951234567", "RU", "+74951234567"),
        ("8~10 44 20 7946 0000", "RU", "+442079460000"),
        ("810442079460000", "RU", "+442079460000"),
        ("6505551234", "US", "+16505551234"),  # and not Singapore
        ("16505551234", "US", "+16505551234"),
        ("(650) 555-1234", "US", "+16505551234"),
        ("011442079460000", "US", "+442079460000"),
        ("0044 20 7946 0000", "US", "+442079460000"),
        ("0011442079460000", "AU", "+442079460000"),
        ("0044 2079460000", "AU", "+442079460000"),
        ("010442079460000", "JP", "+442079460000"),
        ("020 7946 0000", "GB", "+442079460000"),
        ("(0)20 7946 0000", "GB", "+442079460000"),
        ("447400123456", "GB", "+447400123456"),
        ("030123456", "DE", "+4930123456"),
        ("13800138000", "CN", "+8613800138000"),
        ("0612345678", "IT", "+390612345678"),  # its zero is no trunk digit
        ("5512345678", "MX", "+525512345678"),
        ("tel:+44-20-7946-0000;ext=12", "US", "+442079460000"),
        ("tel:2079460000;phone-context=+44", "US", "+442079460000"),
        ("sip:+442079460000@pbx.example;user=phone", "US", "+442079460000"),
        ("sip:6505551234;phone-context=+1@pbx.example;user=phone", "RU", "+16505551234"),
        ("+44 (0)20 7946 0000", "US", "+442079460000"),
        ("+1 650-555-1234 x12", "DE", "+16505551234"),
        ("+٤٤٢٠٧٩٤٦٠٠٠٠", "US", "+442079460000"),
    ],
)
def test_r41_a_person_dials_in_the_plan_of_the_lines_country(dialled: str, country: str, number: str) -> None:
    assert read(dialled, writer=PERSON, country=country).number == number


@pytest.mark.parametrize(
    ("dialled", "country", "why"),
    [
        ("442079460000", "US", "read in the plan of US, it is no number"),
        ("442079460000", "DE", "may be a local number"),
        ("30123456", "DE", "may be a local number: write it with its trunk digit 0"),
        ("5551234", "US", "read in the plan of US"),
        ("2079460000", "", "nobody knows in the plan of which country"),
        ("0019999", "DE", "no country has such a number"),
        ("+210555012345678", "US", "no country has such a number"),
        ("+1 650 555 1234, 99", "US", "it is no number"),
        ("*100#", "RU", "it is no number"),
        ("bob", "US", "it is no number"),
        ("", "US", "it is no number"),
    ],
)
def test_r41_what_is_not_certain_is_not_read_and_the_words_say_how_far_it_got(
    dialled: str, country: str, why: str
) -> None:
    reading = read(dialled, writer=PERSON, country=country)

    assert reading.number is None
    assert why in say(reading.how)


@pytest.mark.parametrize(
    ("sent", "numbers", "number"),
    [
        ("+442079460000", "", "+442079460000"),
        ("442079460000", "", "+442079460000"),
        ("6505551234", "", "+6505551234"),
        ("6505551234", "US", "+16505551234"),
        ("16505551234", "US", "+16505551234"),
        ("442079460000", "US", "+442079460000"),
        ("02079460000", "", None),
        ("02079460000", "GB", "+442079460000"),
    ],
)
def test_r41_a_carrier_sends_e164_or_the_numbers_of_the_country_it_is_said_of(
    sent: str, numbers: str, number: str | None
) -> None:
    assert read(sent, writer=CARRIER, numbers=numbers).number == number


@pytest.mark.parametrize(
    ("spelled", "number"),
    [
        ("+119005551234", "+19005551234"),
        ("+4407400123456", "+447400123456"),
        ("+490900123456", "+49900123456"),
        ("+390612345678", "+390612345678"),
    ],
)
def test_r42_a_trunk_digit_after_the_country_code_is_no_second_spelling(spelled: str, number: str) -> None:
    assert read(spelled, writer=PERSON, country="US").number == number
    assert read(spelled, writer=CARRIER).number == number


@pytest.mark.parametrize(("region", "number"), EXAMPLES)
def test_r41_every_countrys_national_spelling_is_its_number_or_none(
    region: str, number: phonenumbers.PhoneNumber
) -> None:
    printed = phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)
    bare = phonenumbers.national_significant_number(number)

    for text in (printed, bare):
        assert read(text, writer=PERSON, country=region).number in (e164(number), None), text


def test_r41_hardly_any_national_spelling_is_refused() -> None:
    refused = [
        region
        for region, number in EXAMPLES
        if read(phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL), writer=PERSON, country=region).number
        is None
    ]

    assert refused == ["MN"]  # printed without the trunk digit that its plan has


@pytest.mark.parametrize("country", DIALLED_FROM)
def test_r41_every_number_is_reached_from_abroad_as_its_metadata_dials_it(country: str) -> None:
    code = phonenumbers.country_code_for_region(country)
    for _, number in EXAMPLES:
        if number.country_code != code:
            dialled = phonenumbers.format_out_of_country_calling_number(number, country)
            assert read(dialled, writer=PERSON, country=country).number == e164(number), dialled
