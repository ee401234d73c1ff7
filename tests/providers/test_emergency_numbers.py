"""An emergency number of any country reaches the gateway by every adapter, and goes out as it was dialled."""

from dataclasses import replace

import pytest

from gateway.providers.registry import scripts
from tests.providers.rehearsals import CONNECT, rehearsal, replied, started
from tests.support.connections import CONNECTIONS
from tests.support.emergencies import all_emergency_numbers, emergency_numbers

SCRIPTED = [name for name, connection in CONNECTIONS.items() if connection.kind in scripts()]


def test_the_list_has_the_numbers_that_are_easily_forgotten() -> None:
    numbers = emergency_numbers()

    assert len(numbers) >= 240
    assert {"10111"} <= numbers["ZA"]
    assert {"1122", "15"} <= numbers["PK"]
    assert {"90000"} <= numbers["SE"]
    assert {"01", "101", "112"} <= numbers["RU"]
    assert {len(number) for number in all_emergency_numbers()} == {2, 3, 4, 5, 6}


@pytest.mark.parametrize("name", SCRIPTED)
def test_an_adapter_dials_every_emergency_number_of_the_world_as_it_was_dialled(name: str) -> None:
    script = scripts()[CONNECTIONS[name].kind]
    lost = []
    for number in all_emergency_numbers():
        call = replace(rehearsal(name), callee=number)
        event = started(call)
        reaction = script.read(call, replied(call.connection, event, CONNECT))
        if event.callee != number or not reaction.connects or number not in reaction.does:
            lost.append(f"{number}: {reaction.does}")

    assert lost == []
