"""Asterisk's part in a rehearsal: its dialplan sends forms, and is told in JSON."""

from collections.abc import Mapping

import msgspec

from gateway.providers.base import Hook
from gateway.providers.rehearsal import CALLER, SECRET, Reaction, Rehearsal, dials, form_hook, refuses
from gateway.providers.wire.fields import decode
from gateway.providers.wire.server_script import logged_in

# What SIP makes of the causes of Q.850 that Hangup() is told.
_SIP_CODES: Mapping[str, int] = {"1": 404, "17": 486, "21": 403, "34": 503, "127": 487}


class _Decision(msgspec.Struct, frozen=True):
    action: str
    dial: str = ""
    caller_id: str | None = None
    max_ms: str = "0"
    cause: str = ""


_DECISION = msgspec.json.Decoder(_Decision)


class AsteriskScript:
    proof: tuple[str, ...] = (SECRET,)

    def call_id(self, call: Rehearsal) -> str:
        """A UNIQUEID may begin with the name of the system."""
        return f"test-{int(call.now.timestamp())}.{int(call.token, 16) % 10**10}"

    def start(self, call: Rehearsal) -> Hook:
        return self._posted(call, {"type": "start", **self._parties(call)})

    def read(self, call: Rehearsal, reply: bytes) -> Reaction:
        decision = decode(_DECISION, reply)
        if decision.action == "connect":
            return dials(decision.dial, decision.caller_id, int(decision.max_ms) // 1000)
        return refuses(_SIP_CODES.get(decision.cause, 503), f"cause {decision.cause}")

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._posted(call, {"type": "answer", **self._parties(call)})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        answered = {"dialstatus": "ANSWER", "cause": "16"} if call.seconds else {"dialstatus": "NOANSWER", "cause": "0"}
        times = {"answered_ms": str(call.seconds * 1000), "at": str(int(call.over_at.timestamp())), "source": ""}
        return self._posted(call, {"type": "end", **self._parties(call), **answered, **times})

    def _parties(self, call: Rehearsal) -> Mapping[str, str]:
        ids = {"channel": self.call_id(call), "direction": "outbound"}
        return {**ids, "caller": CALLER, "callee": call.callee, "line": call.line}

    def _posted(self, call: Rehearsal, fields: Mapping[str, str]) -> Hook:
        return logged_in(call, form_hook(call, call.hook_url, fields))
