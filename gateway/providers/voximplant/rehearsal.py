"""The part of Voximplant's scenario in a rehearsal: the native contract, with a signature and a report of its own."""

from collections.abc import Mapping

from gateway.providers.base import Hook
from gateway.providers.rehearsal import CLOCK, SECRET, Reaction, Rehearsal, json_hook, with_proof
from gateway.providers.voximplant import adapter
from gateway.providers.wire.contract_script import read_decision, start_fields
from gateway.providers.wire.signing import unix


class VoximplantScript:
    proof: tuple[str, ...] = (SECRET, CLOCK)

    def call_id(self, call: Rehearsal) -> str:
        """Its ids are 19 digits at most; ours begin with 7357."""
        return f"7357{int(call.token, 16):015}-outbound"

    def start(self, call: Rehearsal) -> Hook:
        return self._signed(call, start_fields(call, self.call_id(call)))

    def read(self, call: Rehearsal, reply: bytes) -> Reaction:
        return read_decision(call, reply)

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._signed(call, {"type": "call.answer", "call_id": self.call_id(call)})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        ended_ms = int(call.now.timestamp() * 1000)
        answered = {"answered_ms": ended_ms - call.seconds * 1000, "duration": call.seconds}
        leg = {"role": "B", "ended_ms": ended_ms, **(answered if call.seconds else {"code": 408})}
        ended = {"type": "call.end", "ended_by": "normal", "legs": [leg]}
        return self._signed(call, {**start_fields(call, self.call_id(call)), **ended})

    def _signed(self, call: Rehearsal, fields: Mapping[str, object]) -> Hook:
        hook, timestamp = json_hook(call, call.hook_url, fields), unix(call.now)
        signature = adapter.sign(call.secret, timestamp, hook.body).decode()
        return with_proof(hook, {"X-Gw-Timestamp": timestamp, "X-Gw-Signature": signature})
