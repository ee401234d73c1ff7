"""The scenario asks about every emergency number as it was dialled, and dials it so."""

import pytest

from gateway.domain.events import CallStarted, Direction
from gateway.providers.base import Connect
from gateway.providers.voximplant.adapter import Voximplant
from tests.providers.voximplant.session import CONNECTION, OUTBOUND, PUBLIC_URL, SESSION, play, step
from tests.support.emergencies import emergency_number_of_each_length


@pytest.mark.parametrize("number", emergency_number_of_each_length())
def test_an_emergency_number_is_asked_about_and_dialled(number: str) -> None:
    start = CallStarted(
        call_id=f"{SESSION}-outbound", direction=Direction.OUTBOUND, caller="alice", callee=number, line="+15550100001"
    )
    connect = Connect(caller_id="alice", max_seconds=3600)
    reply = Voximplant().reply(start, connect, CONNECTION, public_url=PUBLIC_URL)

    played = play(
        OUTBOUND | {"destination": number},
        [{"code": reply.status, "text": reply.body.decode()}],
        step(5000, "answers"),
        step(9000, "B leaves"),
    )

    assert [event.callee for event in played.starts()] == [number]
    assert [deed for deed in played.deeds if number in deed] != []
