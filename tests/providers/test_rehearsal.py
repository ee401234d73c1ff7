"""A rehearsal's hooks are taken by the adapters; what is said of a reply follows it.

What the providers' own libraries say of the hooks is in the folders.
"""

import pytest

from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallAnswered, CallEnded, Cause, Direction
from gateway.providers.base import Reject
from gateway.providers.registry import adapters, probes, scripts
from gateway.providers.rehearsal import CALLER
from tests.providers.rehearsals import CONNECT, LINE, SHOWN, rehearsal, replied, started, taken
from tests.providers.specimens import CALLEE, specimens
from tests.support.connections import CONNECTIONS

SCRIPTED = [name for name, connection in CONNECTIONS.items() if connection.kind in scripts()]


def test_every_kind_of_connection_has_a_script_or_a_probe() -> None:
    assert sorted([*scripts(), *probes()]) == sorted(adapters())
    assert {connection.kind for connection in CONNECTIONS.values()} == set(adapters())


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_start_is_the_outbound_call_of_the_line(name: str) -> None:
    call = rehearsal(name)

    event = started(call)

    assert (event.direction, event.caller, event.callee, event.line) == (Direction.OUTBOUND, CALLER, CALLEE, LINE)
    assert event.call_id == scripts()[call.connection.kind].call_id(call)
    assert event.call_id.removeprefix("CON-").startswith(("test-", "7e57", "CA7e57", "7357"))


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_connected_call_is_told_with_its_figures(name: str) -> None:
    call = rehearsal(name)

    reaction = scripts()[call.connection.kind].read(call, replied(call.connection, started(call), CONNECT))

    rehearsed = specimens()[call.connection.kind].rehearsed
    assert rehearsed is not None
    assert reaction.does == f"connects {rehearsed.dials} with caller ID {SHOWN}, for at most 2220 s"
    assert (reaction.connects, reaction.caller_id, reaction.max_seconds) == (True, SHOWN, 2220)


@pytest.mark.parametrize("name", SCRIPTED)
def test_an_answered_call_ends_after_its_seconds(name: str) -> None:
    call = rehearsal(name)
    script, event = scripts()[call.connection.kind], started(call)
    reply = replied(call.connection, event, CONNECT)

    answer, end = (taken(call.connection, hook) for hook in (script.answer(call, reply), script.end(call, reply)))

    assert isinstance(answer, CallAnswered)
    assert isinstance(end, CallEnded)
    assert answer.call_id == end.call_id == event.call_id
    assert end.cause is Cause.NORMAL
    seconds = end.seconds
    if seconds is None:
        assert end.answered_at is not None
        assert end.ended_at is not None
        seconds = (end.ended_at - end.answered_at).seconds
    assert seconds == 61


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_call_of_no_seconds_is_one_that_nobody_answered(name: str) -> None:
    call = rehearsal(name, seconds=0)
    event = started(call)
    reply = replied(call.connection, event, CONNECT)

    end = taken(call.connection, scripts()[call.connection.kind].end(call, reply))

    assert isinstance(end, CallEnded)
    assert (end.call_id, end.cause, end.seconds) == (event.call_id, Cause.NO_ANSWER, 0)


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_refusal_is_told_as_the_provider_carries_it_out(name: str) -> None:
    call = rehearsal(name)
    script, event = scripts()[call.connection.kind], started(call)
    rehearsed = specimens()[call.connection.kind].rehearsed
    assert rehearsed is not None
    outcomes = Reject(sip_code=486, reason="number_suspended"), Reject(sip_code=402, reason="no_money")

    reactions = [script.read(call, replied(call.connection, event, outcome)) for outcome in outcomes]

    assert tuple(reaction.does for reaction in reactions) == (rehearsed.busy, rehearsed.no_money)
    assert not any(reaction.connects for reaction in reactions)


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_reply_that_is_none_of_the_gateways_is_refused(name: str) -> None:
    call = rehearsal(name)
    script = scripts()[call.connection.kind]

    for reply in (b"", b"<html>", b"<Response/>", b"[]", b"{}"):
        try:
            reaction = script.read(call, reply)
        except MalformedHook:
            continue
        assert not reaction.connects
