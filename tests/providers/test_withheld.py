"""R43: a withheld caller is one value in every adapter, and a user who withholds the number is shown by none."""

import json
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

import pytest

from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted, Direction
from gateway.domain.phone import WITHHELD
from gateway.providers.base import Connect, Hook
from gateway.providers.registry import adapters
from tests.providers.cases import NOW, PUBLIC_URL
from tests.support.connections import CONNECTIONS
from tests.support.http_samples import Headers, sample_connection

US, LONDON, LINE_DIGITS = "+15550001000", "+442079460000", "15550001000"
UUID = "6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f"
TELNYX_LEG = "v3:T02llQxIyaRkhfRKxgAP8nY511EhFLizdvdUKJiSw8d6A9BborherQ"
TELNYX_USERS = "1684641123236054999"
Start = Callable[[str | None], Hook]


def hook(body: bytes, query: str = "") -> Hook:
    return Hook(method="POST", url=f"{PUBLIC_URL}/hooks/x{query}", headers=Headers({}), body=body, received_at=NOW)


def form(fields: Mapping[str, str | None], query: str = "") -> Hook:
    return hook(urlencode({name: text for name, text in fields.items() if text is not None}).encode(), query)


def said(fields: Mapping[str, object]) -> Hook:
    return hook(json.dumps({name: value for name, value in fields.items() if value is not None}).encode())


def call_control(**more: object) -> Hook:
    payload = {"call_control_id": TELNYX_LEG, "to": US, "direction": "incoming", "connection_id": "7", **more}
    payload = {name: value for name, value in payload.items() if value is not None}
    data = {"event_type": "call.initiated", "occurred_at": "2026-03-31T12:35:57Z", "payload": payload}
    return said({"data": data})


def jambonz(**more: object) -> Hook:
    headers = more.pop("headers", {})
    leg = {"call_sid": UUID, "direction": "inbound", "call_status": "trying", "to": LINE_DIGITS}
    return said({**leg, "sip": {"headers": headers}, **more})


INBOUND: Mapping[str, Start] = {
    "native": lambda caller: said(
        {"type": "call.start", "call_id": "a1", "direction": "inbound", "caller": caller, "callee": US}
    ),
    "kamailio": lambda caller: said(
        {"type": "call.start", "call_id": "a1", "direction": "inbound", "caller": caller, "callee": US}
        | {"at": "1774960557.000000"}
    ),
    "asterisk": lambda caller: form(
        {"type": "start", "channel": "1774960557.1", "direction": "inbound", "caller": caller, "callee": US}
    ),
    "freeswitch": lambda caller: form(
        {"section": "dialplan", "Hunt-Context": "gateway-in", "Unique-ID": UUID, "Hunt-Destination-Number": US}
        | {"Hunt-Caller-ID-Number": caller}
    ),
    "twilio": lambda caller: form({"CallSid": f"CA{'0' * 32}", "CallStatus": "ringing", "From": caller, "To": US}),
    "signalwire": lambda caller: form({"CallSid": UUID, "CallStatus": "ringing", "From": caller, "To": US}),
    "telnyx": lambda caller: form({"CallSid": TELNYX_LEG, "CallStatus": "ringing", "From": caller, "To": US}),
    "telnyx-call-control": lambda caller: call_control(**{"from": caller}),
    "plivo": lambda caller: form({"CallUUID": UUID, "CallStatus": "ringing", "From": caller, "To": LINE_DIGITS}),
    "vonage": lambda caller: said(
        {"uuid": "0" * 32, "conversation_uuid": f"CON-{UUID}", "from": caller, "to": LINE_DIGITS}
    ),
    "voximplant": lambda caller: said(
        {"type": "call.start", "call_id": "3841557776-inbound", "direction": "inbound"}
        | {"caller": caller, "callee": LINE_DIGITS}
    ),
    "jambonz": lambda caller: jambonz(**{"from": caller}),
}

WAYS = [
    *(None, "", " ", "Anonymous", "ANONYMOUS", "anonymous ", '"Anonymous"', "anonymous@anonymous.invalid"),
    *("restricted", "Restricted", "unavailable", "UNKNOWN", "private", "withheld", "+266696687", "266696687"),
    *("+7378742833", "7378742833", "+7378742883", "+2562533", "+8656696", "+86282452253", "86282452253", "+464"),
]


def connection_of(kind: str) -> Connection:
    return sample_connection(kind) or next(each for each in CONNECTIONS.values() if each.kind == kind)


def start_of(kind: str, sent: Hook) -> CallStarted:
    event = adapters()[kind].parse(sent, connection_of(kind))
    assert isinstance(event, CallStarted)
    return event


def test_every_kind_that_carries_calls_is_tried() -> None:
    assert set(INBOUND) == set(adapters()) - {"bitrix24"}


@pytest.mark.parametrize("kind", INBOUND)
@pytest.mark.parametrize("caller", WAYS)
def test_r43_a_withheld_caller_is_one_value_in_every_adapter(kind: str, caller: str | None) -> None:
    start = start_of(kind, INBOUND[kind](caller))

    assert (start.direction, start.caller, start.line) == (Direction.INBOUND, WITHHELD, US)


@pytest.mark.parametrize("kind", INBOUND)
def test_r43_other_callers_are_who_they_are(kind: str) -> None:
    assert start_of(kind, INBOUND[kind]("+447400123456")).caller == "+447400123456"


# How the phone or the server of a user says that the number is withheld.
_OUT = {"type": "call.start", "call_id": "a1", "direction": "outbound", "callee": LONDON, "line": US}
_AT = {"at": "1774960557.000000"}
_CHANNEL = {"type": "start", "channel": "1774960557.1", "direction": "outbound", "callee": LONDON, "line": US}
_LOOKUP = {"section": "dialplan", "Hunt-Context": "gateway-out", "Unique-ID": UUID, "variable_gateway_line": US}
_TWILIO = {"CallSid": f"CA{'0' * 32}", "CallStatus": "ringing", "To": f"sip:{LONDON}@acme.sip.twilio.com"}
_SIGNALWIRE = {**_TWILIO, "CallSid": UUID}
_TELNYX = {"CallSid": TELNYX_LEG, "CallStatus": "ringing", "To": LONDON, "ConnectionId": TELNYX_USERS}
_PLIVO = {"CallUUID": UUID, "CallStatus": "ringing", "To": f"sip:{LONDON}@phone.plivo.com", "Event": "StartApp"}
_VONAGE = {"uuid": "0" * 32, "conversation_uuid": f"CON-{UUID}", "to": "442079460000", "endpoint_type": "sip"}
_VOX = {**_OUT, "call_id": "3841557776-outbound"}
_CONTROL = {"to": LONDON, "direction": "outgoing", "connection_id": TELNYX_USERS}
_LINE = f"?line={LINE_DIGITS}"
_USER = "sip:bob@acme.example"
WISHES: list[tuple[str, Hook]] = [
    ("native", said({**_OUT, "caller": "Anonymous"})),
    ("native", said({**_OUT, "caller": US, "privacy": "id"})),
    ("native", said({**_OUT, "caller": US, "privacy": "user; header; critical"})),
    ("kamailio", said({**_OUT, **_AT, "caller": "anonymous"})),
    ("kamailio", said({**_OUT, **_AT, "caller": US, "privacy": "id;critical"})),
    ("asterisk", form({**_CHANNEL, "caller": "anonymous", "presentation": "unavailable"})),
    ("asterisk", form({**_CHANNEL, "caller": US, "presentation": "prohib"})),
    ("asterisk", form({**_CHANNEL, "caller": US, "presentation": "prohib_passed_screen"})),
    ("freeswitch", form({**_LOOKUP, "Hunt-Destination-Number": LONDON, "Hunt-Caller-ID-Number": "anonymous"})),
    (
        "freeswitch",
        form(
            {**_LOOKUP, "Hunt-Destination-Number": LONDON, "Hunt-Caller-ID-Number": "1001"}
            | {"Hunt-Privacy-Hide-Number": "true"}
        ),
    ),
    ("twilio", form({**_TWILIO, "From": "sip:anonymous@anonymous.invalid"}, _LINE)),
    ("twilio", form({**_TWILIO, "From": "client:Anonymous"}, _LINE)),
    ("twilio", form({**_TWILIO, "From": _USER, "SipHeader_X-Privacy": "id"}, _LINE)),
    ("twilio", form({**_TWILIO, "From": _USER, "SipHeader_Privacy": "id"}, _LINE)),
    ("twilio", form({**_TWILIO, "From": _USER, "SipHeader_Remote-Party-ID": "<sip:b@c>;privacy=full"}, _LINE)),
    ("signalwire", form({**_SIGNALWIRE, "From": "sip:anonymous@anonymous.invalid"}, _LINE)),
    ("signalwire", form({**_SIGNALWIRE, "From": _USER, "SipHeader_X-Privacy": "id"}, _LINE)),
    ("telnyx", form({**_TELNYX, "From": US, "SipHeader_Privacy": "id"})),
    ("telnyx-call-control", call_control(**_CONTROL, **{"from": US}, sip_headers=[{"name": "Privacy", "value": "id"}])),
    (
        "telnyx-call-control",
        call_control(**_CONTROL, **{"from": US}, custom_headers=[{"name": "X-Privacy", "value": "id"}]),
    ),
    ("plivo", form({**_PLIVO, "From": "sip:anonymous@anonymous.invalid"}, _LINE)),
    ("plivo", form({**_PLIVO, "From": _USER, "X-PH-Privacy": "id"}, _LINE)),
    ("plivo", form({**_PLIVO, "From": _USER, "SIP-H-Privacy": "id"}, _LINE)),
    ("vonage", said({**_VONAGE, "from": "anonymous", "SipHeader_X-Line": US})),
    ("vonage", said({**_VONAGE, "from": "bob", "SipHeader_X-Line": US, "SipHeader_Privacy": "id"})),
    ("vonage", said({**_VONAGE, "from": "bob", "SipHeader_X-Line": US, "SipHeader_X-Privacy": "id"})),
    ("voximplant", said({**_VOX, "caller": "alice", "privacy": "id"})),
    ("voximplant", said({**_VOX, "caller": "anonymous"})),
    (
        "jambonz",
        jambonz(to=LONDON, headers={"X-Authenticated-User": "bob@acme", "X-Line": US}, **{"from": "anonymous"}),
    ),
    (
        "jambonz",
        jambonz(
            to=LONDON, headers={"X-Authenticated-User": "bob@acme", "X-Line": US, "Privacy": "id"}, **{"from": "bob"}
        ),
    ),
]
# What each must say to place such a call; the others have no way, and refuse it.
ANONYMOUS = {
    "native": ('"caller_id":"anonymous"',),
    "kamailio": ('"caller_id":"anonymous"', f'"identity":"{US}"'),
    "asterisk": ('"presentation":"prohib"',),
    "freeswitch": ("effective_caller_id_number=anonymous", "nolocal:sip_h_Privacy=id"),
    "telnyx-call-control": ('"privacy":"id"', f'"from":"{US}"'),
    "jambonz": ('"callerId":"anonymous"', '"Privacy":"id"', f'"<tel:{US}>"'),
}
REFUSED = {
    "twilio": "<Reject",
    "signalwire": "<Reject",
    "telnyx": "<Reject",
    "plivo": "<Hangup",
    "vonage": "talk",
    "voximplant": '"action":"reject"',
}


@pytest.mark.parametrize(("kind", "sent"), WISHES)
def test_r43_the_wish_of_a_user_is_read_and_obeyed_by_every_adapter(kind: str, sent: Hook) -> None:
    adapter = adapters()[kind]

    start = start_of(kind, sent)
    outcome = Connect(caller_id=WITHHELD, max_seconds=600, identity=US)
    reply = adapter.reply(start, outcome, connection_of(kind), public_url=PUBLIC_URL).body.decode()

    assert (start.direction, start.caller, start.line) == (Direction.OUTBOUND, WITHHELD, US)
    assert adapter.can_withhold is (kind in ANONYMOUS)
    assert all(words in reply for words in ANONYMOUS.get(kind, (REFUSED.get(kind, ""),)))
    if kind in REFUSED:
        assert US.removeprefix("+") not in reply


def test_every_adapter_is_told_of_a_wish() -> None:
    assert {kind for kind, _ in WISHES} == set(INBOUND) == {*ANONYMOUS, *REFUSED}


@pytest.mark.parametrize("kind", ["kamailio", "freeswitch", "jambonz"])
def test_r43_a_call_without_an_identity_asserts_none(kind: str) -> None:
    """A connector's user has no number of ours."""
    sent = next(sent for each, sent in WISHES if each == kind)

    outcome = Connect(caller_id=WITHHELD, max_seconds=600)
    reply = (
        adapters()[kind].reply(start_of(kind, sent), outcome, connection_of(kind), public_url=PUBLIC_URL).body.decode()
    )

    assert "tel:" not in reply
    assert "P-Asserted-Identity" not in reply


@pytest.mark.parametrize("kind", ["native", "kamailio", "asterisk"])
def test_r43_a_user_who_says_nothing_has_the_number_of_the_line(kind: str) -> None:
    start = start_of(
        kind, form(_CHANNEL) if kind == "asterisk" else said({**_OUT, **_AT} if kind == "kamailio" else _OUT)
    )

    assert start.caller == US
