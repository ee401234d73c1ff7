"""R17: what is dear or abused is known by one word."""

import phonenumbers
import pytest
from phonenumbers import PhoneNumberType

from gateway.numbers.dear import DearDestination, dear_destinations, is_dear

TYPES = {"PREMIUM_RATE": PhoneNumberType.PREMIUM_RATE, "PERSONAL_NUMBER": PhoneNumberType.PERSONAL_NUMBER}
BY_METADATA = [each for each in dear_destinations() if each.source.startswith("phonenumbers")]


@pytest.mark.parametrize(
    "number",
    [
        "+870773111632",
        "+881631234567",
        "+88213123456",
        "+88351001234567",
        "+19005551234",
        "+499001234567",
        "+449098765432",
        "+979123456789",
        "+5351234567",
        "+37167123456",
        "+18765551234",
        "+22245123456",
        "+2693212345",
        "+447012345678",
    ],
)
def test_r17_satellites_premium_numbers_and_ranges_of_revenue_share_are_dear(number: str) -> None:
    assert is_dear(number)


@pytest.mark.parametrize(
    "number", ["+442079460000", "+447400123456", "+16505551234", "+74951230001", "+4930123456", "office"]
)
def test_r17_what_people_call_every_day_is_not(number: str) -> None:
    assert not is_dear(number)


@pytest.mark.parametrize("code", ["+870", "+881", "+882", "+883", "+878", "+979"])
def test_r17_every_number_of_a_satellite_or_of_no_country_is_dear(code: str) -> None:
    assert all(is_dear(f"{code}{rest}"[:length]) for rest in ("0000000000", "9999999999") for length in range(7, 14))


@pytest.mark.parametrize("country", sorted(phonenumbers.SUPPORTED_REGIONS))
def test_r17_a_premium_number_of_any_country_is_dear(country: str) -> None:
    example = phonenumbers.example_number_for_type(country, PhoneNumberType.PREMIUM_RATE)
    if example is not None:
        assert is_dear(phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164))


@pytest.mark.parametrize("row", dear_destinations(), ids=lambda row: row.prefix)
def test_r17_every_row_has_a_prefix_and_a_source(row: DearDestination) -> None:
    assert row.prefix[0] == "+"
    assert row.prefix[1:].isdecimal()
    assert row.kind
    assert row.destination
    assert row.source


@pytest.mark.parametrize("row", BY_METADATA, ids=lambda row: row.prefix)
def test_r17_what_stands_there_by_the_metadata_is_so_by_the_metadata(row: DearDestination) -> None:
    wanted = TYPES[row.source.rpartition(": ")[2]]
    padded = (
        row.prefix + filler[: 15 - len(row.prefix)] for filler in ("123456789012", "012345678901", "500000000000")
    )
    numbers = (phonenumbers.parse(text[:end], None) for text in padded for end in range(8, 16))

    assert any(phonenumbers.number_type(number) == wanted for number in numbers)
