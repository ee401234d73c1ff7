"""What we have Telnyx keep with a leg: its `client_state`, which is in every later event of the leg.

Telnyx' signature proves who forwarded it, not who set it: its WebRTC libraries let a user give a call any
`clientState`. So ours begins with an HMAC by the API key, and says which session it is of, which all legs of a call
share: a state without a good proof, or of another session, says nothing.

Sources: telnyx-python 4.189 (`types/call_*.py`), Telnyx' page on the `Call` of its Android SDK (`clientState` is "any
String value", 2026-11) and on the transfer command (knowledge base of 2026-04).
"""

import hmac
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Self

import msgspec

from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallStarted, Direction
from gateway.providers.telnyx.rest import CALL_ID
from gateway.providers.wire.callbacks import FORWARD_SUFFIX
from gateway.providers.wire.fields import Instant, PartyText, ShortText, decode

# The upper end of the range of `time_limit_secs`, by the text of error 90029.
LIMIT_S_MAX = 14_000

_CallId = Annotated[str, msgspec.Meta(pattern=rf"^{CALL_ID.pattern}({FORWARD_SUFFIX})?\Z")]


@dataclass(frozen=True, slots=True, kw_only=True)
class LegStarted(CallStarted):
    """A start with the session that all legs of the call are of; `limit_s` is how long its incoming call may last."""

    session: str = ""
    limit_s: int = LIMIT_S_MAX


class State(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The start of a call, and when the leg was answered. `is_transferred`: the dialled leg's events tell all."""

    call: _CallId
    direction: Direction
    caller: PartyText
    callee: PartyText
    line: PartyText
    session: ShortText = ""
    limit_s: int = LIMIT_S_MAX
    answered_at: Instant | None = None
    is_transferred: bool = False

    @classmethod
    def of(cls, start: CallStarted, *, answered_at: datetime | None = None) -> Self:
        return cls(
            call=start.call_id,
            direction=start.direction,
            caller=start.caller,
            callee=start.callee,
            line=start.line,
            session=start.session if isinstance(start, LegStarted) else "",
            answered_at=answered_at,
        )

    def start(self, leg: str | None = None) -> LegStarted:
        """The start of the call as it is told by the leg that was dialled, or before there is one."""
        is_forward = self.direction is Direction.FORWARD
        return LegStarted(
            call_id=self.call,
            direction=self.direction,
            caller=self.caller,
            callee=self.callee,
            line=self.line,
            parent_call_id=self.call.removesuffix(FORWARD_SUFFIX) if is_forward else None,
            control_url=leg,
            session=self.session,
            limit_s=self.limit_s,
        )


_STATE = msgspec.json.Decoder(State)
_encode = msgspec.json.Encoder().encode


def write_state(state: State, key: str) -> str:
    message = _encode(state)
    return b64encode(_proof(message, key) + message).decode()


def read_state(text: str | None, *, session: str, key: str) -> State | None:
    """What we had Telnyx keep; None where there is nothing, or somebody else's, or one of another call."""
    try:
        kept = b64decode(text or "", validate=True)
    except ValueError:
        return None
    proof, message = kept[: sha256().digest_size], kept[sha256().digest_size :]
    if not hmac.compare_digest(_proof(message, key), proof):
        return None
    try:
        state = decode(_STATE, message)
    except MalformedHook:
        return None
    return state if state.session == session else None


def _proof(message: bytes, key: str) -> bytes:
    """HMAC-SHA256 over what nothing else is proven by with this key."""
    return hmac.digest(key.encode(), b"state of a leg:" + message, "sha256")
