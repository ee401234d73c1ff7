"""What the scripts share of those who speak the native contract or a close variant of it."""

from collections.abc import Mapping

import msgspec

from gateway.providers.rehearsal import CALLER, Reaction, Rehearsal, dials, refuses
from gateway.providers.wire.fields import decode


class _Decision(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to a start. `callee` and `to` say whom to dial, where the callee is not dialled as it was told."""

    action: str
    caller_id: str | None = None
    max_seconds: int = 0
    callee: str | None = None
    to: str | None = None
    sip_code: int = 503
    reason: str = ""


_DECISION = msgspec.json.Decoder(_Decision)


def read_decision(call: Rehearsal, reply: bytes) -> Reaction:
    decision = decode(_DECISION, reply)
    if decision.action == "connect":
        return dials(decision.to or decision.callee or call.callee, decision.caller_id, decision.max_seconds)
    return refuses(decision.sip_code, decision.reason)


def start_fields(call: Rehearsal, call_id: str) -> Mapping[str, object]:
    parties = {"caller": CALLER, "callee": call.callee, "line": call.line}
    return {"type": "call.start", "call_id": call_id, "direction": "outbound", **parties}
