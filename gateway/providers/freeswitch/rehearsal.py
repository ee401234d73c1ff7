"""FreeSWITCH's part in a rehearsal: it asks for its dialplan by a form, and sends its call record as JSON."""

from gateway.domain.errors import MalformedHook
from gateway.providers.base import Hook
from gateway.providers.rehearsal import (
    CALLER,
    SECRET,
    Reaction,
    Rehearsal,
    dials,
    form_hook,
    json_hook,
    posted,
    refuses,
)
from gateway.providers.wire.markup import read_document
from gateway.providers.wire.server_script import logged_in

_CONTEXT = "gateway-out"
_SECOND_US = 1_000_000


class FreeswitchScript:
    proof: tuple[str, ...] = (SECRET,)

    def call_id(self, call: Rehearsal) -> str:
        return call.uuid()

    def start(self, call: Rehearsal) -> Hook:
        asked = {"section": "dialplan", "Unique-ID": self.call_id(call), "Hunt-Context": _CONTEXT}
        parties = {"Hunt-Caller-ID-Number": CALLER, "Hunt-Destination-Number": call.callee}
        lookup = {**asked, **parties, "variable_gateway_line": call.line}
        return logged_in(call, form_hook(call, call.hook_url, lookup))

    def read(self, call: Rehearsal, reply: bytes) -> Reaction:
        actions = _actions(reply)
        if "respond" in actions:
            code, _, phrase = actions["respond"].partition(" ")
            return refuses(int(code), phrase)
        limit = actions["execute_on_answer_call"].split(" ")[1]
        return dials(actions["bridge"], actions.get("effective_caller_id_number"), int(limit))

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
        return logged_in(call, json_hook(call, f"{call.hook_url}?leg=call&cdr", record))


class _Actions(dict[str, str]):
    """Applications and variables by their names."""

    def __missing__(self, name: str) -> str:
        raise MalformedHook(f"the reply has no {name}", name)


def _actions(reply: bytes) -> _Actions:
    actions = _Actions()
    for action in read_document(reply).iter("action"):
        name, data = action.get("application", ""), action.get("data", "")
        if name == "set":
            name, _, data = data.partition("=")
        actions[name] = data
    return actions
