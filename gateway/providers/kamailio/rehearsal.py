"""The part of our Kamailio configuration in a rehearsal: the native contract, with instants, logged in by Basic."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from gateway.providers.base import Hook
from gateway.providers.rehearsal import SECRET, Reaction, Rehearsal, json_hook
from gateway.providers.wire.contract_script import read_decision, start_fields
from gateway.providers.wire.server_script import logged_in


class KamailioScript:
    proof: tuple[str, ...] = (SECRET,)

    def call_id(self, call: Rehearsal) -> str:
        return f"test-{call.token}"

    def start(self, call: Rehearsal) -> Hook:
        return self._logged_in(call, {**start_fields(call, self.call_id(call)), "at": _unix_text(call.now)})

    def read(self, call: Rehearsal, reply: bytes) -> Reaction:
        return read_decision(call, reply)

    def answer(self, call: Rehearsal, reply: bytes) -> Hook:
        at = _unix_text(call.now)
        return self._logged_in(call, {"type": "call.answer", "call_id": self.call_id(call), "at": at})

    def end(self, call: Rehearsal, reply: bytes) -> Hook:
        at = _unix_text(call.now)
        ended = {**start_fields(call, self.call_id(call)), "type": "call.end", "at": at, "ended_by": "caller"}
        answered = {"sip_code": 200, "answered_at": at} if call.seconds else {"sip_code": 408}
        return self._logged_in(call, {**ended, **answered, "ended_at": _unix_text(_ended_at(call))})

    def _logged_in(self, call: Rehearsal, fields: Mapping[str, object]) -> Hook:
        return logged_in(call, json_hook(call, call.hook_url, fields))


def _unix_text(at: datetime) -> str:
    return f"{at.timestamp():.6f}"


def _ended_at(call: Rehearsal) -> datetime:
    return call.now + timedelta(seconds=call.seconds)
