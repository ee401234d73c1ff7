"""What the webhooks mean that Twilio sends, and those who speak a dialect of its TwiML.

A call of ours is the first leg (its CallSid); what it is charged by is the leg we let it dial, which is reported in two
ways: by the status callback of that leg, and by the request to the `action` of `<Dial>`. Both URLs are ours, and carry
the fields of the start (see `callbacks`).

Sources: Twilio's pages on `<Dial>`, SIP and the Call resource (2026); SignalWire's on cXML (2026-08).
"""

from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, Cause, Event, Ignored
from gateway.providers.twiml.documents import Dialect
from gateway.providers.twiml.rest import CAUSES
from gateway.providers.wire.callbacks import call_id_of, forwarded, is_forward, started, told_start
from gateway.providers.wire.fields import check_seconds
from gateway.providers.wire.forms import Form
from gateway.providers.wire.noted import noted, read_form

_DIAL_CAUSES = {**CAUSES, "answered": Cause.NORMAL}


# What comes about a call and neither starts nor ends it: each says something that no other hook does.
_OTHER_KINDS = (
    "RecordingSid",
    "RecordingStatus",
    "RecordingUrl",
    "TranscriptionSid",
    "TranscriptionEvent",
    "ConferenceSid",
    "QueueSid",
    "StreamSid",
    "StreamEvent",
    "SiprecSid",
    "MessageSid",
    "MessageStatus",
    "SmsSid",
    "FaxSid",
    "PaymentSid",
    "AnsweredBy",
    "Digits",
    "SpeechResult",
    "PayloadType",
)
_PROGRESS = "call-progress-events"


def read(fields: Form, query: Form, *, dialect: Dialect, default_line: str | None, numbers: str = "") -> Event:
    """The event of a hook with these fields, whose URL has this query."""

    def read_it(fields: Form) -> Event:
        return _read(fields, query, dialect, default_line, numbers)

    return read_form(fields, noted("Timestamp", dialect.sip_code), read_it)


def _read(fields: Form, query: Form, dialect: Dialect, default_line: str | None, numbers: str) -> Event:
    other = _other_kind(fields)
    if other is not None:
        return Ignored(kind=other)
    dial_status = fields.get("DialCallStatus")
    if dial_status is not None:
        return _dial_ended(dial_status, fields, query, dialect)
    status = fields.require("CallStatus")
    if fields.get("ParentCallSid"):
        return _dialled_leg(status, fields, query, dialect)
    if fields.has("CallbackSource", "SequenceNumber") or status in CAUSES:
        return _first_leg(status, fields, query, dialect)
    if is_forward(query):
        return forwarded(_sid(fields, "CallSid", dialect), fields.get("From"), query, numbers=numbers)
    if status != "ringing":
        return Ignored(kind=f"CallStatus {status}")
    first_leg = _sid(fields, "CallSid", dialect)
    return started(
        first_leg, fields, query, line_header=dialect.line_header, default_line=default_line, numbers=numbers
    )


def _other_kind(fields: Form) -> str | None:
    """What a hook is about that is none of ours: a recording, a conference, what a call cost."""
    source = fields.get("CallbackSource")
    if source is not None and source != _PROGRESS:
        return f"CallbackSource {source}"
    if fields.get("DialCallStatus") is not None or fields.get("ParentCallSid"):
        return None
    return next((f"hook with {name}" for name in _OTHER_KINDS if fields.has(name)), None)


def _dial_ended(status: str, fields: Form, query: Form, dialect: Dialect) -> Event:
    """`<Dial>` is over: its request asks what next, and tells the figures of the dialled leg.

    Without the figures (the leg was redirected) it is a hint only.
    """
    sid = _sid(fields, "CallSid", dialect)
    cause = _DIAL_CAUSES.get(status)
    if cause is None:
        return Ignored(kind=f"DialCallStatus {status}")
    duration = fields.get("DialCallDuration") if cause is Cause.NORMAL else "0"
    if duration is None:
        return CallHinted(call_id=call_id_of(sid, query))
    return _ended(sid, cause, check_seconds(duration, "DialCallDuration"), fields=fields, query=query, dialect=dialect)


def _dialled_leg(status: str, fields: Form, query: Form, dialect: Dialect) -> Event:
    """The status callback of the leg we let the call dial: its seconds are the call's."""
    sid = _sid(fields, "ParentCallSid", dialect)
    if status == "in-progress":
        return CallAnswered(call_id=call_id_of(sid, query), at=dialect.instant(fields.get("Timestamp"), "Timestamp"))
    cause = CAUSES.get(status)
    if cause is None:
        return Ignored(kind=f"CallStatus {status}")
    if cause is not Cause.NORMAL:
        rejected = cause is Cause.FAILED and fields.get(dialect.sip_code) == "603"
        return _ended(sid, Cause.REJECTED if rejected else cause, 0, fields=fields, query=query, dialect=dialect)
    # Twilio's `Duration` is in minutes rounded up, `CallDuration` in seconds.
    return _ended(
        sid,
        cause,
        check_seconds(fields.require("CallDuration"), "CallDuration"),
        fields=fields,
        query=query,
        dialect=dialect,
    )


def _first_leg(status: str, fields: Form, query: Form, dialect: Dialect) -> Event:
    """The status callback of the first leg, told by the number: its seconds are not those to charge.

    Not answered, it dialled nobody who was. Completed, the status of the call is asked for. It is not on a URL of a
    dialled leg, so one without its parent there is a fault.
    """
    if query.get("leg") is not None:
        _sid(fields, "ParentCallSid", dialect)
    sid = _sid(fields, "CallSid", dialect)
    cause = CAUSES.get(status)
    if cause is None:
        return Ignored(kind=f"CallStatus {status}")
    if cause is Cause.NORMAL:
        return CallHinted(call_id=sid)
    return _ended(sid, cause, 0, fields=fields, query=query, dialect=dialect)


def _ended(sid: str, cause: Cause, seconds: int, *, fields: Form, query: Form, dialect: Dialect) -> CallEnded:
    return CallEnded(
        call_id=call_id_of(sid, query),
        cause=cause,
        ended_at=dialect.instant(fields.get("Timestamp"), "Timestamp"),
        seconds=seconds,
        start=told_start(sid, query),
    )


def _sid(fields: Form, name: str, dialect: Dialect) -> str:
    sid = fields.require(name)
    if not dialect.is_call_id(sid):
        raise MalformedHook(f"`{name}` is not the id of a call", name)
    return sid
