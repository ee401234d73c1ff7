"""The bodies that the kit's routes send: the native contract's, with instants as unix seconds."""

from typing import Annotated

import msgspec

from gateway.domain.events import Direction
from gateway.providers.wire.fields import CallId, PartyText, ShortText
from gateway.providers.wire.noted import noted, told_together

UnixText = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,11}\.[0-9]{6}\Z")]
SipCode = Annotated[int, msgspec.Meta(ge=100, le=699)]


class KamailioKind(msgspec.Struct, frozen=True):
    type: ShortText


class KamailioStart(msgspec.Struct, frozen=True, kw_only=True):
    call_id: CallId
    direction: Direction
    caller: PartyText | None = None
    callee: PartyText
    line: PartyText | None = None
    parent_call_id: CallId | None = None
    privacy: PartyText | None = None
    at: UnixText | None = None


class KamailioAnswer(msgspec.Struct, frozen=True, kw_only=True):
    call_id: CallId
    at: UnixText | None = None


class KamailioEnd(msgspec.Struct, frozen=True, kw_only=True):
    """The start that it repeats is whole, or is none."""

    call_id: CallId
    direction: Direction | None = None
    caller: PartyText | None = None
    callee: PartyText | None = None
    line: PartyText | None = None
    parent_call_id: CallId | None = None
    privacy: PartyText | None = None
    at: UnixText | None = None
    ended_by: ShortText = ""
    sip_code: SipCode | None = None
    answered_at: UnixText | None = None
    ended_at: UnixText


class LiveCall(msgspec.Struct, frozen=True, kw_only=True):
    live: bool = False
    answered_at: UnixText | None = None


KIND = msgspec.json.Decoder(KamailioKind)
START = msgspec.json.Decoder(KamailioStart)
ANSWER = msgspec.json.Decoder(KamailioAnswer)
END = msgspec.json.Decoder(KamailioEnd)
LIVE = msgspec.json.Decoder(LiveCall)
NOTED = noted("at")
NOTED_OF_END = {
    **noted("ended_by", "sip_code", "caller", "privacy", "at"),
    **told_together("direction", "callee", "line", "parent_call_id"),
}
