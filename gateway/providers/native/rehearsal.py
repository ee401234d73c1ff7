"""The native contract's part in a rehearsal."""

from collections.abc import Mapping

from gateway.providers.base import Hook
from gateway.providers.rehearsal import CLOCK, SECRET, Reaction, Rehearsal, json_hook, with_proof
from gateway.providers.wire.contract_script import read_decision, start_fields
from gateway.providers.wire.signing import sign_standard, unix


class NativeScript:
    proof: tuple[str, ...] = (SECRET, CLOCK)

    def call_id(self, call: Rehearsal) -> str:
        return f"test-{call.token}"

    def start(self, call: Rehearsal) -> Hook:
        return self._signed(call, start_fields(call, self.call_id(call)))

    def read(self, call: Rehearsal, reply: bytes) -> Reaction:
        return read_decision(call, reply)

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._signed(call, {"type": "call.answer", "call_id": self.call_id(call)})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        cause = "normal" if call.seconds else "no_answer"
        ended = {"type": "call.end", "seconds": call.seconds, "cause": cause}
        return self._signed(call, {**start_fields(call, self.call_id(call)), **ended})

    def _signed(self, call: Rehearsal, fields: Mapping[str, object]) -> Hook:
        hook = json_hook(call, call.hook_url, fields)
        if call.connection.auth == "bearer":
            return with_proof(hook, {"Authorization": f"Bearer {call.secret}"})
        message_id, timestamp = f"{fields['type']}:{fields['call_id']}", unix(call.now)
        signature = sign_standard(call.secret, message_id, timestamp, hook.body).decode()
        proof = {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": signature}
        return with_proof(hook, proof)
