"""What processes that serve together say to each other: events one way, what became of them the other."""

from datetime import datetime
from typing import Final, assert_never

import msgspec

from gateway.domain.calls.decision import Decision, Granted, Refused
from gateway.providers.base import Acknowledged, Charged
from gateway.spool.record import Record
from gateway.usecases.calls.ends.end_request import EndResult, NeedsStart
from gateway.usecases.calls.starts.start_request import ConnectedUnrecorded, Decided, Repeated, StartResult


class _Said(msgspec.Struct, frozen=True, array_like=True):
    """What the leader says; its kind goes along."""


class SaidConnected(_Said, tag="connected", frozen=True, array_like=True):
    reply: bytes
    decision: Granted
    account_id: int | None


class SaidRejected(_Said, tag="rejected", frozen=True, array_like=True):
    reply: bytes
    decision: Refused
    account_id: int | None


class SaidRepeated(_Said, tag="again", frozen=True, array_like=True):
    """A start that is on record already."""

    reply: bytes


class SaidUnrecorded(_Said, tag="unrecorded", frozen=True, array_like=True):
    """A start that was connected without the database."""

    reply: bytes


class SaidBooked(_Said, tag="booked", frozen=True, array_like=True):
    charged: Charged


class SaidTaken(_Said, tag="taken", frozen=True, array_like=True):
    """What follows a start, and charges nothing now."""


class SaidMalformed(_Said, tag="malformed", frozen=True, array_like=True):
    """An event that cannot be recorded for what it says itself."""

    message: str
    field: str


class Yourself(_Said, tag="yourself", frozen=True, array_like=True):
    """The leader cannot say: whoever asked sees to it, as if there were no leader."""


class Time(_Said, tag="time", frozen=True, array_like=True):
    """The leader's clock, and what `steady_s` was then, which is the same in all processes of a machine."""

    now: datetime
    steady_s: float


Result = (
    SaidConnected | SaidRejected | SaidRepeated | SaidUnrecorded | SaidBooked | SaidTaken | SaidMalformed | Yourself
)
# A frame is what was said in one turn of an event loop; each event has a number, by which its result is known.
Events = list[tuple[int, Record]]
Results = list[tuple[int, Result | Time]]
# Of a frame without events: whoever asks wants to know that somebody is there.
ANYBODY: Final = 0

_encoder: Final = msgspec.msgpack.Encoder(decimal_format="string")
_events: Final = msgspec.msgpack.Decoder(Events)
_results: Final = msgspec.msgpack.Decoder(Results)

encode: Final = _encoder.encode
read_events: Final = _events.decode
read_results: Final = _results.decode


def said_of_start(result: StartResult) -> Result:
    match result:
        case Decided():
            return _said_of(result.decision, result)
        case Repeated():
            return SaidRepeated(result.reply)
        case ConnectedUnrecorded():
            return SaidUnrecorded(result.reply)
        case _ as never:
            assert_never(never)


def _said_of(decision: Decision, result: Decided) -> Result:
    match decision:
        case Granted():
            return SaidConnected(result.reply, decision, result.account_id)
        case Refused():
            return SaidRejected(result.reply, decision, result.account_id)
        case _ as never:
            assert_never(never)


def said_of_end(result: EndResult) -> Result:
    match result:
        case Charged():
            return SaidBooked(result)
        case Acknowledged() | NeedsStart():
            return SaidTaken()
        case _ as never:
            assert_never(never)


def start_result(said: Result) -> StartResult | None:
    """What a start was told; None where the leader does not say."""
    match said:
        case SaidConnected() | SaidRejected():
            return Decided(reply=said.reply, decision=said.decision, account_id=said.account_id)
        case SaidRepeated():
            return Repeated(reply=said.reply)
        case SaidUnrecorded():
            return ConnectedUnrecorded(reply=said.reply)
        case SaidBooked() | SaidTaken() | SaidMalformed() | Yourself():
            return None
        case _ as never:
            assert_never(never)


def end_result(said: Result) -> EndResult | None:
    """What became of an event that follows a start; None where the leader does not say."""
    match said:
        case SaidBooked():
            return said.charged
        case SaidTaken():
            return Acknowledged()
        case SaidConnected() | SaidRejected() | SaidRepeated() | SaidUnrecorded() | SaidMalformed() | Yourself():
            return None
        case _ as never:
            assert_never(never)
