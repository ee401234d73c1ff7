"""Plivo's part in a rehearsal: forms, and its own XML, whose `<Dial>` is TwiML's."""

from collections.abc import Mapping

from gateway.providers.base import Hook
from gateway.providers.plivo import signing
from gateway.providers.rehearsal import (
    CALLER,
    NOBODY,
    PUBLIC_URL,
    SECRET,
    Reaction,
    Rehearsal,
    dials,
    form_hook,
    with_proof,
)
from gateway.providers.twiml.script import read_dial
from gateway.providers.wire.markup import first, read_document


class PlivoScript:
    proof: tuple[str, ...] = (SECRET, PUBLIC_URL)

    def call_id(self, call: Rehearsal) -> str:
        return call.uuid()

    def start(self, call: Rehearsal) -> Hook:
        fields = {"CallUUID": self.call_id(call), "CallStatus": "ringing", "Event": "StartApp", "Direction": "inbound"}
        parties = {"From": f"sip:{CALLER}@{NOBODY}", "To": f"sip:{call.callee}@{NOBODY}"}
        return _signed_v3(call, form_hook(call, call.line_url, {**fields, **parties}))

    def read(self, call: Rehearsal, reply: bytes) -> Reaction:
        """Numbers are told without their plus."""
        reaction = read_dial(reply, "Hangup")
        if not reaction.connects or reaction.max_seconds is None:
            return reaction
        caller_id = f"+{reaction.caller_id}" if reaction.caller_id else None
        return dials(call.callee, caller_id, reaction.max_seconds)

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._leg(call, reply, {"DialAction": "answer", "Event": "DialAnswer"})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        cause = {"DialBLegHangupCause": "NORMAL_CLEARING", "DialBLegHangupCauseCode": "4000"}
        if not call.seconds:
            cause = {"DialBLegHangupCause": "NO_ANSWER", "DialBLegHangupCauseCode": "3000"}
        about = {"DialAction": "hangup", "Event": "DialHangup", "DialBLegDuration": str(call.seconds)}
        return self._leg(call, reply, {**about, **cause})

    def _leg(self, call: Rehearsal, reply: bytes, about: Mapping[str, str]) -> Hook:
        ids = {"CallUUID": self.call_id(call), "DialALegUUID": self.call_id(call), "DialBLegUUID": call.uuid("a1e9")}
        url = first(read_document(reply), "Dial").get("callbackUrl", "")
        return _signed_v3(call, form_hook(call, url, {**ids, "CallStatus": "in-progress", **about}))


def _signed_v3(call: Rehearsal, hook: Hook) -> Hook:
    signature = signing.sign(call.secret, signing.signed_text(hook), call.token)
    return with_proof(hook, {"X-Plivo-Signature-V3": signature.decode(), "X-Plivo-Signature-V3-Nonce": call.token})
