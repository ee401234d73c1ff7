"""The replies that this process has given without the database: a repeat of the webhook has the same again (R16)."""

from dataclasses import dataclass, field
from typing import Final

from gateway.domain.calls.asked import AskedCall, is_another_call
from gateway.usecases.calls.starts.start_request import Arrival

# The newest of them are remembered: some minutes of a busy gateway's.
REPLIES_MAX: Final = 10_000


@dataclass(slots=True)
class ToldReplies:
    """By call, in the order in which they were given."""

    _by_call: dict[tuple[str, str], tuple[AskedCall, bytes]] = field(default_factory=dict)

    def note(self, arrival: Arrival, reply: bytes) -> None:
        call = arrival.call
        asked = AskedCall(direction=call.direction, callee=call.callee, line=call.line)
        self._by_call.setdefault((arrival.connection.name, call.call_id), (asked, reply))
        if len(self._by_call) > REPLIES_MAX:
            del self._by_call[next(iter(self._by_call))]

    def find(self, arrival: Arrival) -> bytes | None:
        """The reply to this very call; None for another one under its id."""
        asked, reply = self._by_call.get((arrival.connection.name, arrival.call.call_id), (None, None))
        return None if asked is None or is_another_call(arrival.call, asked) else reply
