"""What the events of Telnyx' Call Control mean.

Sources: telnyx-python 4.189 (`types/call_*.py`), Telnyx' page on voice webhooks (knowledge base of 2026-04).
"""

from datetime import datetime
from typing import Annotated

import msgspec

from gateway.domain.calls.settlement import NOT_ANSWERED
from gateway.domain.connection import Connection
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, Cause, Direction, Event, Ignored
from gateway.numbers.parties import read_parties
from gateway.numbers.withheld import asks_privacy
from gateway.providers.telnyx.rest import CALL_ID, dials_out
from gateway.providers.telnyx.state import LegStarted, State, read_state
from gateway.providers.wire.fields import Instant, PartyText, ShortText, check_instant, decode, require_printable
from gateway.providers.wire.noted import noted, read_json

_LegId = Annotated[str, msgspec.Meta(pattern=rf"^{CALL_ID.pattern}\Z")]
_HeaderText = Annotated[str, msgspec.Meta(max_length=4096)]

_CAUSES = {
    "normal_clearing": Cause.NORMAL,
    "time_limit": Cause.LIMIT,
    "user_busy": Cause.BUSY,
    "timeout": Cause.NO_ANSWER,
    "no_answer": Cause.NO_ANSWER,
    "originator_cancel": Cause.CANCELLED,
    "call_rejected": Cause.REJECTED,
    "not_found": Cause.FAILED,
}
# Longer than any state of ours.
_STATE_MAX = 4096
_PRIVACY = frozenset({"privacy", "x-privacy"})
# Causes that a leg may have which was answered; `unspecified`, and what we never heard of, are taken for the first.
_MAYBE_ANSWERED = frozenset({Cause.NORMAL, Cause.LIMIT})


class _Header(msgspec.Struct, frozen=True):
    name: ShortText
    value: _HeaderText


class _Initiated(msgspec.Struct, frozen=True, kw_only=True):
    call_control_id: _LegId
    caller: PartyText | None = msgspec.field(default=None, name="from")
    callee: PartyText | None = msgspec.field(default=None, name="to")
    direction: ShortText
    connection_id: ShortText | None = None
    call_session_id: ShortText = ""
    client_state: object = None
    sip_headers: tuple[_Header, ...] | None = None
    custom_headers: tuple[_Header, ...] | None = None

    @property
    def is_private(self) -> bool:
        """Whether the caller asks not to be shown."""
        headers = (*(self.sip_headers or ()), *(self.custom_headers or ()))
        return any(asks_privacy(each.value) for each in headers if each.name.lower() in _PRIVACY)


class _Changed(msgspec.Struct, frozen=True, kw_only=True):
    call_control_id: _LegId
    call_session_id: ShortText = ""
    client_state: object = None
    hangup_cause: ShortText = "unspecified"


class _Kind(msgspec.Struct, frozen=True):
    event_type: ShortText


class _Start(msgspec.Struct, frozen=True):
    payload: _Initiated
    occurred_at: Instant


class _Change(msgspec.Struct, frozen=True):
    payload: _Changed
    occurred_at: Instant


class _KindHook(msgspec.Struct, frozen=True):
    data: _Kind


class _StartHook(msgspec.Struct, frozen=True):
    data: _Start


class _ChangeHook(msgspec.Struct, frozen=True):
    data: _Change


_KIND = msgspec.json.Decoder(_KindHook)
_START = msgspec.json.Decoder(_StartHook)
_CHANGE = msgspec.json.Decoder(_ChangeHook)
_NOTED_OF_CHANGE = noted("hangup_cause")


def read(body: bytes, connection: Connection) -> Event:
    kind, key = decode(_KIND, body).data.event_type, connection.options["api_key"]
    match kind:
        case "call.initiated":
            start = decode(_START, body).data
            return _initiated(start.payload, check_instant(start.occurred_at, "occurred_at"), connection)
        case "call.answered" | "call.hangup":
            return read_json(body, _NOTED_OF_CHANGE, lambda body: _changed(kind, body, key))
        case _:
            return Ignored(kind=kind)


def _changed(kind: str, body: bytes, key: str) -> Event:
    change = decode(_CHANGE, body).data
    at = check_instant(change.occurred_at, "occurred_at")
    leg, state = change.payload, _state(change.payload, key)
    return _answered(leg, state, at) if kind == "call.answered" else _hung_up(leg, state, at)


def _initiated(leg: _Initiated, at: datetime | None, connection: Connection) -> Event:
    """A leg that nobody of us made wants to be connected; those we made were decided about before.

    A call of the connection that our own users dial out by is outbound, whatever its direction is called there. Other
    outgoing legs are not ours.
    """
    options = connection.options
    if _state(leg, options["api_key"]) is not None:
        return Ignored(kind="call.initiated of a leg we dialled")
    require_printable(leg.caller or "", "from")
    callee = leg.callee or ""
    require_printable(callee, "to")
    if dials_out(leg.connection_id, options):
        direction, line = Direction.OUTBOUND, options.get("default_line")
    elif leg.direction == "incoming":
        direction, line = Direction.INBOUND, None
    else:
        return Ignored(kind=f"call.initiated {leg.direction}")
    parties = read_parties(
        direction,
        caller=leg.caller,
        callee=callee,
        line=line,
        numbers=connection.numbers,
        is_private=leg.is_private,
    )
    return LegStarted(
        call_id=leg.call_control_id,
        direction=direction,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
        at=at,
        session=leg.call_session_id,
    )


def _answered(leg: _Changed, state: State | None, at: datetime | None) -> Event:
    """The answer of the leg that we dialled, or of the first: Telnyx answers that one when it bridges them."""
    if state is None or state.is_transferred:
        return CallAnswered(call_id=leg.call_control_id, at=at)
    return CallAnswered(call_id=state.call, at=at, start=state.start(leg.call_control_id))


def _hung_up(leg: _Changed, state: State | None, at: datetime | None) -> Event:
    """The end of the leg that we dialled ends the call; that of a first leg which was not transferred is a hint."""
    if state is None:
        return CallHinted(call_id=leg.call_control_id)
    if state.is_transferred:
        return Ignored(kind="call.hangup of a leg we transferred")
    cause = _CAUSES.get(leg.hangup_cause, Cause.NORMAL)
    answered_at = check_instant(state.answered_at, "client_state.answered_at")
    if answered_at is None and cause in _MAYBE_ANSWERED:
        return CallHinted(call_id=state.call)
    return CallEnded(
        call_id=state.call,
        # A leg that carries its answer was answered, whatever it was hung up with.
        cause=Cause.NORMAL if answered_at is not None and cause in NOT_ANSWERED else cause,
        answered_at=answered_at,
        ended_at=at,
        seconds=0 if answered_at is None else None,
        start=state.start(leg.call_control_id),
    )


def _state(leg: _Initiated | _Changed, key: str) -> State | None:
    """What we had Telnyx keep; a user's own app may have it keep anything."""
    text = leg.client_state
    if not isinstance(text, str) or len(text) > _STATE_MAX:
        return None
    return read_state(text, session=leg.call_session_id, key=key)
