"""R40: which short numbers there are, whether by the metadata or by the law of the EU."""

import pytest

from gateway.numbers.harmonised import EU_COUNTRIES, is_harmonised
from gateway.numbers.short import begins_short_number, short_number


def test_r40_the_eu_has_27_countries() -> None:
    assert len(EU_COUNTRIES) == 27


@pytest.mark.parametrize("country", sorted(EU_COUNTRIES))
def test_r40_numbers_of_social_value_are_short_numbers_in_all_of_the_eu(country: str) -> None:
    for digits in ("116000", "116006", "116016", "116111", "116117", "116123"):
        assert is_harmonised(digits, country)
        assert short_number(digits, country) == digits
    assert begins_short_number("116", country)


@pytest.mark.parametrize(
    ("digits", "country"), [("116123", "GB"), ("116123", ""), ("116123", "US"), ("11611", "DE"), ("1161234", "DE")]
)
def test_r40_nothing_else_is_one(digits: str, country: str) -> None:
    assert not is_harmonised(digits, country)


@pytest.mark.parametrize(
    ("digits", "country"),
    [("1", "DE"), ("118", "DE"), ("11833", "DE"), ("116117", "DE"), ("4", "US"), ("988", "US"), ("119", "IT")],
)
def test_r40_a_beginning_of_short_numbers_is_one(digits: str, country: str) -> None:
    assert begins_short_number(digits, country)


@pytest.mark.parametrize(("digits", "country"), [("30", "DE"), ("12", "US"), ("1", "001"), ("1", ""), ("1", "DEU")])
def test_r40_what_no_short_number_begins_with_is_none(digits: str, country: str) -> None:
    assert not begins_short_number(digits, country)
