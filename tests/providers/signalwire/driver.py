"""SignalWire's hooks, signed as its page says, and the shared cases. Its own libraries judge them in `tests/kits`.

They cannot be had beside our own packages: the one for cXML pins aiohttp 3.9.5. Vectors are in
`test_signalwire_signing.py`.
"""

import hmac
import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import parse_qsl, urlencode, urlsplit

from gateway.domain.connection import Connection
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Event
from gateway.providers.base import CallRef, HangUp, Hook, ProviderRequest, ProviderResponse
from gateway.providers.signalwire.adapter import ADAPTER as SIGNALWIRE
from tests.providers.cases import Case, Driver, make_hook, with_headers

KEY = "PSK_0123456789abcdef0123456789abcdef"
OLD_KEY = "PSK_fedcba9876543210fedcba9876543210"
TOKEN = "PTd17b4e0f"
PROJECT = "b08dacad-fd7c-4549-8ad3-ca9b7c6a2d61"
CALL = "4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978"
LEG = "5a9c7b3f-0d2e-4a1b-9c2f-3e4d5c6b7a89"
ENDED_AT = datetime(2026, 3, 31, 12, 35, 57, tzinfo=UTC)

START = {
    "AccountSid": PROJECT,
    "ApiVersion": "2010-04-01",
    "CallSid": CALL,
    "CallStatus": "ringing",
    "Direction": "inbound",
    "From": "+15557654321",
    "To": "+15550001000",
}
SIP_START = {**START, "From": "sip:alice@acme.sip.signalwire.com", "To": "sip:+15552223333@acme.sip.signalwire.com"}
LEG_ENDED = {
    "AccountSid": PROJECT,
    "CallSid": LEG,
    "ParentCallSid": CALL,
    "CallStatus": "completed",
    "Direction": "outbound-dial",
    "From": "+15550001000",
    "To": "+15552223333",
    "CallDuration": "61",
    "SequenceNumber": "3",
    "CallbackSource": "call-progress-events",
    "SipResultCode": "200",
    "HangupBy": "+15552223333",
    "HangupDirection": "outbound",
    "Timestamp": "Tue, 31 Mar 2026 12:35:57 +0000",
}
DIAL_ENDED = {**START, "CallStatus": "in-progress", "DialCallStatus": "completed", "DialCallDuration": "61"}
# What a number tells of the end of its calls.
NUMBER_ENDED = {
    "AccountSid": PROJECT,
    "CallSid": CALL,
    "CallStatus": "completed",
    "CallDuration": "75",
    "From": "+15557654321",
    "To": "+15550001000",
    "AudioInMos": "4.5",
    "Timestamp": "Tue, 31 Mar 2026 12:35:57 +0000",
}
OUTBOUND = CallStarted(
    call_id=CALL, direction=Direction.OUTBOUND, caller="alice", callee="+15552223333", line="+15550001000"
)
INBOUND = CallStarted(
    call_id=CALL, direction=Direction.INBOUND, caller="+15557654321", callee="+15550001000", line="+15550001000"
)
FORWARD = CallStarted(
    call_id=f"{CALL}:forward",
    direction=Direction.FORWARD,
    caller="+15557654321",
    callee="+442079460000",
    line="+15550001000",
    parent_call_id=CALL,
)
ENDED = CallEnded(call_id=CALL, cause=Cause.NORMAL, ended_at=ENDED_AT, seconds=61)
OUTBOUND_QUERY = "?callee=%2B15552223333&caller=alice&leg=outbound&line=%2B15550001000"
FORWARD_QUERY = "?callee=%2B442079460000&caller=%2B15557654321&leg=forward&line=%2B15550001000"


def signalwire_hook(fields: Mapping[str, str], query: str = "") -> Hook:
    return make_hook(
        f"/hooks/sw{query}",
        urlencode(fields).encode(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )


def json_hook(said: object, *, query: str = OUTBOUND_QUERY) -> Hook:
    """A status callback in JSON, which is proven by the hash of its body."""
    body = json.dumps(said).encode()
    headers = {"Content-Type": "application/json"}
    return make_hook(f"/hooks/sw{query}&bodySHA256={sha256(body).hexdigest()}", body, headers=headers)


def fields_of(hook: Hook) -> dict[str, str]:
    return dict(parse_qsl(hook.body.decode(), keep_blank_values=True))


def signed(hook: Hook, key: str = KEY, header: str = "x_signalwire_signature") -> Hook:
    """By the rule of the page: base64 of HMAC-SHA1 over the URL and the form's names and values, sorted by name."""
    is_form = hook.method == "POST" and "json" not in hook.headers["content-type"]
    pairs = sorted(parse_qsl(hook.body.decode(), keep_blank_values=True), key=lambda pair: pair[0]) if is_form else []
    message = hook.url + "".join(name + value for name, value in pairs)
    return with_headers(hook, **{header: b64encode(hmac.digest(key.encode(), message.encode(), "sha1")).decode()})


def connection(**options: str) -> Connection:
    given = {"project_id": PROJECT, "space": "acme", "api_token": TOKEN, "inbound_to": "sip:{digits}@pbx.example.com"}
    return Connection(name="sw", kind="signalwire", secrets=(KEY, OLD_KEY), options={**given, **options})


def parse(fields: Mapping[str, str], query: str = "", **options: str) -> Event:
    return SIGNALWIRE.parse(signalwire_hook(fields, query), connection(**options))


class SignalWireDriver(Driver):
    adapter = SIGNALWIRE
    deciding = (
        "CallSid",
        "ParentCallSid",
        "CallStatus",
        "CallDuration",
        "DialCallStatus",
        "DialCallDuration",
        "CallbackSource",
    )
    connection = connection()
    garbage = (*Driver.garbage, b"a&b=c&%00=%ff", b"{}")
    calls = (CallRef(call_id=CALL), CallRef(call_id=f"{CALL}:forward"))
    hang_up_replies = (
        (ProviderResponse(status=200, body=b"{}"), HangUp.TAKEN),
        (ProviderResponse(status=404, body=b'{"code": "20404"}'), HangUp.GONE),
        (ProviderResponse(status=404, body=b"{}"), HangUp.FAILED),
        (
            ProviderResponse(status=400, body=b'{"code": 21220, "message": "not in-progress", "status": 400}'),
            HangUp.GONE,
        ),
        (ProviderResponse(status=422, body=b'{"code": 21220}'), HangUp.GONE),
        (ProviderResponse(status=422, body=b'{"code": 20001}'), HangUp.FAILED),
        (ProviderResponse(status=400, body=b"{}"), HangUp.FAILED),
    )
    kit_names = (PROJECT, "sip:{digits}@pbx.example.com", "?line=", "Signing Key")

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:  # noqa: ARG002 - not signed
        return signed(hook, secret)

    def cases(self) -> Mapping[str, Case]:
        return {
            "start": Case(
                hook=signalwire_hook(SIP_START, "?line=15550001000"),
                event=OUTBOUND,
                required=("CallSid", "CallStatus"),
                texts=("CallSid", "CallStatus", "From", "To"),
            ),
            "start inbound": Case(
                hook=signalwire_hook(START),
                event=INBOUND,
                required=("CallSid", "CallStatus"),
                texts=("CallSid", "From", "To"),
            ),
            "start forward": Case(
                hook=signalwire_hook(START, "?callee=%2B442079460000&leg=forward&line=%2B15550001000"),
                event=FORWARD,
                required=("CallSid", "CallStatus"),
                texts=("CallSid", "From"),
            ),
            "answer": Case(
                hook=signalwire_hook({**LEG_ENDED, "CallStatus": "in-progress"}, OUTBOUND_QUERY),
                event=CallAnswered(call_id=CALL, at=ENDED_AT),
                required=("ParentCallSid", "CallStatus"),
                texts=("ParentCallSid", "Timestamp"),
            ),
            "end": Case(
                hook=signalwire_hook(LEG_ENDED, OUTBOUND_QUERY),
                event=replace(ENDED, start=OUTBOUND),
                required=("ParentCallSid", "CallStatus", "CallDuration"),
                texts=("ParentCallSid", "CallDuration", "Timestamp"),
            ),
            "end by action": Case(
                hook=signalwire_hook(DIAL_ENDED, FORWARD_QUERY),
                event=replace(ENDED, call_id=FORWARD.call_id, ended_at=None, start=FORWARD),
                required=("CallSid",),
                texts=("CallSid", "DialCallStatus", "DialCallDuration"),
            ),
            "hint": Case(
                hook=signalwire_hook(NUMBER_ENDED),
                event=CallHinted(call_id=CALL),
                required=("CallSid", "CallStatus"),
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        fields = fields_of(hook)
        del fields[field]
        return replace(hook, body=urlencode(fields).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        return replace(hook, body=urlencode({**fields_of(hook), field: text}).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (
            signalwire_hook({**START, "CallStatus": "parked"}),
            signalwire_hook({**DIAL_ENDED, "DialCallStatus": "parked"}),
            signalwire_hook({**START, "CallbackSource": "call-cost-events"}),
            signalwire_hook({"AccountSid": PROJECT, "RecordingSid": "x", "RecordingStatus": "completed"}),
            signalwire_hook({**LEG_ENDED, "CallStatus": "ringing"}, OUTBOUND_QUERY),
            signalwire_hook({**START, "CallStatus": "queued", "CallbackSource": "call-progress-events"}),
        )

    def verify_control(self, request: ProviderRequest) -> None:
        assert request.headers["Authorization"] == "Basic " + b64encode(f"{PROJECT}:{TOKEN}".encode()).decode()
        assert urlsplit(request.url).netloc == "acme.signalwire.com"
