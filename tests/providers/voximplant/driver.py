"""What the tests of the Voximplant adapter share: the shared cases' driver, and samples as hooks and replies."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from gateway.domain.connection import Connection
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.providers.base import CallRef, HangUp, Hook, Live, ProviderRequest, ProviderResponse, Unknown
from gateway.providers.voximplant.adapter import Voximplant
from tests.providers.cases import Case, Driver, make_hook, with_headers

SAMPLES = Path(__file__).parent / "samples"
CONTROL_URL = "https://www-eu-01-234.voximplant.com:12093/request/5E31.1773250126.87_192.0.2.1/0011223344556677"
CALL = CallRef(call_id="3841557776-outbound", control_url=CONTROL_URL)
START: dict[str, Any] = {
    "type": "call.start",
    "call_id": "3841557776-outbound",
    "direction": "outbound",
    "caller": "alice",
    "callee": "011447700900123",
    "line": "+15550100001",
    "at": "2026-03-31T12:35:46.000Z",
}
LEG_A = {"role": "A", "answered_ms": 1774960551400, "ended_ms": 1774960646020, "duration": 95, "cost": 0.004}
LEG_B = {"role": "B", "answered_ms": 1774960551300, "ended_ms": 1774960646000, "duration": 95, "cost": 0.545996}
END: dict[str, Any] = {**START, "type": "call.end", "ended_by": "normal", "legs": [LEG_A, LEG_B]}
STARTED = CallStarted(
    call_id="3841557776-outbound",
    direction=Direction.OUTBOUND,
    caller="alice",
    callee="+447700900123",
    line="+15550100001",
    at=datetime(2026, 3, 31, 12, 35, 46, tzinfo=UTC),
)
ENDED = CallEnded(
    call_id="3841557776-outbound",
    cause=Cause.NORMAL,
    answered_at=datetime(2026, 3, 31, 12, 35, 51, 300_000, tzinfo=UTC),
    ended_at=datetime(2026, 3, 31, 12, 37, 26, tzinfo=UTC),
    seconds=95,
    cost=Decimal("0.549996"),
    cost_currency="USD",
    start=STARTED,
)


def vox_hook(**fields: object) -> Hook:
    return make_hook("/hooks/vox", json.dumps(fields).encode(), headers={"Content-Type": "application/json"})


def sample(name: str) -> tuple[Mapping[str, str], bytes]:
    """The headers and the body of a sample file."""
    head, _, body = (SAMPLES / f"{name}.http").read_text().partition("\n\n")
    lines = [line for line in head.splitlines() if not line.startswith("#")][1:]
    return dict(line.split(": ", 1) for line in lines), body.rstrip("\n").encode()


def sample_hook(name: str) -> Hook:
    headers, body = sample(name)
    received_at = datetime.fromtimestamp(int(headers["X-Gw-Timestamp"]), UTC)
    return make_hook("/hooks/vox", body, headers=headers, received_at=received_at)


def history(**session: object) -> ProviderResponse:
    """A reply of GetCallHistory about the ordinary call's session."""
    body = {"result": [{"call_session_history_id": 1}, {"call_session_history_id": 3841557776, **session}]}
    return ProviderResponse(status=200, body=json.dumps(body).encode())


class VoximplantDriver(Driver):
    adapter = Voximplant()
    deciding = ("type", "call_id", "role", "answered_ms", "ended_ms", "ended_by")
    connection = Connection(
        name="vox",
        kind="voximplant",
        secrets=("new secret", "old secret"),
        options={"outbound_line": "15550100001", "inbound_user": "desk-{line}", "currency": "USD"},
    )
    signs_time = True
    garbage = (*Driver.garbage, b"[]", b"{}", b'{"type": 1}', b'{"type": "call.start"}', b'{"type": "call.end"')
    calls = (CALL, CallRef(call_id="3841557777-inbound"))
    hang_up_replies = (
        (ProviderResponse(status=200, body=b""), HangUp.TAKEN),
        (ProviderResponse(status=204, body=b""), HangUp.TAKEN),
        (ProviderResponse(status=404, body=b""), HangUp.FAILED),
        (ProviderResponse(status=410, body=b""), HangUp.FAILED),
        (ProviderResponse(status=302, body=b""), HangUp.FAILED),
    )
    fate_replies = (
        (
            ProviderResponse(status=200, body=sample("history_outbound")[1]),
            CallEnded(
                call_id=CALL.call_id,
                cause=Cause.NORMAL,
                ended_at=datetime(2026, 3, 11, 14, 30, 35, tzinfo=UTC),
                seconds=95,
                cost=Decimal("0.0468"),
            ),
        ),
        (history(), Live()),
        (history(finish_reason="", duration=None, calls=None), Live()),
        (ProviderResponse(status=200, body=b'{"result": [], "total_count": 0}'), Unknown()),
        (ProviderResponse(status=200, body=b'{"result": null}'), Unknown()),
        (
            history(finish_reason="Insufficient funds"),
            CallEnded(call_id=CALL.call_id, cause=Cause.FAILED, seconds=0),
        ),
    )
    fate_failures = (
        *(ProviderResponse(status=status, body=b"") for status in (204, 302, 401, 404, 429, 500, 503)),
        ProviderResponse(status=200, body=b"<html>"),
        ProviderResponse(status=200, body=sample("history_rate_limit")[1]),
        ProviderResponse(status=200, body=b'{"error": {}}'),
        history(finish_reason="x", start_date="0001-01-01 00:00:00", duration=1),
        history(finish_reason="x", calls=[{"incoming": False, "cost": "NaN"}]),
    )
    kit_names = ('"GATEWAY_SECRET"', '"+15550100001"', "VoxEngine.getSecretValue")

    def sign(self, hook: Hook, secret: str, at: datetime | None = None) -> Hook:
        """As section C.4 of the notes on Voximplant has it: hex HMAC-SHA256 over timestamp, a full stop, the body."""
        timestamp = str(int((at or hook.received_at).timestamp()))
        proof = hmac.new(secret.encode(), timestamp.encode() + b"." + hook.body, hashlib.sha256).hexdigest()
        return with_headers(hook, X_Gw_Timestamp=timestamp, X_Gw_Signature=proof)

    def cases(self) -> Mapping[str, Case]:
        texts = ("call_id", "direction", "caller", "callee", "line", "parent_call_id", "at")
        inbound = {**START, "call_id": "7-inbound", "direction": "inbound", "caller": "447700900123"}
        forward = {**START, "call_id": "7-forward", "direction": "forward", "parent_call_id": "7-inbound"}
        return {
            "start": Case(
                hook=vox_hook(**START, control_url=CONTROL_URL),
                event=replace(STARTED, control_url=CONTROL_URL),
                required=("type", "call_id", "direction", "callee"),
                texts=("type", "control_url", *texts),
            ),
            "start inbound": Case(
                hook=vox_hook(**{**inbound, "callee": "15550100001", "line": None}),
                event=replace(
                    STARTED,
                    call_id="7-inbound",
                    direction=Direction.INBOUND,
                    caller="+447700900123",
                    callee="+15550100001",
                ),
            ),
            "start forward": Case(
                hook=vox_hook(**forward),
                event=replace(STARTED, call_id="7-forward", direction=Direction.FORWARD, parent_call_id="7-inbound"),
                required=("parent_call_id",),
            ),
            "answer": Case(
                hook=vox_hook(type="call.answer", call_id=CALL.call_id, at="2026-03-31T12:35:51.300Z"),
                event=CallAnswered(call_id=CALL.call_id, at=ENDED.answered_at),
                required=("type", "call_id"),
                texts=("call_id", "at"),
            ),
            "end": Case(
                hook=vox_hook(**END), event=ENDED, required=("type", "call_id"), texts=("type", "ended_by", *texts)
            ),
            "end without start": Case(
                hook=vox_hook(type="call.end", call_id=CALL.call_id, legs=[LEG_B]),
                event=replace(ENDED, cost=Decimal("0.545996"), start=None),
            ),
        }

    def without(self, hook: Hook, field: str) -> Hook:
        fields = json.loads(hook.body)
        del fields[field]
        return replace(hook, body=json.dumps(fields).encode())

    def with_text(self, hook: Hook, field: str, text: str) -> Hook:
        return replace(hook, body=json.dumps({**json.loads(hook.body), field: text}).encode())

    def unknown(self) -> tuple[Hook, ...]:
        return (vox_hook(type="call.transferred", call_id=CALL.call_id), vox_hook(type=""))

    def verify_control(self, request: ProviderRequest) -> None:
        """The address itself is the permission; the command names the call it is meant for."""
        assert json.loads(request.body)["auth_id"] == CALL.call_id
