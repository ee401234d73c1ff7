"""Those who send forms and are told in XML: Twilio, SignalWire, Plivo. What follows the start goes to a URL in it."""

from collections.abc import Mapping
from xml.etree import ElementTree as ET

from gateway.domain.errors import MalformedHook
from gateway.providers.base import Hook
from gateway.providers.plivo import signing
from gateway.providers.rehearsal import (
    CALLER,
    PUBLIC_URL,
    SECRET,
    Rehearsal,
    Verdict,
    dials,
    form_hook,
    refuses,
    with_proof,
)
from gateway.providers.signalwire import signing as signalwire_signing
from gateway.providers.twilio import signing as twilio_signing
from gateway.providers.wire.forms import read_pairs

_NOBODY = "test.invalid"


def read_document(reply: bytes) -> ET.Element:
    """A document of the gateway's."""
    try:
        return ET.fromstring(reply)  # noqa: S314 - our own document
    except ET.ParseError as error:
        raise MalformedHook(f"the reply is no document: {error}") from error


def first(document: ET.Element, path: str) -> ET.Element:
    found = document.find(path)
    if found is None:
        raise MalformedHook(f"the reply has no {path}", path)
    return found


def _read(reply: bytes, refusal: str) -> Verdict:
    """Refused by one element with a reason, or dialled: `<Dial>` is the same with all of them."""
    document = read_document(reply)
    refused = document.find(refusal)
    if refused is not None:
        busy = refused.get("reason") == "busy"
        return refuses(486) if busy else Verdict(does="refuses as rejected, by a code of its own")
    dial = first(document, "Dial")
    return dials(first(dial, "*").text or "", dial.get("callerId"), int(dial.get("timeLimit", "0")))


class Twilio:
    """The call and the leg that it dials have ids of their own; the leg's end is the call's."""

    proof: tuple[str, ...] = (SECRET, "account_sid", PUBLIC_URL)

    def call_id(self, call: Rehearsal) -> str:
        return f"CA{'7e57' * 5}{call.token}"

    def start(self, call: Rehearsal) -> Hook:
        fields = {**self._account(call), "CallSid": self.call_id(call), "CallStatus": "ringing"}
        parties = {"From": f"sip:{CALLER}@{_NOBODY}", "To": f"sip:{call.callee}@{_NOBODY}", "Direction": "inbound"}
        return self._signed(call, form_hook(call, call.line_url, {**fields, **parties}))

    def read(self, call: Rehearsal, reply: bytes) -> Verdict:
        return _read(reply, "Reject")

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._leg(call, reply, {"CallStatus": "in-progress"})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        answered = {"CallStatus": "completed", "CallDuration": str(call.seconds)}
        return self._leg(call, reply, answered if call.seconds else {"CallStatus": "no-answer", "CallDuration": "0"})

    def _leg(self, call: Rehearsal, reply: bytes, status: Mapping[str, str]) -> Hook:
        ids = {**self._account(call), "CallSid": self._leg_id(call), "ParentCallSid": self.call_id(call)}
        about = {"CallbackSource": "call-progress-events", "To": call.callee, **status}
        url = first(read_document(reply), "Dial/*").get("statusCallback", "")
        return self._signed(call, form_hook(call, url, {**ids, **about}))

    def _leg_id(self, call: Rehearsal) -> str:
        return f"CA{'7e57' * 4}a1e9{call.token}"

    def _account(self, call: Rehearsal) -> Mapping[str, str]:
        return {"AccountSid": call.connection.options["account_sid"]}

    def _signed(self, call: Rehearsal, hook: Hook) -> Hook:
        signature = twilio_signing.sign(call.secret, hook.url, read_pairs(hook.body))
        return with_proof(hook, {"X-Twilio-Signature": signature.decode()})


class SignalWire(Twilio):
    proof: tuple[str, ...] = (SECRET, "project_id", PUBLIC_URL)

    def call_id(self, call: Rehearsal) -> str:
        return call.uuid()

    def _leg_id(self, call: Rehearsal) -> str:
        return call.uuid("a1e9")

    def _account(self, call: Rehearsal) -> Mapping[str, str]:
        return {"AccountSid": call.connection.options["project_id"]}

    def _signed(self, call: Rehearsal, hook: Hook) -> Hook:
        signature = signalwire_signing.sign(call.secret, hook.url, read_pairs(hook.body))
        return with_proof(hook, {"X-SignalWire-Signature": signature.decode()})


class Plivo:
    proof: tuple[str, ...] = (SECRET, PUBLIC_URL)

    def call_id(self, call: Rehearsal) -> str:
        return call.uuid()

    def start(self, call: Rehearsal) -> Hook:
        fields = {"CallUUID": self.call_id(call), "CallStatus": "ringing", "Event": "StartApp", "Direction": "inbound"}
        parties = {"From": f"sip:{CALLER}@{_NOBODY}", "To": f"sip:{call.callee}@{_NOBODY}"}
        return _signed_v3(call, form_hook(call, call.line_url, {**fields, **parties}))

    def read(self, call: Rehearsal, reply: bytes) -> Verdict:
        """Numbers are told without their plus."""
        told = _read(reply, "Hangup")
        if not told.connects or told.max_seconds is None:
            return told
        caller_id = f"+{told.caller_id}" if told.caller_id else None
        return dials(call.callee, caller_id, told.max_seconds)

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._leg(call, reply, {"DialAction": "answer", "Event": "DialAnswer"})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        told = {"DialBLegHangupCause": "NORMAL_CLEARING", "DialBLegHangupCauseCode": "4000"}
        if not call.seconds:
            told = {"DialBLegHangupCause": "NO_ANSWER", "DialBLegHangupCauseCode": "3000"}
        about = {"DialAction": "hangup", "Event": "DialHangup", "DialBLegDuration": str(call.seconds)}
        return self._leg(call, reply, {**about, **told})

    def _leg(self, call: Rehearsal, reply: bytes, about: Mapping[str, str]) -> Hook:
        ids = {"CallUUID": self.call_id(call), "DialALegUUID": self.call_id(call), "DialBLegUUID": call.uuid("a1e9")}
        url = first(read_document(reply), "Dial").get("callbackUrl", "")
        return _signed_v3(call, form_hook(call, url, {**ids, "CallStatus": "in-progress", **about}))


def _signed_v3(call: Rehearsal, hook: Hook) -> Hook:
    signature = signing.sign(call.secret, signing.signed_text(hook), call.token)
    return with_proof(hook, {"X-Plivo-Signature-V3": signature.decode(), "X-Plivo-Signature-V3-Nonce": call.token})
