"""jambonz' part in a rehearsal: it sends JSON, and is told by verbs."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from gateway.domain.errors import MalformedHook
from gateway.providers.base import Hook
from gateway.providers.jambonz.signing import sign
from gateway.providers.rehearsal import (
    CALLER,
    CLOCK,
    SECRET,
    Reaction,
    Rehearsal,
    dials,
    json_hook,
    refuses,
    with_proof,
)
from gateway.providers.wire.fields import decode
from gateway.providers.wire.signing import unix


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


_VERBS = msgspec.json.Decoder(tuple[_Verb, ...])


class JambonzScript:
    proof: tuple[str, ...] = (SECRET, CLOCK)

    def call_id(self, call: Rehearsal) -> str:
        return f"test-{call.token}"

    def start(self, call: Rehearsal) -> Hook:
        invite = {"headers": {"X-Authenticated-User": f"{CALLER}@test.invalid", "X-Line": call.line}}
        asked = {"call_status": "trying", "from": CALLER, "to": call.callee, "sip": invite}
        return self._first_leg(call, call.hook_url, asked)

    def read(self, call: Rehearsal, reply: bytes) -> Reaction:
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
        signature = sign(call.secret, timestamp, hook.body).decode()
        return with_proof(hook, {"Jambonz-Signature": f"t={timestamp},v1={signature}"})


def _dial(reply: bytes) -> _Verb:
    for verb in decode(_VERBS, reply):
        if verb.verb == "dial":
            return verb
    raise MalformedHook("the reply has no verb dial", "verb")
