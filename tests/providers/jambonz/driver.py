"""What the tests of the jambonz adapter share: hooks as the feature server sends them, and the shared cases' driver."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.domain.connection import Connection
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction
from gateway.providers.base import CallRef, HangUp, Hook, Live, ProviderRequest, ProviderResponse
from gateway.providers.jambonz.adapter import Jambonz
from gateway.providers.wire.proven import proven_url
from tests.providers.cases import NOW, Case, Driver, make_hook, with_headers

SECRET = "wh_secret_0123456789abcdef"
OLD_SECRET = "wh_secret_fedcba9876543210"
CALL_SID = "8ff6bb43-0d7a-4c2f-9d6b-1b0e6b3a9a11"
LEG_SID = "9aa7cc54-1e8b-4d30-8e7c-2c1f7c4bab22"
ACCOUNT_SID = "fef61e75-cec3-496c-a7bc-8368e4d02a04"
API_KEY = "38700987-c7a4-4685-a5bb-af378f9734de"
CALL = CallRef(call_id=CALL_SID)

STATUS: dict[str, Any] = {
    "call_sid": CALL_SID,
    "direction": "inbound",
    "from": "+15557654321",
    "to": "+15550001000",
    "call_id": "b1f5a7de-9c0e-123c-8b9a-0242ac110002",
    "sip_status": 100,
    "sip_reason": "Trying",
    "call_status": "trying",
    "account_sid": ACCOUNT_SID,
    "application_sid": "0e0681b0-d49f-4fb8-b973-b5a3c6758de1",
}
START: dict[str, Any] = {
    **STATUS,
    "caller_name": "",
    "sip": {"method": "INVITE", "headers": {"diversion": "<sip:+15550009999@sip.example.com>", "X-Account": "42"}},
}
USER_START: dict[str, Any] = {
    **START,
    "from": "alice",
    "to": "15552223333",
    "sip": {"headers": {"X-Authenticated-User": "alice@acme.sip.example.com", "X-Line": "15550001000", "via": [1]}},
}
OUTBOUND_TAG = {"leg": "outbound", "caller": "alice", "callee": "+15552223333", "line": "+15550001000"}
INBOUND_TAG = {"leg": "inbound", "caller": "+15557654321", "callee": "+15550001000", "line": "+15550001000"}
FORWARD_TAG = {**INBOUND_TAG, "leg": "forward", "callee": "+442079460000"}
REDIRECTED: dict[str, Any] = {**STATUS, "customerData": {**INBOUND_TAG, "forward_to": "+442079460000"}}
LEG_ENDED: dict[str, Any] = {
    **STATUS,
    "call_sid": LEG_SID,
    "direction": "outbound",
    "from": "+15550001000",
    "to": "+15552223333",
    "sip_status": 200,
    "sip_reason": "OK",
    "call_status": "completed",
    "parent_call_sid": CALL_SID,
    "call_termination_by": "caller",
    "duration": 61,
    "customerData": OUTBOUND_TAG,
}
LEG_ANSWERED: dict[str, Any] = {
    **{name: value for name, value in LEG_ENDED.items() if name != "duration"},
    "call_status": "in-progress",
}
FIRST_LEG: dict[str, Any] = {**STATUS, "call_status": "completed", "sip_status": 200, "duration": 61}
DIAL_ENDED: dict[str, Any] = {
    **STATUS,
    "customerData": OUTBOUND_TAG,
    "dial_call_status": "busy",
    "dial_sip_status": 486,
    "dial_call_sid": LEG_SID,
}
OUTBOUND = CallStarted(
    call_id=CALL_SID, direction=Direction.OUTBOUND, caller="alice", callee="+15552223333", line="+15550001000"
)
INBOUND = CallStarted(
    call_id=CALL_SID, direction=Direction.INBOUND, caller="+15557654321", callee="+15550001000", line="+15550001000"
)
FORWARD = CallStarted(
    call_id=f"{CALL_SID}:forward",
    direction=Direction.FORWARD,
    caller="+15557654321",
    callee="+442079460000",
    line="+15550001000",
    parent_call_id=CALL_SID,
)
# An unsigned hook has no time; a signed one that of its signature.
ENDED = CallEnded(call_id=CALL_SID, cause=Cause.NORMAL, seconds=61, ended_at=NOW)


def ours(leg: str) -> str:
    """The query of a URL of ours, which is proven for the call."""
    return proven_url("", {"leg": leg}, CALL_SID, (SECRET,))


def jambonz_hook(fields: object, query: str = "") -> Hook:
    return make_hook(f"/hooks/jb{query}", json.dumps(fields).encode(), headers={"Content-Type": "application/json"})


def record(status: int = 200, **fields: object) -> ProviderResponse:
    """What the API says of a call."""
    return ProviderResponse(status=status, body=json.dumps({**STATUS, **fields}).encode())


class JambonzDriver(Driver):
    adapter = Jambonz()
    deciding = ("call_sid", "parent_call_sid", "direction", "call_status", "duration", "dial_call_status", "leg")
    connection = Connection(
        name="jb",
        kind="jambonz",
        secrets=(SECRET, OLD_SECRET),
        options={
            "inbound_to": "sip:{digits}@pbx.example.com",
            "trunk": "carrier-a",
            "api_url": "https://jambonz.example.com/api",
            "account_sid": ACCOUNT_SID,
            "api_key": API_KEY,
        },
    )
    signs_time = True
    garbage = (*Driver.garbage, b"[]", b"{}", b"null", b'{"call_sid": 1}')
    calls = (CALL, CallRef(call_id=f"{CALL_SID}:forward"))
    hang_up_replies = (
        (ProviderResponse(status=202, body=b"Accepted"), HangUp.TAKEN),
        (ProviderResponse(status=200, body=b"{}"), HangUp.TAKEN),
        (ProviderResponse(status=404, body=b"Not Found"), HangUp.FAILED),
        (ProviderResponse(status=422, body=b'{"msg": "call session is gone for call_sid x"}'), HangUp.GONE),
        (
            ProviderResponse(status=500, body=b'{"msg":"Cannot read property \'hasStableDialog\' of undefined"}'),
            HangUp.GONE,
        ),
        (ProviderResponse(status=500, body=b'{"msg":"Cannot read properties of undefined"}'), HangUp.GONE),
        (ProviderResponse(status=500, body=b'{"msg":"Redis is away"}'), HangUp.FAILED),
        (ProviderResponse(status=422, body=b'{"msg": "current call state is incompatible with"}'), HangUp.FAILED),
        (ProviderResponse(status=400, body=b'{"msg": "x"}'), HangUp.FAILED),
        (ProviderResponse(status=480, body=b""), HangUp.FAILED),
    )
    fate_replies = (
        (record(call_status="completed", duration=61), CallEnded(call_id=CALL_SID, cause=Cause.NORMAL, seconds=61)),
        (record(call_status="busy"), CallEnded(call_id=CALL_SID, cause=Cause.BUSY, seconds=0)),
        (record(call_status="failed", sip_status=503), CallEnded(call_id=CALL_SID, cause=Cause.FAILED, seconds=0)),
        (record(call_status="in-progress"), Live()),
        (record(call_status="trying"), Live()),
    )
    fate_failures = (
        *(ProviderResponse(status=status, body=b"") for status in (202, 302, 400, 401, 403, 422, 429, 480, 500, 503)),
        ProviderResponse(status=200, body=b"<html>"),
        ProviderResponse(status=200, body=b"{}"),
        record(call_status="parked"),
        record(call_status="completed"),
        record(call_status="completed", duration=-1),
    )
    kit_names = (
        "#rc=3&rp=ct,rt,5xx",
        "sip:{digits}@pbx.example.com",
        "carrier-a",
        "Line of calls that go out",
        "gateway              yes",
    )

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:
        """As `base-requestor.js` does, with a signature of a scheme to come beside it."""
        timestamp = str(int((at or hook.received_at).timestamp()))
        proof = hmac.new(secret.encode(), timestamp.encode() + b"." + hook.body, hashlib.sha256).hexdigest()
        return with_headers(hook, Jambonz_Signature=f"t={timestamp},v1={proof}")

    def cases(self) -> Mapping[str, Case]:
        ids = ("call_sid", "direction", "call_status")
        return {
            "start": Case(
                hook=jambonz_hook(USER_START), event=OUTBOUND, required=ids, texts=("call_sid", "from", "to")
            ),
            "start inbound": Case(
                hook=jambonz_hook(START), event=INBOUND, required=ids, texts=("call_sid", "from", "to")
            ),
            "start forward": Case(
                hook=jambonz_hook(REDIRECTED, ours("forward")), event=FORWARD, required=ids, texts=("call_sid",)
            ),
            "answer": Case(
                hook=jambonz_hook(LEG_ANSWERED),
                event=CallAnswered(call_id=CALL_SID, at=NOW),
                required=ids,
                texts=(*ids, "parent_call_sid"),
            ),
            "end": Case(
                hook=jambonz_hook(LEG_ENDED),
                event=replace(ENDED, start=OUTBOUND),
                required=(*ids, "duration"),
                texts=(*ids, "parent_call_sid"),
            ),
            "end of a forwarded call": Case(
                hook=jambonz_hook({**LEG_ENDED, "customerData": FORWARD_TAG}),
                event=replace(ENDED, call_id=FORWARD.call_id, start=FORWARD),
            ),
            "end by action": Case(
                hook=jambonz_hook(DIAL_ENDED, ours("dial")),
                event=replace(ENDED, cause=Cause.BUSY, seconds=0, start=OUTBOUND),
                required=ids,
                texts=("call_sid", "dial_call_status"),
            ),
            "end of the first leg": Case(
                hook=jambonz_hook({**STATUS, "call_status": "no-answer", "sip_status": 487}),
                event=replace(ENDED, cause=Cause.NO_ANSWER, seconds=0),
            ),
            "hint": Case(hook=jambonz_hook(FIRST_LEG), event=CallHinted(call_id=CALL_SID), required=(*ids, "duration")),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        fields = json.loads(hook.body)
        del fields[field]
        return replace(hook, body=json.dumps(fields).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        return replace(hook, body=json.dumps({**json.loads(hook.body), field: text}).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (
            jambonz_hook(STATUS),
            jambonz_hook({**START, "call_status": "in-progress"}),
            jambonz_hook({**STATUS, "call_status": "early-media"}),
            jambonz_hook({**LEG_ANSWERED, "call_status": "ringing"}),
            jambonz_hook({**LEG_ANSWERED, "call_status": "parked"}),
            # A call that somebody places by the REST API, with this application.
            jambonz_hook({**START, "direction": "outbound"}),
        )

    def verify_control(self, request: ProviderRequest) -> None:
        assert request.headers["Authorization"] == f"Bearer {API_KEY}"
        assert request.url.startswith(f"https://jambonz.example.com/api/v1/Accounts/{ACCOUNT_SID}/Calls/")
