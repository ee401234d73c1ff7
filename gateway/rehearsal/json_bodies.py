"""Those who send JSON and are told in JSON: Vonage's NCCO and jambonz' verbs."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

import msgspec

from gateway.domain.errors import MalformedHook
from gateway.providers.base import Hook
from gateway.providers.jambonz import adapter
from gateway.providers.rehearsal import CALLER, CLOCK, SECRET, Rehearsal, Verdict, dials, json_hook, refuses, with_proof
from gateway.providers.vonage import signing
from gateway.providers.vonage.ncco import digits
from gateway.providers.wire.fields import decode
from gateway.providers.wire.signing import unix


class _Endpoint(msgspec.Struct, frozen=True):
    number: str = ""


class _Action(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    action: str
    limit: int = 0
    from_: str = msgspec.field(default="", name="from")
    endpoint: tuple[_Endpoint, ...] = ()
    event_url: tuple[str, ...] = ()
    text: str = ""


class _Target(msgspec.Struct, frozen=True):
    number: str = ""


class _Verb(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    verb: str
    time_limit: int = 0
    caller_id: str | None = None
    target: tuple[_Target, ...] = ()
    tag: Mapping[str, str] = {}
    action_hook: str = ""
    status: int = 0
    reason: str = ""


_NCCO = msgspec.json.Decoder(tuple[_Action, ...])
_VERBS = msgspec.json.Decoder(tuple[_Verb, ...])


class Vonage:
    """Every call is answered to fetch the NCCO, and a refusal is a sentence in it."""

    proof: tuple[str, ...] = (SECRET, "application_id", CLOCK)

    def call_id(self, call: Rehearsal) -> str:
        return f"CON-test-{call.token}"

    def start(self, call: Rehearsal) -> Hook:
        told = {"to": digits(call.callee), "from_user": CALLER, "endpoint_type": "app", "uuid": f"test-{call.token}"}
        return self._signed(call, call.hook_url, {**told, "SipHeader_X-Line": call.line})

    def read(self, call: Rehearsal, reply: bytes) -> Verdict:
        ncco = decode(_NCCO, reply)
        if not ncco:
            return Verdict(does="answers and hangs up without a word")
        if ncco[0].action == "talk":
            return Verdict(does=f"answers, says “{ncco[0].text}” and hangs up")
        caller_id = f"+{ncco[0].from_}" if ncco[0].from_ else None
        return dials(call.callee, caller_id, ncco[0].limit)

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._leg(call, reply, {"status": "answered"})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        status = "completed" if call.seconds else "unanswered"
        over = {"duration": str(call.seconds), "timestamp": call.over_at.isoformat()}
        return self._leg(call, reply, {"status": status, **over})

    def _leg(self, call: Rehearsal, reply: bytes, about: Mapping[str, str]) -> Hook:
        url = next((url for action in decode(_NCCO, reply) for url in action.event_url), "")
        leg = {"uuid": f"test-leg-{call.token}", "direction": "outbound", "timestamp": call.now.isoformat()}
        return self._signed(call, url, {**leg, **about})

    def _signed(self, call: Rehearsal, url: str, fields: Mapping[str, str]) -> Hook:
        hook = json_hook(call, url, {**fields, "conversation_uuid": self.call_id(call)})
        claims = {"iat": int(unix(call.now)), "jti": call.token, "iss": "Vonage"}
        claims |= {"payload_hash": sha256(hook.body).hexdigest(), "payload_hash_alg": "SHA-256"}
        claims |= {"application_id": call.connection.options["application_id"]}
        signed = _part({"alg": "HS256", "typ": "JWT"}) + b"." + _part(claims)
        token = signed + b"." + signing.sign(call.secret, signed)
        return with_proof(hook, {"Authorization": f"Bearer {token.decode()}"})


def _part(said: Mapping[str, object]) -> bytes:
    return urlsafe_b64encode(msgspec.json.encode(said)).rstrip(b"=")


class Jambonz:
    proof: tuple[str, ...] = (SECRET, CLOCK)

    def call_id(self, call: Rehearsal) -> str:
        return f"test-{call.token}"

    def start(self, call: Rehearsal) -> Hook:
        invite = {"headers": {"X-Authenticated-User": f"{CALLER}@test.invalid", "X-Line": call.line}}
        told = {"call_status": "trying", "from": CALLER, "to": call.callee, "sip": invite}
        return self._first_leg(call, call.hook_url, told)

    def read(self, call: Rehearsal, reply: bytes) -> Verdict:
        verbs = decode(_VERBS, reply)
        declined = next((verb for verb in verbs if verb.verb == "sip:decline"), None)
        if declined is not None:
            return refuses(declined.status, declined.reason)
        dial = _dial(reply)
        return dials(dial.target[0].number if dial.target else "", dial.caller_id, dial.time_limit)

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._dialled_leg(call, reply, {"call_status": "in-progress", "sip_status": 200})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        """Of a leg that nobody answers jambonz tells no end: the `actionHook` of `dial` does."""
        if call.seconds:
            ended = {"call_status": "completed", "sip_status": 200, "duration": call.seconds}
            return self._dialled_leg(call, reply, ended, at=call.over_at)
        dial = _dial(reply)
        over = {"call_status": "trying", "dial_call_status": "no-answer", "dial_sip_status": 480}
        return self._first_leg(call, dial.action_hook, {**over, "customerData": dial.tag})

    def _first_leg(self, call: Rehearsal, url: str, about: Mapping[str, object]) -> Hook:
        return self._signed(call, url, {"call_sid": self.call_id(call), "direction": "inbound", **about})

    def _dialled_leg(
        self, call: Rehearsal, reply: bytes, about: Mapping[str, object], *, at: datetime | None = None
    ) -> Hook:
        ids = {"call_sid": f"test-leg-{call.token}", "parent_call_sid": self.call_id(call), "direction": "outbound"}
        return self._signed(call, call.hook_url, {**ids, **about, "customerData": _dial(reply).tag}, at=at)

    def _signed(self, call: Rehearsal, url: str, fields: Mapping[str, object], *, at: datetime | None = None) -> Hook:
        hook, timestamp = json_hook(call, url, fields), unix(at or call.now)
        signature = adapter.sign(call.secret, timestamp, hook.body).decode()
        return with_proof(hook, {"Jambonz-Signature": f"t={timestamp},v1={signature}"})


def _dial(reply: bytes) -> _Verb:
    for verb in decode(_VERBS, reply):
        if verb.verb == "dial":
            return verb
    raise MalformedHook("the reply has no verb dial", "verb")
