"""Those who speak the native contract or a close variant of it: native, Voximplant's scenario, Kamailio's kit."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec

from gateway.providers.base import Hook
from gateway.providers.rehearsal import CALLER, CLOCK, SECRET, Rehearsal, Verdict, dials, json_hook, refuses, with_proof
from gateway.providers.voximplant import adapter
from gateway.providers.wire import sip_server
from gateway.providers.wire.fields import decode
from gateway.providers.wire.signing import sign_standard, unix


class _Said(msgspec.Struct, frozen=True, kw_only=True):
    """The reply to a start. `callee` and `to` say whom to dial, where the callee is not dialled as it was told."""

    action: str
    caller_id: str | None = None
    max_seconds: int = 0
    callee: str | None = None
    to: str | None = None
    sip_code: int = 503
    reason: str = ""


_SAID = msgspec.json.Decoder(_Said)


def _read(call: Rehearsal, reply: bytes) -> Verdict:
    said = decode(_SAID, reply)
    if said.action == "connect":
        return dials(said.to or said.callee or call.callee, said.caller_id, said.max_seconds)
    return refuses(said.sip_code, said.reason)


def _start(call: Rehearsal, call_id: str) -> Mapping[str, object]:
    parties = {"caller": CALLER, "callee": call.callee, "line": call.line}
    return {"type": "call.start", "call_id": call_id, "direction": "outbound", **parties}


def _answered_at(call: Rehearsal) -> datetime:
    return call.now - timedelta(seconds=call.seconds)


class Native:
    proof: tuple[str, ...] = (SECRET, CLOCK)

    def call_id(self, call: Rehearsal) -> str:
        return f"test-{call.token}"

    def start(self, call: Rehearsal) -> Hook:
        return self._signed(call, _start(call, self.call_id(call)))

    def read(self, call: Rehearsal, reply: bytes) -> Verdict:
        return _read(call, reply)

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._signed(call, {"type": "call.answer", "call_id": self.call_id(call)})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        cause = "normal" if call.seconds else "no_answer"
        ended = {"type": "call.end", "seconds": call.seconds, "cause": cause}
        return self._signed(call, {**_start(call, self.call_id(call)), **ended})

    def _signed(self, call: Rehearsal, fields: Mapping[str, object]) -> Hook:
        hook = json_hook(call, call.hook_url, fields)
        if call.connection.auth == "bearer":
            return with_proof(hook, {"Authorization": f"Bearer {call.secret}"})
        message_id, timestamp = f"{fields['type']}:{fields['call_id']}", unix(call.now)
        signature = sign_standard(call.secret, message_id, timestamp, hook.body).decode()
        proof = {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
        return with_proof(hook, proof)


class Voximplant:
    proof: tuple[str, ...] = (SECRET, CLOCK)

    def call_id(self, call: Rehearsal) -> str:
        """Its ids are 19 digits at most; ours begin with 7357."""
        return f"7357{int(call.token, 16):015}-outbound"

    def start(self, call: Rehearsal) -> Hook:
        return self._signed(call, _start(call, self.call_id(call)))

    def read(self, call: Rehearsal, reply: bytes) -> Verdict:
        return _read(call, reply)

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._signed(call, {"type": "call.answer", "call_id": self.call_id(call)})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        ended_ms = int(call.now.timestamp() * 1000)
        answered = {"answered_ms": ended_ms - call.seconds * 1000, "duration": call.seconds}
        leg = {"role": "B", "ended_ms": ended_ms, **(answered if call.seconds else {"code": 408})}
        ended = {"type": "call.end", "ended_by": "normal", "legs": [leg]}
        return self._signed(call, {**_start(call, self.call_id(call)), **ended})

    def _signed(self, call: Rehearsal, fields: Mapping[str, object]) -> Hook:
        hook, timestamp = json_hook(call, call.hook_url, fields), unix(call.now)
        signature = adapter.sign(call.secret, timestamp, hook.body).decode()
        return with_proof(hook, {"X-Gw-Timestamp": timestamp, "X-Gw-Signature": signature})


class Kamailio:
    proof: tuple[str, ...] = (SECRET,)

    def call_id(self, call: Rehearsal) -> str:
        return f"test-{call.token}"

    def start(self, call: Rehearsal) -> Hook:
        return self._logged_in(call, {**_start(call, self.call_id(call)), "at": _unix_text(_answered_at(call))})

    def read(self, call: Rehearsal, reply: bytes) -> Verdict:
        return _read(call, reply)

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        at = _unix_text(_answered_at(call))
        return self._logged_in(call, {"type": "call.answer", "call_id": self.call_id(call), "at": at})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        at = _unix_text(_answered_at(call))
        told = {**_start(call, self.call_id(call)), "type": "call.end", "at": at, "ended_by": "caller"}
        answered = {"sip_code": 200, "answered_at": at} if call.seconds else {"sip_code": 408}
        return self._logged_in(call, {**told, **answered, "ended_at": _unix_text(call.now)})

    def _logged_in(self, call: Rehearsal, fields: Mapping[str, object]) -> Hook:
        proof = {"Authorization": sip_server.basic(call.connection.name, call.secret)}
        return with_proof(json_hook(call, call.hook_url, fields), proof)


def _unix_text(at: datetime) -> str:
    return f"{at.timestamp():.6f}"
