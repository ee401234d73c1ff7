"""Emergency numbers in every form they are sent in, and the short numbers of a country."""

import pytest

from gateway.numbers.short import dialled_short, emergency_number, is_short_number


@pytest.mark.parametrize(
    ("sent", "country", "number"),
    [
        ("999", "GB", "999"),
        ("110", "DE", "110"),
        ("000", "AU", "000"),
        ("90000", "SE", "90000"),
        ("10111", "ZA", "10111"),
        ("1122", "PK", "1122"),
        ("911 ", "US", "911"),
        ("9-1-1", "US", "911"),
        ("٩١١", "US", "911"),
        ("sip:112@pbx.example;user=phone", "DE", "112"),
        ("tel:911;phone-context=+1", "US", "911"),
        ("urn:service:sos", "DE", "112"),
        ("URN:service:sos.ambulance", "GB", "112"),
        ("112", "", "112"),
        ("911", "", "911"),
        ("911", "DE", "911"),
        ("911", "001", "911"),
        ("+112", "DE", "112"),
        ("+911", "US", "911"),
        ("+999", "GB", "999"),
        ("+112", "", "112"),
        ("+49112", "DE", "112"),
        ("0049110", "DE", "110"),
        ("+1911", "US", "911"),
        ("sip:+49110@pbx.example", "DE", "110"),
        ("112#", "DE", "112"),
        ("sip:112%23@pbx.example", "DE", "112"),
        ("112@192.0.2.1;user=phone", "DE", "112"),
        ("<sip:112@pbx.example>", "DE", "112"),
        ('"Help" <tel:112>', "DE", "112"),
        ("tel:112;phone-context=pbx.example", "DE", "112"),
        ("<urn:service:sos.fire>", "DE", "112"),
        ("sip:sos@pbx.example", "DE", "112"),
        ("sip:urn:service:sos@pbx.example", "DE", "112"),
    ],
)
def test_an_emergency_number_is_known_in_every_form(sent: str, country: str, number: str) -> None:
    assert emergency_number(sent, country) == number


@pytest.mark.parametrize(
    ("sent", "country"),
    [
        ("999", "US"),
        ("999", ""),
        ("112", "CN"),  # an ordinary number of its plan
        ("1911", "US"),
        ("+49112", "US"),
        ("+44999", "DE"),
        ("+49116117", "DE"),
        ("+1911234", "US"),
        ("+9112345678", "US"),
        ("9111234567", "US"),
        ("0911", "DE"),
        ("9112", "DE"),  # an ordinary number there
        ("9911", "US"),
        ("0112", "GB"),
        ("*112", "DE"),
        ("00112", "DE"),
        ("000112", ""),
        ("sosumi", "US"),
        ("9111", "US"),
        ("urn:service:counseling", "US"),
        ("", "US"),
        ("bob", "US"),
    ],
)
def test_any_other_text_is_none(sent: str, country: str) -> None:
    assert emergency_number(sent, country) is None


@pytest.mark.parametrize(
    ("sent", "country", "number"),
    [
        ("+999", "", "999"),
        ("+3001", "", ""),
        ("3001#", "", "3001"),
        ("+999", "US", ""),
        ("urn:service:sos", "", "112"),
    ],
)
def test_a_plus_is_left_out_where_it_may_be_an_emergency_number(sent: str, country: str, number: str) -> None:
    assert dialled_short(sent, country) == number


@pytest.mark.parametrize(("digits", "country"), [("116117", "DE"), ("115", "DE"), ("988", "US"), ("118", "IT")])
def test_r40_a_short_number_is_one_of_its_countrys_plan(digits: str, country: str) -> None:
    assert is_short_number(digits, country)


@pytest.mark.parametrize(("digits", "country"), [("3001", "DE"), ("116117", ""), ("116117", "001"), ("bob", "US")])
def test_r40_any_other_is_none(digits: str, country: str) -> None:
    assert not is_short_number(digits, country)
