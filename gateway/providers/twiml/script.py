"""The part of a speaker of TwiML in a rehearsal: it sends forms; what follows the start goes to a URL in the reply."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gateway.providers.base import Hook
from gateway.providers.rehearsal import (
    CALLER,
    NOBODY,
    PUBLIC_URL,
    SECRET,
    Reaction,
    Rehearsal,
    dials,
    form_hook,
    refuses,
    with_proof,
)
from gateway.providers.wire.forms import read_pairs
from gateway.providers.wire.markup import first, read_document


@dataclass(frozen=True, slots=True, kw_only=True)
class TwimlScript:
    """The call and the leg that it dials have ids of their own; the leg's end is the call's."""

    owner_option: str
    header: str
    sign: Callable[[str, str, Sequence[tuple[str, str]]], bytes]
    first_leg: Callable[[Rehearsal], str]
    dialled_leg: Callable[[Rehearsal], str]

    @property
    def proof(self) -> tuple[str, ...]:
        return (SECRET, self.owner_option, PUBLIC_URL)

    def call_id(self, call: Rehearsal) -> str:
        return self.first_leg(call)

    def start(self, call: Rehearsal) -> Hook:
        fields = {**self._owner(call), "CallSid": self.call_id(call), "CallStatus": "ringing"}
        parties = {"From": f"sip:{CALLER}@{NOBODY}", "To": f"sip:{call.callee}@{NOBODY}", "Direction": "inbound"}
        return self._signed(call, form_hook(call, call.line_url, {**fields, **parties}))

    def read(self, call: Rehearsal, reply: bytes) -> Reaction:
        return read_dial(reply, "Reject")

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._leg(call, reply, {"CallStatus": "in-progress"})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        answered = {"CallStatus": "completed", "CallDuration": str(call.seconds)}
        return self._leg(call, reply, answered if call.seconds else {"CallStatus": "no-answer", "CallDuration": "0"})

    def _leg(self, call: Rehearsal, reply: bytes, status: Mapping[str, str]) -> Hook:
        ids = {**self._owner(call), "CallSid": self.dialled_leg(call), "ParentCallSid": self.call_id(call)}
        about = {"CallbackSource": "call-progress-events", "To": call.callee, **status}
        url = first(read_document(reply), "Dial/*").get("statusCallback", "")
        return self._signed(call, form_hook(call, url, {**ids, **about}))

    def _owner(self, call: Rehearsal) -> Mapping[str, str]:
        return {"AccountSid": call.connection.options[self.owner_option]}

    def _signed(self, call: Rehearsal, hook: Hook) -> Hook:
        signature = self.sign(call.secret, hook.url, read_pairs(hook.body))
        return with_proof(hook, {self.header: signature.decode()})


def read_dial(reply: bytes, refusal: str) -> Reaction:
    """Refused by one element with a reason, or dialled: `<Dial>` is the same in TwiML and in Plivo's XML."""
    document = read_document(reply)
    refused = document.find(refusal)
    if refused is not None:
        busy = refused.get("reason") == "busy"
        return refuses(486) if busy else Reaction(does="refuses as rejected, by a code of its own")
    dial = first(document, "Dial")
    return dials(first(dial, "*").text or "", dial.get("callerId"), int(dial.get("timeLimit", "0")))
