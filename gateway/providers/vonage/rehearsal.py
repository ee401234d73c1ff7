"""Vonage's part in a rehearsal: it sends JSON, and is told by an NCCO."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping
from hashlib import sha256

import msgspec

from gateway.providers.base import Hook
from gateway.providers.rehearsal import CALLER, CLOCK, SECRET, Reaction, Rehearsal, dials, json_hook, with_proof
from gateway.providers.vonage import signing
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


_NCCO = msgspec.json.Decoder(tuple[_Action, ...])


class VonageScript:
    """Every call is answered to fetch the NCCO, and a refusal is a sentence in it."""

    proof: tuple[str, ...] = (SECRET, "application_id", CLOCK)

    def call_id(self, call: Rehearsal) -> str:
        return f"CON-test-{call.token}"

    def start(self, call: Rehearsal) -> Hook:
        asked = {"to": call.callee, "from_user": CALLER, "endpoint_type": "app", "uuid": f"test-{call.token}"}
        return self._signed(call, call.hook_url, {**asked, "SipHeader_X-Line": call.line})

    def read(self, call: Rehearsal, reply: bytes) -> Reaction:
        ncco = decode(_NCCO, reply)
        if not ncco:
            return Reaction(does="answers and hangs up without a word")
        if ncco[0].action == "talk":
            return Reaction(does=f"answers, says “{ncco[0].text}” and hangs up")
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


def _part(claims: Mapping[str, object]) -> bytes:
    return urlsafe_b64encode(msgspec.json.encode(claims)).rstrip(b"=")
