"""The kit for FreeSWITCH hands every emergency number of the world to the gateway, country by country."""

import re
from xml.etree import ElementTree as ET

import pytest

from gateway.providers.freeswitch.adapter import Freeswitch
from tests.providers.cases import PUBLIC_URL
from tests.providers.freeswitch.driver import FreeswitchDriver
from tests.support.emergencies import emergency_numbers

COUNTRIES = emergency_numbers()


def outside() -> re.Pattern[str]:
    """What the kit's extension for calls to outside takes."""
    kit = Freeswitch().kit(FreeswitchDriver.connection, public_url=PUBLIC_URL)
    [extension] = re.findall(r"^<extension.*?^</extension>$", kit, re.MULTILINE | re.DOTALL)
    condition = ET.fromstring(extension).find("condition")  # noqa: S314 - our own document
    assert condition is not None
    return re.compile(condition.attrib["expression"])


@pytest.mark.parametrize("country", COUNTRIES)
def test_every_emergency_number_of_a_country_goes_to_outside(country: str) -> None:
    pattern = outside()

    assert [number for number in sorted(COUNTRIES[country]) if pattern.search(number) is None] == []


@pytest.mark.parametrize(
    "dialled", ["+442079460000", "442079460000", "00442079460000", "011442079460000", "84951234567"]
)
def test_a_number_goes_to_outside_however_it_is_dialled(dialled: str) -> None:
    assert outside().search(dialled) is not None


@pytest.mark.parametrize("dialled", ["", "1", "bob", "*98", "1${x}", "1 2", "+"])
def test_what_is_no_number_does_not(dialled: str) -> None:
    assert outside().search(dialled) is None
