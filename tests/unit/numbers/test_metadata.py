"""What a number belongs to: possible numbers, countries, categories."""

import pytest

from gateway.numbers.metadata import category_of, country_of, country_of_prefix, is_possible

US, GB, DE, FR, JP, AU, IN, BR = (
    "+12015550123",
    "+442079460000",
    "+4930123456",
    "+33140000000",
    "+81312345678",
    "+61291234567",
    "+912212345678",
    "+551123456789",
)


@pytest.mark.parametrize("number", [US, GB, DE, FR, JP, AU, IN, BR, "+80012345678", "+390612345678", "+8613800138000"])
def test_r10_a_number_that_exists_is_possible(number: str) -> None:
    assert is_possible(number)


def test_r10_a_number_of_a_range_that_is_not_in_the_metadata_is_possible() -> None:
    assert is_possible("+15550100001")


@pytest.mark.parametrize(
    "number",
    [
        "",
        "112",
        "2015550123",
        "+2105550123",  # no such country code
        "+9995550123",
        "+1201555012",  # a digit short
        "+120155501234",  # a digit too many
        "+1 2015550123",
        "sip:bob@example.com",
        "+",
    ],
)
def test_r10_what_is_no_number_is_not_possible(number: str) -> None:
    assert not is_possible(number)


@pytest.mark.parametrize(
    ("number", "country"),
    [
        (US, "US"),
        ("+14165550123", "CA"),
        (GB, "GB"),
        ("+441534123456", "JE"),
        (DE, "DE"),
        ("+77012345678", "KZ"),
        ("+74951234567", "RU"),
        ("+390669812345", "VA"),
        ("+390612345678", "IT"),
        ("+870773111632", "001"),
        ("+15550100001", "US"),  # fits no range: the main country of its code
    ],
)
def test_the_country_of_a_number(number: str, country: str) -> None:
    assert country_of(number) == country


@pytest.mark.parametrize("text", ["", "office", "112", "+9995550123", "+2105550123"])
def test_what_is_no_number_has_no_country(text: str) -> None:
    assert country_of(text) == ""


@pytest.mark.parametrize(
    ("number", "category"),
    [
        (GB, "geographic"),
        ("+12015550123", "geographic"),  # fixed line or mobile, nobody can tell
        ("+18005550123", "toll_free"),
        ("+448081570000", "toll_free"),
        ("+80012345678", "toll_free"),
        ("+447400123456", "mobile"),
        ("+4915112345678", "mobile"),
        ("+443001234567", "national"),
        ("+448431234567", "national"),
        ("+449012345678", "national"),
        ("+445612345678", "national"),
        ("+447012345678", "national"),
        ("+15550100001", "geographic"),
        ("office", "geographic"),
        ("", "geographic"),
    ],
)
def test_r9_the_category_of_a_number(number: str, category: str) -> None:
    assert category_of(number) == category


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        ("49", "DE"),
        ("4915", "DE"),
        ("1", "US"),
        ("1212", "US"),
        ("1416", "CA"),
        ("12425", "BS"),
        ("124", "US"),  # Beginnings of several countries are given to the main one.
        ("44", "GB"),
        ("441481", "GG"),
        ("77", "KZ"),
        ("7495", "RU"),
        ("800", "001"),
        ("4", ""),
        ("0", ""),
        ("", ""),
    ],
)
def test_r6_the_country_of_a_prefix_follows_from_its_digits(prefix, expected):
    assert country_of_prefix(prefix) == expected
