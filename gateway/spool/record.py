"""A record of the spool: one call event, as a line of JSON."""

from datetime import datetime
from typing import assert_never

import msgspec

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted

RecordedEvent = CallStarted | CallAnswered | CallEnded | CallHinted
# A call by its connection and its id there.
Call = tuple[str, str]


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event. `allowed_s` and `replied`: how a start was connected without the database.

    `refused`: a start that was refused with `replied`, though it may be on record otherwise.
    """

    connection: str
    received_at: datetime
    started: CallStarted | None = None
    answered: CallAnswered | None = None
    ended: CallEnded | None = None
    hinted: CallHinted | None = None
    allowed_s: int | None = None
    replied: bytes | None = None
    refused: CallStarted | None = None

    @property
    def event(self) -> RecordedEvent | None:
        """The event; None where a version that knows more kinds of them wrote it."""
        return self.started or self.refused or self.answered or self.ended or self.hinted

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls whose later events come after this one: its own, and the one that a forwarded call came in by."""
        if self.event is None:
            return ()
        own = (self.connection, self.event.call_id)
        start = self.started or self.refused
        if start is None or start.parent_call_id is None:
            return (own,)
        return own, (self.connection, start.parent_call_id)


def record_of(connection: str, event: CallAnswered | CallEnded | CallHinted, received_at: datetime) -> Record:
    """The record of an event that follows a start."""
    match event:
        case CallAnswered():
            return Record(connection=connection, received_at=received_at, answered=event)
        case CallEnded():
            return Record(connection=connection, received_at=received_at, ended=event)
        case CallHinted():
            return Record(connection=connection, received_at=received_at, hinted=event)
        case _ as never:
            assert_never(never)


_encoder = msgspec.json.Encoder(decimal_format="string")
_decoder = msgspec.json.Decoder(Record)


def line_of(record: Record) -> bytes:
    return _encoder.encode(record) + b"\n"


def read_record(line: bytes) -> Record | None:
    """The record of a line; None if it is none that this version understands."""
    try:
        record = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return None if record.event is None else record
