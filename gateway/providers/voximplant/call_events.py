"""What the scenario tells of a call: close variants of the native contract."""

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallAnswered, CallStarted, Direction, Event, Ignored
from gateway.providers.voximplant.control_url import is_control_url
from gateway.providers.voximplant.end import SessionCallId, StartFields, VoximplantEnd, end_event, start_event
from gateway.providers.wire.fields import Instant, PartyText, ShortText, UrlText, check_instant, decode
from gateway.providers.wire.noted import noted, read_json, told_together


class _Kind(msgspec.Struct, frozen=True):
    type: ShortText


class _Start(StartFields, frozen=True, kw_only=True):
    direction: Direction
    callee: PartyText
    control_url: UrlText | None = None


class _Answer(msgspec.Struct, frozen=True, kw_only=True):
    call_id: SessionCallId
    at: Instant | None = None


_KIND = msgspec.json.Decoder(_Kind)
_START = msgspec.json.Decoder(_Start)
_ANSWER = msgspec.json.Decoder(_Answer)
_END = msgspec.json.Decoder(VoximplantEnd)
_NOTED = noted("at", "control_url")
# Without the engine's duration the scenario's own clock tells.
_NOTED_OF_END = {
    **noted("at", "caller", "privacy", "cost", "code", "duration", "ended_by"),
    **told_together("direction", "callee", "line", "parent_call_id"),
}


def read_event(body: bytes, connection: Connection) -> Event:
    """The event of a body that the scenario signed."""
    kind = decode(_KIND, body).type
    match kind:
        case "call.start":
            return read_json(body, _NOTED, lambda known: _start(decode(_START, known), connection.numbers))
        case "call.answer":
            return read_json(body, _NOTED, _answer)
        case "call.end":
            currency, numbers = connection.options.get("currency"), connection.numbers
            return read_json(body, _NOTED_OF_END, lambda known: end_event(decode(_END, known), currency, numbers))
        case _:
            return Ignored(kind=kind)


def _start(body: _Start, numbers: str) -> CallStarted:
    """A start. An address that is none of Voximplant's is left out: such a call cannot be cut, so its hold is whole."""
    if body.control_url is not None and not is_control_url(body.control_url):
        raise MalformedHook("`control_url` is not an address of voximplant.com", "control_url")
    return start_event(body, body.direction, body.callee, numbers=numbers, control_url=body.control_url)


def _answer(body: bytes) -> CallAnswered:
    answer = decode(_ANSWER, body)
    return CallAnswered(call_id=answer.call_id, at=check_instant(answer.at, "at"))
