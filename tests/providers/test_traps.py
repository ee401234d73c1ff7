"""The traps that the telephony providers' own pages lead to, each over all adapters that it is one for.

The numbers are those of the list in the notes on programmable providers; `pytest -k trap4` runs what shows the fourth.
Those that only a whole gateway can fall into are in `tests/providers/test_traps_in_calls.py`.
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
from gateway.domain.events import CallEnded, CallStarted, Cause, Direction, Event
from gateway.providers import adapters
from gateway.providers.base import CallRef, Connect, Hook
from tests.support.http_samples import sample_connection, samples

# By provider: an inbound start; a call that an own user dials out with; the end of the leg that was dialled, and the
# field that has that leg's own id.
STARTS = {"twilio": "inbound_start", "signalwire": "inbound_start", "plivo": "inbound_start", "telnyx": "inbound_start"}
STARTS |= {"telnyx-call-control": "inbound_start", "vonage": "inbound_start", "jambonz": "inbound_start"}
OWN_USERS = {"twilio": "sip_start", "signalwire": "sip_start", "plivo": "sip_start", "telnyx": "sip_start"}
OWN_USERS |= {"vonage": "app_start", "jambonz": "user_start"}
LEG_ENDS = {"twilio": ("leg_completed", "CallSid"), "signalwire": ("leg_completed", "CallSid")}
LEG_ENDS |= {"plivo": ("leg_ended", "DialBLegUUID"), "telnyx": ("leg_completed", "CallSid")}
LEG_ENDS |= {"telnyx-call-control": ("leg_hung_up", "call_control_id"), "vonage": ("leg_completed", "uuid")}
LEG_ENDS |= {"jambonz": ("leg_completed", "call_sid")}


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
    case, field = LEG_ENDS[provider]
    hooks = samples(provider)
    start, end = meaning(provider, hooks[STARTS[provider]]), meaning(provider, hooks[case])

    assert isinstance(start, CallStarted)
    assert isinstance(end, CallEnded)
    assert end.call_id == start.call_id
    assert fields_of(hooks[case])[field] != end.call_id


@pytest.mark.parametrize("provider", OWN_USERS)
def test_trap2_a_call_of_an_own_user_is_outbound_although_it_looks_inbound(provider: str) -> None:
    """Not so with Telnyx' Call Control, which says `outgoing`."""
    hook = samples(provider)[OWN_USERS[provider]]
    event = meaning(provider, hook)

    assert isinstance(event, CallStarted)
    assert event.direction is Direction.OUTBOUND
    said = {str(value) for name, value in fields_of(hook).items() if name.lower() == "direction"}
    assert said <= {"inbound"}


@pytest.mark.parametrize(
    ("provider", "case", "spelled", "cause"),
    [
        ("twilio", "leg_busy", (b"CallStatus=busy", b"CallStatus=canceled"), Cause.CANCELLED),
        ("signalwire", "leg_completed", (b"CallStatus=completed", b"CallStatus=canceled"), Cause.CANCELLED),
        ("telnyx", "leg_busy", (b"CallStatus=busy", b"CallStatus=canceled"), Cause.CANCELLED),
        ("telnyx-call-control", "leg_busy", (b"user_busy", b"originator_cancel"), Cause.CANCELLED),
        ("plivo", "hangup_cancel", (b"CallStatus=cancel", b"CallStatus=cancel"), Cause.CANCELLED),
        ("vonage", "leg_unanswered", (b'"unanswered"', b'"cancelled"'), Cause.CANCELLED),
        # jambonz has no word for it: the dialled leg is left ringing.
        ("jambonz", "dial_ended_ringing", (b'"ringing"', b'"ringing"'), Cause.NO_ANSWER),
    ],
)
def test_trap3_a_caller_who_gave_up_is_spelled_in_each_providers_way(
    provider: str, case: str, spelled: tuple[bytes, bytes], cause: Cause
) -> None:
    hook = samples(provider)[case]
    assert spelled[0] in hook.body
    event = meaning(provider, replace(hook, body=hook.body.replace(*spelled)))

    assert isinstance(event, CallEnded)
    assert (event.cause, event.seconds) == (cause, 0)


@pytest.mark.parametrize(
    ("provider", "case", "not_seconds"),
    [("twilio", "leg_completed", b"Duration=2&"), ("plivo", "leg_ended", b"DialBLegBillDuration=120&")],
)
def test_trap4_neither_minutes_nor_billed_seconds_are_taken_for_seconds(
    provider: str, case: str, not_seconds: bytes
) -> None:
    hook = samples(provider)[case]
    assert not_seconds in hook.body
    event = meaning(provider, hook)

    assert isinstance(event, CallEnded)
    assert event.seconds == 61


@pytest.mark.parametrize("provider", ["plivo", "vonage"])
def test_trap7_numbers_come_and_go_without_their_plus_and_have_it_inside(provider: str) -> None:
    hooks = samples(provider)
    inbound, outbound = meaning(provider, hooks[STARTS[provider]]), meaning(provider, hooks[OWN_USERS[provider]])
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
