"""The bodies of the native contract."""

from decimal import Decimal

import msgspec

from gateway.domain.events import Cause, Direction
from gateway.providers.wire.fields import CallId, CurrencyCode, Instant, PartyText, Seconds, ShortText
from gateway.providers.wire.noted import noted, told_together


class Kind(msgspec.Struct, frozen=True):
    type: ShortText


class Start(msgspec.Struct, frozen=True, kw_only=True):
    call_id: CallId
    direction: Direction
    caller: PartyText | None = None
    callee: PartyText
    line: PartyText | None = None
    parent_call_id: CallId | None = None
    privacy: PartyText | None = None
    at: Instant | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    call_id: CallId
    at: Instant | None = None


class End(msgspec.Struct, frozen=True, kw_only=True):
    call_id: CallId
    answered_at: Instant | None = None
    ended_at: Instant | None = None
    seconds: Seconds | None = None
    cause: Cause = Cause.NORMAL
    cost: Decimal | None = None
    cost_currency: CurrencyCode | None = None
    direction: Direction | None = None
    caller: PartyText | None = None
    callee: PartyText | None = None
    line: PartyText | None = None
    parent_call_id: CallId | None = None
    privacy: PartyText | None = None
    at: Instant | None = None


class Status(End, frozen=True, kw_only=True):
    call_id: CallId = "?"
    live: bool = False


KIND = msgspec.json.Decoder(Kind)
START = msgspec.json.Decoder(Start)
ANSWER = msgspec.json.Decoder(Answer)
END = msgspec.json.Decoder(End)
STATUS = msgspec.json.Decoder(Status)
# The seconds decide. Where neither they nor the two instants are there, when we heard of answer and end does.
NOTED_OF_END = {
    **noted("answered_at", "ended_at", "cause", "cost", "cost_currency", "caller", "privacy", "at"),
    **told_together("direction", "callee", "line", "parent_call_id"),
}
NOTED = noted("at")
