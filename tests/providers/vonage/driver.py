"""What the tests of the Vonage adapter share: hooks signed as Vonage's vectors are, and the shared cases' driver."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from vonage_jwt.verify_jwt import verify_signature

from gateway.domain.connection import Connection
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction
from gateway.providers.base import CallRef, HangUp, Hook, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.vonage.adapter import Vonage
from tests.providers.cases import Case, Driver, make_hook, shown, with_headers

SECRET = "qwertyuiopasdfghjklzxcvbnm123456"
OLD_SECRET = "0123456789abcdef0123456789ABCDEF"
APPLICATION = "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
UUID = "aaaaaaaabbbbccccdddd0123456789ab"
LEG_UUID = "7a1f0c9e5d3b4e22b8a6c4d2e0f1a3b5"
CONVERSATION = "CON-63f61863-4a51-4f6b-86e1-46edebcf9356"
CONTROL_URL = f"https://api-us-3.vonage.com/v1/calls/{UUID}"
CALL = CallRef(call_id=CONVERSATION, control_url=CONTROL_URL)
NOT_FOUND = b'{"type": "NOT_FOUND", "error_title": "Not Found"}'
ANSWERED_AT = datetime(2026, 3, 31, 12, 34, 56, tzinfo=UTC)
ENDED_AT = datetime(2026, 3, 31, 12, 35, 57, tzinfo=UTC)

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE_KEY = KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()

START: dict[str, Any] = {
    "to": "15550001000",
    "from": "15557654321",
    "endpoint_type": "phone",
    "uuid": UUID,
    "conversation_uuid": CONVERSATION,
    "region_url": "https://api-us-3.vonage.com",
}
APP_START: dict[str, Any] = {
    **{name: value for name, value in START.items() if name != "from"},
    "to": "15552223333",
    "from_user": "alice",
    "endpoint_type": "app",
    "SipHeader_X-Line": "15550001000",
}
NOTIFIED: dict[str, Any] = {
    "conversation_uuid": CONVERSATION,
    "timestamp": "2026-03-31T12:34:50.000Z",
    "payload": {
        "leg": "forward",
        "conversation_uuid": CONVERSATION,
        "caller": "+15557654321",
        "callee": "+442079460000",
        "line": "+15550001000",
        "control_url": CONTROL_URL,
    },
}
LEG_ENDED: dict[str, Any] = {
    "from": "15557654321",
    "to": "15552223333",
    "uuid": LEG_UUID,
    "conversation_uuid": CONVERSATION,
    "status": "completed",
    "direction": "outbound",
    "start_time": "2026-03-31T12:34:56.000Z",
    "end_time": "2026-03-31T12:35:57.000Z",
    "duration": "61",
    "rate": "0.00720000",
    "price": "0.00732000",
    "network": "310260",
    "disconnected_by": "user",
    "sip_code": 200,
    "timestamp": "2026-03-31T12:35:57.412Z",
}
LEG_ANSWERED: dict[str, Any] = {
    **LEG_ENDED,
    "status": "answered",
    "timestamp": "2026-03-31T12:34:56.000Z",
    **dict.fromkeys(("start_time", "rate", "network", "end_time", "duration", "price")),
}
FIRST_LEG: dict[str, Any] = {**LEG_ENDED, "uuid": UUID, "direction": "inbound", "duration": "75"}
OUTBOUND = CallStarted(
    call_id=CONVERSATION,
    direction=Direction.OUTBOUND,
    caller="alice",
    callee="+15552223333",
    line="+15550001000",
    control_url=CONTROL_URL,
)
INBOUND = CallStarted(
    call_id=CONVERSATION,
    direction=Direction.INBOUND,
    caller="+15557654321",
    callee="+15550001000",
    line="+15550001000",
    control_url=CONTROL_URL,
)
FORWARD = CallStarted(
    call_id=f"{CONVERSATION}:forward",
    direction=Direction.FORWARD,
    caller="+15557654321",
    callee="+442079460000",
    line="+15550001000",
    parent_call_id=CONVERSATION,
    control_url=CONTROL_URL,
)
ENDED = CallEnded(
    call_id=CONVERSATION,
    cause=Cause.NORMAL,
    answered_at=ANSWERED_AT,
    ended_at=ENDED_AT,
    seconds=61,
    cost=Decimal("0.00732000"),
    cost_currency="EUR",
)
UNANSWERED = CallEnded(call_id=CONVERSATION, cause=Cause.NO_ANSWER, seconds=0)


def vonage_hook(fields: object, query: str = "") -> Hook:
    return make_hook(f"/hooks/vo{query}", json.dumps(fields).encode(), headers={"Content-Type": "application/json"})


def token_of(body: bytes, secret: str, at: datetime, **claims: object) -> str:
    """A token as the vectors have it; the official helper accepts it."""
    said = {
        "iat": int(at.timestamp()),
        "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
        "iss": "Vonage",
        "payload_hash": sha256(body).hexdigest(),
        "api_key": "a1b2c3d",
        "application_id": APPLICATION,
    }
    token = jwt.encode({**said, **claims}, secret, algorithm="HS256")
    assert verify_signature(token, secret)
    return token


def legs(*calls: Mapping[str, object], status: int = 200) -> ProviderResponse:
    body = {"count": len(calls), "page_size": 100, "record_index": 0, "_embedded": {"calls": calls}, "_links": {}}
    return ProviderResponse(status=status, body=json.dumps(body).encode())


class VonageDriver(Driver):
    adapter = Vonage()
    deciding = ("conversation_uuid", "status", "direction", "duration")
    connection = Connection(
        name="vo",
        kind="vonage",
        secrets=(SECRET, OLD_SECRET),
        options={
            "application_id": APPLICATION,
            "private_key": PRIVATE_KEY,
            "inbound_to": "sip:{digits}@pbx.example.com",
        },
    )
    signs_time = True
    garbage = (
        *Driver.garbage,
        b"[]",
        b"{}",
        b'{"status": 1}',
        b'{"status": "completed"}',
        b'{"payload": {"leg": "forward"}}',
    )
    calls = (CALL, CallRef(call_id=f"{CONVERSATION}:forward", control_url=CONTROL_URL), CallRef(call_id="CON-7"))
    hang_up_replies = (
        (ProviderResponse(status=204, body=b""), HangUp.TAKEN),
        (ProviderResponse(status=200, body=b""), HangUp.TAKEN),
        (ProviderResponse(status=404, body=NOT_FOUND), HangUp.GONE),
        (ProviderResponse(status=404, body=b""), HangUp.FAILED),
        (ProviderResponse(status=400, body=b""), HangUp.FAILED),
        (ProviderResponse(status=302, body=b""), HangUp.FAILED),
    )
    fate_replies = (
        (legs(LEG_ENDED, FIRST_LEG), ENDED),
        (legs({**LEG_ENDED, "price": None}), replace(ENDED, cost=None, cost_currency=None)),
        (
            legs({**LEG_ENDED, "duration": 61, "start_time": "2026-03-31 12:34:56", "end_time": ""}),
            replace(ENDED, ended_at=None),
        ),
        (legs({**LEG_ENDED, "status": "timeout", "end_time": None}), UNANSWERED),
        (legs({**LEG_ENDED, "status": "busy"}, LEG_ENDED), ENDED),
        (legs({**LEG_ENDED, "status": "ringing"}), Live()),
        (legs(LEG_ENDED, {**LEG_ENDED, "status": "answered"}), Live()),
        (legs(FIRST_LEG), Unknown()),
        (legs({**LEG_ENDED, "conversation_uuid": "CON-another"}), Unknown()),
        (legs(), Unknown()),
        (ProviderResponse(status=404, body=NOT_FOUND), Unknown()),
    )
    fate_failures = (
        *(ProviderResponse(status=status, body=b"") for status in (201, 302, 400, 401, 403, 429, 500, 503)),
        ProviderResponse(status=200, body=b"<html>"),
        ProviderResponse(status=200, body=b"{}"),
        legs({**LEG_ENDED, "status": "parked"}),
        legs({**LEG_ENDED, "duration": None}),
        legs({**LEG_ENDED, "duration": "61.5"}),
        legs({**LEG_ENDED, "end_time": "yesterday"}),
        legs({**LEG_ENDED, "start_time": "0001-01-01T00:00:00+23:59"}),
        legs({**LEG_ENDED, "price": "NaN"}),
    )
    kit_names = (
        APPLICATION,
        "sip:{digits}@pbx.example.com",
        '"http_method": "POST"',
        "Cut by the gateway              yes",
    )

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:
        return with_headers(hook, Authorization=f"Bearer {token_of(hook.body, secret, at or hook.received_at)}")

    def cases(self) -> Mapping[str, Case]:
        ids = ("uuid", "conversation_uuid")
        return {
            "start": Case(
                hook=vonage_hook(APP_START),
                event=OUTBOUND,
                required=ids,
                texts=(*ids, "to", "from_user", "endpoint_type", "region_url", "SipHeader_X-Line"),
            ),
            "start inbound": Case(hook=vonage_hook(START), event=INBOUND, required=ids, texts=(*ids, "to", "from")),
            "start forward": Case(hook=vonage_hook(NOTIFIED), event=FORWARD),
            "answer": Case(
                hook=vonage_hook(LEG_ANSWERED),
                event=CallAnswered(call_id=CONVERSATION, at=ANSWERED_AT),
                required=("conversation_uuid", "direction"),
                texts=("conversation_uuid", "status", "direction", "timestamp"),
            ),
            "end": Case(
                hook=vonage_hook(LEG_ENDED),
                event=ENDED,
                required=("conversation_uuid", "direction", "duration"),
                texts=("conversation_uuid", "status", "direction", "duration", "start_time", "end_time"),
            ),
            "end unanswered": Case(
                hook=vonage_hook({**LEG_ANSWERED, "status": "unanswered", "timestamp": "2026-03-31T12:35:57Z"}),
                event=replace(UNANSWERED, ended_at=ENDED_AT),
            ),
            "end of the first leg": Case(
                hook=vonage_hook({**FIRST_LEG, "status": "cancelled", "timestamp": "2026-03-31T12:35:57Z"}),
                event=replace(UNANSWERED, cause=Cause.CANCELLED, ended_at=ENDED_AT),
            ),
            "hint": Case(hook=vonage_hook(FIRST_LEG), event=CallHinted(call_id=CONVERSATION)),
            "error": Case(
                hook=vonage_hook({"reason": "Syntax error in NCCO", "conversation_uuid": CONVERSATION}),
                event=CallHinted(call_id=CONVERSATION),
                texts=("conversation_uuid",),
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        fields = json.loads(hook.body)
        del fields[field]
        return replace(hook, body=json.dumps(fields).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        return replace(hook, body=json.dumps({**json.loads(hook.body), field: text}).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (
            *(vonage_hook({**LEG_ENDED, "status": status}) for status in ("started", "ringing", "disconnected", "")),
            vonage_hook({"status": "machine", "call_uuid": LEG_UUID}),
            vonage_hook(
                {"conversation_uuid_from": CONVERSATION, "conversation_uuid_to": "CON-2", "uuid": LEG_UUID}
                | {"timestamp": "2026-03-31T12:35:57Z"}
            ),
            vonage_hook({"status": "transfer", "uuid": LEG_UUID, "conversation_uuid_from": CONVERSATION}),
            vonage_hook({**START, "dtmf": {"digits": "1", "timed_out": False}}),
            vonage_hook({**START, "speech": {"results": []}}),
            vonage_hook({"recording_url": "https://api.example.com/1", "conversation_uuid": CONVERSATION}),
            vonage_hook({"type": "rtc:status", "body": {}, "to": "x"}),
            vonage_hook({**START, "timestamp": "2026-03-31T12:35:57Z"}),
            vonage_hook({**FIRST_LEG, "status": "answered"}),
            vonage_hook({**NOTIFIED, "payload": {"foo": "bar"}}),
            vonage_hook({"reason": "unknown", "timestamp": "2026-03-31T12:35:57Z"}),
        )

    def shown(self, request: ProviderRequest | None) -> list[object] | None:
        """The key is another one each time: the token's claims are shown."""
        if request is None:
            return None
        return shown(replace(request, headers={**request.headers, "Authorization": str(claims_of(request))}))

    def verify_control(self, request: ProviderRequest) -> None:
        assert {"application_id", "iat", "exp", "jti"} == set(claims_of(request))


def claims_of(request: ProviderRequest) -> dict[str, Any]:
    """What the token says, checked with the application's public key."""
    token = request.headers["Authorization"].removeprefix("Bearer ")
    options: Any = {"verify_exp": False, "verify_iat": False}
    said: dict[str, Any] = jwt.decode(token, KEY.public_key(), algorithms=["RS256"], options=options)
    return said
