"""SIP servers of one's own that ask for their dialplan: FreeSWITCH and Asterisk."""

from collections.abc import Mapping

import msgspec

from gateway.domain.errors import MalformedHook
from gateway.providers.base import Hook
from gateway.providers.rehearsal import (
    CALLER,
    SECRET,
    Rehearsal,
    Verdict,
    dials,
    form_hook,
    json_hook,
    posted,
    refuses,
    with_proof,
)
from gateway.providers.wire import sip_server
from gateway.providers.wire.fields import decode
from gateway.rehearsal.markup_forms import read_document

_CONTEXT = "gateway-out"
_SECOND_US = 1_000_000
# What SIP makes of the causes of Q.850 that Hangup() is told.
_SIP_CODES: Mapping[str, int] = {"1": 404, "17": 486, "21": 403, "34": 503, "127": 487}


class Freeswitch:
    proof: tuple[str, ...] = (SECRET,)

    def call_id(self, call: Rehearsal) -> str:
        return call.uuid()

    def start(self, call: Rehearsal) -> Hook:
        asked = {"section": "dialplan", "Unique-ID": self.call_id(call), "Hunt-Context": _CONTEXT}
        parties = {"Hunt-Caller-ID-Number": CALLER, "Hunt-Destination-Number": call.callee}
        told = {**asked, **parties, "variable_gateway_line": call.line}
        return _logged_in(call, form_hook(call, call.hook_url, told))

    def read(self, call: Rehearsal, reply: bytes) -> Verdict:
        told = _actions(reply)
        if "respond" in told:
            code, _, phrase = told["respond"].partition(" ")
            return refuses(int(code), phrase)
        limit = told["execute_on_answer_call"].split(" ")[1]
        return dials(told["bridge"], told.get("effective_caller_id_number"), int(limit))

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        """As `curl` of the dialplan sends it: the proof is in the URL."""
        return posted(call, _actions(reply)["api_on_answer_call"].split(" ")[2], b"", {})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        ended_us = round(call.now.timestamp() * _SECOND_US)
        answered_us = str(ended_us - call.seconds * _SECOND_US) if call.seconds else "0"
        variables = {
            "uuid": self.call_id(call),
            "hangup_cause": "NORMAL_CLEARING" if call.seconds else "NO_ANSWER",
            "answer_uepoch": answered_us,
            "end_uepoch": str(ended_us),
            "gateway_line": call.line,
        }
        profile = {"context": _CONTEXT, "caller_id_number": CALLER, "destination_number": call.callee}
        flow = {"caller_profile": profile, "times": {"bridged_time": answered_us}}
        record = {"variables": variables, "callflow": [flow]}
        return _logged_in(call, json_hook(call, f"{call.hook_url}?leg=call&cdr", record))


class _Actions(dict[str, str]):
    """Applications and variables by their names."""

    def __missing__(self, name: str) -> str:
        raise MalformedHook(f"the reply has no {name}", name)


def _actions(reply: bytes) -> _Actions:
    told = _Actions()
    for action in read_document(reply).iter("action"):
        name, data = action.get("application", ""), action.get("data", "")
        if name == "set":
            name, _, data = data.partition("=")
        told[name] = data
    return told


class _Said(msgspec.Struct, frozen=True):
    action: str
    dial: str = ""
    caller_id: str | None = None
    max_ms: str = "0"
    cause: str = ""


_SAID = msgspec.json.Decoder(_Said)


class Asterisk:
    proof: tuple[str, ...] = (SECRET,)

    def call_id(self, call: Rehearsal) -> str:
        """A UNIQUEID may begin with the name of the system."""
        return f"test-{int(call.now.timestamp())}.{int(call.token, 16) % 10**10}"

    def start(self, call: Rehearsal) -> Hook:
        return self._told(call, {"type": "start", **self._parties(call)})

    def read(self, call: Rehearsal, reply: bytes) -> Verdict:
        said = decode(_SAID, reply)
        if said.action == "connect":
            return dials(said.dial, said.caller_id, int(said.max_ms) // 1000)
        return refuses(_SIP_CODES.get(said.cause, 503), f"cause {said.cause}")

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        return self._told(call, {"type": "answer", **self._parties(call)})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        answered = {"dialstatus": "ANSWER", "cause": "16"} if call.seconds else {"dialstatus": "NOANSWER", "cause": "0"}
        times = {"answered_ms": str(call.seconds * 1000), "at": str(int(call.over_at.timestamp())), "source": ""}
        return self._told(call, {"type": "end", **self._parties(call), **answered, **times})

    def _parties(self, call: Rehearsal) -> Mapping[str, str]:
        ids = {"channel": self.call_id(call), "direction": "outbound"}
        return {**ids, "caller": CALLER, "callee": call.callee, "line": call.line}

    def _told(self, call: Rehearsal, fields: Mapping[str, str]) -> Hook:
        return _logged_in(call, form_hook(call, call.hook_url, fields))


def _logged_in(call: Rehearsal, hook: Hook) -> Hook:
    return with_proof(hook, {"Authorization": sip_server.basic(call.connection.name, call.secret)})
