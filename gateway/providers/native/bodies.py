"""The bodies of the native contract."""

import msgspec

from gateway.domain.events import Cause, Direction
from gateway.providers.wire.fields import (
    NO_AMOUNT,
    Amount,
    CallId,
    CurrencyCode,
    Instant,
    PartyText,
    Seconds,
    ShortText,
)
from gateway.providers.wire.noted import noted, told_together


class NativeKind(msgspec.Struct, frozen=True):
    type: ShortText
    seconds: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET


class NativeStart(msgspec.Struct, frozen=True, kw_only=True):
    call_id: CallId
    direction: Direction
    caller: PartyText | None = None
    callee: PartyText
    line: PartyText | None = None
    parent_call_id: CallId | None = None
    privacy: PartyText | None = None
    at: Instant | None = None


class NativeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    call_id: CallId
    at: Instant | None = None


class NativeEnd(msgspec.Struct, frozen=True, kw_only=True):
    call_id: CallId
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    seconds: Seconds | None = None
    cause: Cause = Cause.NORMAL
    cost: Amount = NO_AMOUNT
    cost_currency: CurrencyCode | None = None
    direction: Direction | None = None
    caller: PartyText | None = None
    callee: PartyText | None = None
    line: PartyText | None = None
    parent_call_id: CallId | None = None
    privacy: PartyText | None = None
    at: Instant | None = None


class Status(NativeEnd, frozen=True, kw_only=True):
    call_id: CallId = "?"
    live: bool = False


KIND = msgspec.json.Decoder(NativeKind)
START = msgspec.json.Decoder(NativeStart)
ANSWER = msgspec.json.Decoder(NativeAnswer)
END = msgspec.json.Decoder(NativeEnd)
STATUS = msgspec.json.Decoder(Status)
# The seconds decide; where they are not there, the two instants do, and without these when we heard of answer and end.
NOTED_OF_END_BY_INSTANTS = {
    **noted("cause", "cost", "cost_currency", "caller", "privacy", "at"),
    **told_together("direction", "callee", "line", "parent_call_id"),
}
NOTED_OF_END = {**NOTED_OF_END_BY_INSTANTS, **noted("answered_at", "ended_at")}
NOTED = noted("at")
