"""What a number belongs to: emergency numbers by country, possible numbers, countries, categories."""

import pytest

from gateway.domain.events import CallStarted, Direction
from gateway.numbering import category_of, country_of, country_of_prefix, is_emergency, is_possible

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


def call(callee: str, *, line: str = US, caller: str = "") -> CallStarted:
    return CallStarted(call_id="a1", direction=Direction.OUTBOUND, caller=caller or line, callee=callee, line=line)


@pytest.mark.parametrize(
    ("line", "callee"),
    [
        (US, "911"),
        (US, "112"),
        (GB, "999"),
        (GB, "112"),
        (DE, "110"),
        (DE, "112"),
        (FR, "15"),
        (FR, "17"),
        (FR, "18"),
        (FR, "112"),
        (JP, "110"),
        (JP, "119"),
        (AU, "000"),
        (AU, "112"),
        (IN, "100"),
        (IN, "112"),
        (BR, "190"),
        (BR, "193"),
    ],
)
def test_an_emergency_number_is_one_of_the_lines_country(line: str, callee: str) -> None:
    assert is_emergency(call(callee, line=line))


@pytest.mark.parametrize(
    ("line", "callee"),
    [
        (US, "999"),
        (US, "110"),
        (US, "411"),
        (DE, "911"),
        (DE, "999"),
        (GB, "110"),
        (GB, "123"),
        (FR, "12"),
        (US, "9111"),
        (US, "1911"),
        (US, "+911"),
        (US, "+1911"),
        (US, "911 "),
        (US, ""),
        (US, "sip:911"),
        (GB, "+44999"),
    ],
)
def test_any_other_number_is_none(line: str, callee: str) -> None:
    assert not is_emergency(call(callee, line=line))


def test_a_line_counts_and_not_who_calls_from_it() -> None:
    assert is_emergency(call("999", line=GB, caller=US))
    assert not is_emergency(call("999", line=US, caller=GB))


def test_r12_a_connector_is_where_its_callers_number_is() -> None:
    assert is_emergency(call("999", line="office", caller=GB))
    assert not is_emergency(call("999", line="office", caller=US))


@pytest.mark.parametrize("caller", ["bob", "201", "", "anonymous"])
def test_r12_a_connector_whose_country_nobody_knows_has_112_and_911(caller: str) -> None:
    assert is_emergency(call("112", line="office", caller=caller))
    assert is_emergency(call("911", line="office", caller=caller))
    assert not is_emergency(call("999", line="office", caller=caller))


def test_a_number_of_no_country_has_112_and_911() -> None:
    assert country_of("+80012345678") == "001"
    assert is_emergency(call("112", line="+80012345678"))
    assert is_emergency(call("911", line="+80012345678"))
    assert not is_emergency(call("999", line="+80012345678"))


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
