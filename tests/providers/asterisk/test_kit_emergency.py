"""The kit for Asterisk hands every emergency number of the world to the gateway, country by country."""

import re

import pytest

from gateway.providers.asterisk.adapter import Asterisk
from tests.providers.asterisk.test_adapter import CONNECTION
from tests.providers.cases import PUBLIC_URL
from tests.support.emergencies import emergency_numbers

COUNTRIES = emergency_numbers()
# A pattern of Asterisk: `_`, a class of first characters, `!` for whatever follows; a filter: the characters it leaves.
FIRST_AND_REST = re.compile(r"_\[(?P<first>[^]]+)\]!")


def first_characters(context: str) -> frozenset[str]:
    """What the extension of a context may begin with."""
    kit = Asterisk().kit(CONNECTION, public_url=PUBLIC_URL)
    [block] = re.findall(rf"^\[{context}\]\n(.*?)(?=^\[|\Z)", kit, re.MULTILINE | re.DOTALL)
    [pattern] = re.findall(r"^exten => ([^,]+),1,", block, re.MULTILINE)
    match = FIRST_AND_REST.fullmatch(pattern)
    assert match is not None
    return characters(match["first"])


def characters(written: str) -> frozenset[str]:
    return frozenset(written.replace("0-9", "0123456789"))


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_emergency_number_of_a_country_goes_to_outside(country: str) -> None:
    for context in ("gateway-out", "gateway-ask"):
        taken = first_characters(context)
        assert [number for number in sorted(COUNTRIES[country]) if number[0] not in taken] == []


def test_no_digit_is_filtered_out() -> None:
    kit = Asterisk().kit(CONNECTION, public_url=PUBLIC_URL)
    [left] = re.findall(r"Goto\(gateway-ask,\$\{FILTER\(([^,]+),\$\{EXTEN\}\)\},1\)", kit)[1:]

    assert characters(left) >= frozenset("0123456789+")
