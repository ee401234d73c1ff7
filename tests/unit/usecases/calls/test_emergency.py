"""Emergency calls are those to an emergency number of where the call comes from, whatever tells that."""

from dataclasses import replace

import pytest

from gateway.domain.events import CallStarted, Direction
from gateway.domain.lines.line import LineKind
from gateway.usecases.calls.starts.emergency import country_of_line, is_emergency, is_emergency_in
from tests.support.emergencies import emergency_numbers
from tests.unit.domain.make import line as make_line
from tests.unit.domain.make import paying_account

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
WITHHELD = ["bob", "201", "", "anonymous"]


def call(callee: str, *, line: str = US, caller: str = "") -> CallStarted:
    return CallStarted(call_id="a1", direction=Direction.OUTBOUND, caller=caller or line, callee=callee, line=line)


def dialled(callee: str, *, line: str = US, caller: str = "") -> bool:
    return is_emergency_in(call(callee, line=line, caller=caller), "")


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
        (DE, "911"),  # as everywhere where it is no ordinary number
    ],
)
def test_an_emergency_number_is_one_of_the_lines_country(line: str, callee: str) -> None:
    assert dialled(callee, line=line)


@pytest.mark.parametrize(
    ("line", "callee"),
    [
        (US, "999"),
        (US, "110"),
        (US, "411"),
        (DE, "999"),
        (GB, "110"),
        (GB, "123"),
        (FR, "12"),
        (US, "9111"),
        (US, "1911"),
        (US, "+911"),
        (US, "+1911"),
        (US, ""),
        (GB, "+44999"),
    ],
)
def test_any_other_number_is_none(line: str, callee: str) -> None:
    assert not dialled(callee, line=line)


def test_a_line_counts_and_not_who_calls_from_it() -> None:
    assert dialled("999", line=GB, caller=US)
    assert not dialled("999", line=US, caller=GB)


def test_r12_a_connector_is_where_its_callers_number_is() -> None:
    assert dialled("999", line="office", caller=GB)
    assert not dialled("999", line="office", caller=US)


@pytest.mark.parametrize("caller", WITHHELD)
def test_r12_a_connector_whose_country_nobody_knows_has_112_and_911(caller: str) -> None:
    assert dialled("112", line="office", caller=caller)
    assert dialled("911", line="office", caller=caller)
    assert not dialled("999", line="office", caller=caller)


def test_a_number_of_no_country_has_112_and_911() -> None:
    assert dialled("112", line="+80012345678")
    assert dialled("911", line="+80012345678")
    assert not dialled("999", line="+80012345678")


@pytest.mark.parametrize(
    ("country", "numbers_country", "main_number", "time_zone", "expected"),
    [
        ("GB", "DE", FR, "Europe/Vienna", "GB"),
        ("", "DE", FR, "Europe/Vienna", "DE"),
        ("", "", FR, "Europe/Vienna", "FR"),
        ("", "", None, "Europe/Vienna", "AT"),
        ("", "", "+80012345678", "Asia/Calcutta", "IN"),
        ("", "", None, "US/Eastern", "US"),
        ("", "", None, "UTC", ""),
        ("", "", None, "Etc/GMT+3", ""),
    ],
)
def test_a_connector_is_where_the_first_of_these_says(
    country: str, numbers_country: str, main_number: str | None, time_zone: str, expected: str
) -> None:
    where = country_of_line(
        country=country, numbers_country=numbers_country, main_number=main_number, time_zone=time_zone
    )

    assert where == expected


@pytest.mark.parametrize("caller", WITHHELD)
@pytest.mark.parametrize(("country", "callee"), [("GB", "999"), ("DE", "110"), ("AU", "000"), ("ZA", "10111")])
def test_a_connector_whose_caller_shows_no_number_is_where_its_country_was_set(
    caller: str, country: str, callee: str
) -> None:
    connector = replace(make_line(name="office", kind=LineKind.CONNECTOR), country=country)

    assert is_emergency(call(callee, line="office", caller=caller), connector, paying_account())


@pytest.mark.parametrize("country", emergency_numbers())
def test_every_emergency_number_of_a_country_is_one_there(country: str) -> None:
    dialled_there = [call(number, line="office", caller="201") for number in emergency_numbers()[country]]

    assert [each.callee for each in dialled_there if not is_emergency_in(each, country)] == []
