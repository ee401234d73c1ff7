"""The traps that the telephony providers' own pages lead to, each over all adapters that it is one for.

Each provider's folder says which of its samples shows a trap. The numbers are those of the list in the notes on
programmable providers; `pytest -k trap4` runs what shows the fourth. Those that only a whole gateway can fall into are
in `test_traps_in_calls.py`, here and in the folders.
"""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import ProviderFailed
from gateway.domain.events import CallEnded, CallStarted, Direction, Event
from gateway.providers.base import CallRef, Connect, Hook
from gateway.providers.registry import adapters
from tests.providers.specimens import specimens
from tests.support.http_samples import sample_connection, samples

TRAPS = {kind: each.traps for kind, each in specimens().items()}
LEG_ENDS = [kind for kind, traps in TRAPS.items() if traps.leg_end is not None]


def connection_of(provider: str) -> Connection:
    connection = sample_connection(provider)
    assert connection is not None
    return connection


def meaning(provider: str, hook: Hook) -> Event:
    return adapters()[provider].parse(hook, connection_of(provider))


def fields_of(hook: Hook) -> Mapping[str, object]:
    """The fields of a form, of a JSON object, or of the payload of Telnyx's envelope."""
    if hook.body.startswith(b"{"):
        body = json.loads(hook.body)
        fields: Mapping[str, object] = body["data"]["payload"] if "data" in body else body
        return fields
    return {name: values[0] for name, values in parse_qs(hook.body.decode()).items()}


@pytest.mark.parametrize("provider", LEG_ENDS)
def test_trap1_a_call_is_one_however_many_legs_and_ids_it_has(provider: str) -> None:
    traps, hooks = TRAPS[provider], samples(provider)
    assert traps.leg_end is not None
    case, field = traps.leg_end
    start, end = meaning(provider, hooks[traps.inbound_start]), meaning(provider, hooks[case])

    assert isinstance(start, CallStarted)
    assert isinstance(end, CallEnded)
    assert end.call_id == start.call_id
    assert fields_of(hooks[case])[field] != end.call_id


@pytest.mark.parametrize("provider", [kind for kind, traps in TRAPS.items() if traps.own_user_start])
def test_trap2_a_call_of_an_own_user_is_outbound_although_it_looks_inbound(provider: str) -> None:
    hook = samples(provider)[TRAPS[provider].own_user_start]
    event = meaning(provider, hook)

    assert isinstance(event, CallStarted)
    assert event.direction is Direction.OUTBOUND
    said = {str(value) for name, value in fields_of(hook).items() if name.lower() == "direction"}
    assert said <= {"inbound"}


@pytest.mark.parametrize("provider", [kind for kind, traps in TRAPS.items() if traps.gave_up is not None])
def test_trap3_a_caller_who_gave_up_is_spelled_in_each_providers_way(provider: str) -> None:
    gave_up = TRAPS[provider].gave_up
    assert gave_up is not None
    hook = samples(provider)[gave_up.sample]
    assert gave_up.says in hook.body
    event = meaning(provider, replace(hook, body=hook.body.replace(gave_up.says, gave_up.word)))

    assert isinstance(event, CallEnded)
    assert (event.cause, event.seconds) == (gave_up.cause, 0)


@pytest.mark.parametrize("provider", [kind for kind, traps in TRAPS.items() if traps.not_seconds is not None])
def test_trap4_neither_minutes_nor_billed_seconds_are_taken_for_seconds(provider: str) -> None:
    not_seconds = TRAPS[provider].not_seconds
    assert not_seconds is not None
    case, figure = not_seconds
    hook = samples(provider)[case]
    assert figure in hook.body
    event = meaning(provider, hook)

    assert isinstance(event, CallEnded)
    assert event.seconds == 61


@pytest.mark.parametrize("provider", [kind for kind, traps in TRAPS.items() if traps.has_no_plus])
def test_trap7_numbers_come_and_go_without_their_plus_and_have_it_inside(provider: str) -> None:
    traps, hooks = TRAPS[provider], samples(provider)
    inbound, outbound = (meaning(provider, hooks[each]) for each in (traps.inbound_start, traps.own_user_start))
    connect = Connect(caller_id="+15550100009", max_seconds=60)
    adapter, connection = adapters()[provider], connection_of(provider)

    said = adapter.reply(outbound, connect, connection, public_url="https://gw.example.net").body

    assert isinstance(inbound, CallStarted)
    assert (inbound.caller, inbound.callee) == ("+15557654321", "+15550001000")
    assert b'"15550100009"' in said
    assert b"+15550100009" not in said


@pytest.mark.parametrize("provider", LEG_ENDS)
@pytest.mark.parametrize("call_id", ["", " ", "/", ".", "..", "?", ":forward"])
def test_trap8_an_empty_id_hangs_up_nothing(provider: str, call_id: str) -> None:
    """Plivo takes `DELETE /Call//` for all calls of the account."""
    adapter, connection = adapters()[provider], connection_of(provider)
    secret_options = {"api_url": "https://api.example.net", "api_key": "k", "account_sid": "a"}
    connection = replace(connection, options={**secret_options, **connection.options})

    with pytest.raises(ProviderFailed):
        adapter.hang_up(connection, CallRef(call_id=call_id), CutReason.LIMIT, datetime(2026, 3, 31, tzinfo=UTC))
