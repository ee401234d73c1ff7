"""Kamailio, by the kit's configuration: JSON over HTTP, in SIP's own words.

The kit follows the native contract where it can, and leaves to us what a routing script does badly: instants are unix
seconds with a fraction, as texts; parties are the user parts of SIP addresses, in whatever spelling; a call that was
not answered ends with its SIP status. The reply to a start says the callee in E.164: it is dialled as it was priced.

Authenticity: Basic, with the name of the connection and its secret, since Kamailio's `http_connect` keeps its
connection open and sends no header of ours; our own requests carry the secret as a bearer token.

Calls: a call id is the Call-ID and the instant of the INVITE, so that a Call-ID which is used again is another call.
Limit: Kamailio's timer ticks in seconds and cuts up to one second early or late; the gateway cuts at the deadline.
Cut and status are the kit's own route, as `dlg.end_dlg` and `dlg.terminate_dlg` end no ringing call.

Restart: the kit keeps calls that are up, and ends that were not taken, in an SQLite file. A proxy that was killed reads
them when it starts, cuts what should be over, and sends the ends; a call that rang is not connected any more.

Outsiders: who is neither the PBX nor the carrier starts no call, and takes part in one by its tags only. A REFER to the
carrier and a redirection by the PBX are refused, as the carrier would follow them and nobody would have priced them.
The PBX is believed: about the line of a call, and that a BYE which it sends is taken.

Repeats: a start is sent once; answers and ends, until they get a 2xx, for ten seconds at least. An end that was not
taken is kept for 25 hours, and told when its status is asked for or Kamailio starts.
Source: a test-bed of Kamailio 5.6.3 and SIPp 3.6.1 (November 2026); RFC 3261, section 21.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import MalformedHook, ProviderFailed
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction, Event, Ignored
from gateway.domain.phone import WITHHELD
from gateway.numbers.parties import read_parties
from gateway.numbers.withheld import asks_privacy
from gateway.providers.base import (
    CallRef,
    CallStatus,
    Connect,
    HangUp,
    Hook,
    Live,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reject,
    Reply,
    Unknown,
)
from gateway.providers.kamailio.bodies import (
    ANSWER,
    END,
    KIND,
    LIVE,
    NOTED,
    NOTED_OF_END,
    START,
    KamailioEnd,
    KamailioStart,
)
from gateway.providers.wire import control, shapes
from gateway.providers.wire.fields import SECONDS_MAX, check_instant, decode
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.noted import read_json
from gateway.providers.wire.privacy import shows_nobody
from gateway.providers.wire.sip_server import require_basic, shown_caller_id

# What a call that was not answered ended with; all else is a failure.
CAUSES = {
    403: Cause.REJECTED,
    408: Cause.NO_ANSWER,
    480: Cause.NO_ANSWER,
    486: Cause.BUSY,
    487: Cause.CANCELLED,
    600: Cause.BUSY,
    603: Cause.REJECTED,
    607: Cause.REJECTED,
}
# The reason phrase on the wire is SIP's own: why we refuse is nobody's business there.
PHRASES = {
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    433: "Anonymity Disallowed",
    486: "Busy Here",
    487: "Request Terminated",
    503: "Service Unavailable",
}
CONTROL_ADDRESS = "127.0.0.1:8090"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Kamailio:
    name = "kamailio"
    options: Mapping[str, Option] = {
        "listen": Option(shapes.ipv4_and_port, "Where Kamailio listens.", is_required=True),
        "pbx": Option(shapes.ipv4_and_port, "The PBX: calls from there are outbound.", is_required=True),
        "carrier": Option(shapes.ipv4_and_port, "The carrier: calls from there are inbound.", is_required=True),
        "control_url": Option(shapes.http_url, "Where Kamailio takes commands; without it calls are not cut."),
    }
    secrets: Mapping[str, Check] = {"signature": shapes.long_secret}
    decision_type = "application/json"
    can_withhold = True

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        require_basic(hook, connection)

    def parse(self, hook: Hook, connection: Connection) -> Event:
        kind = decode(KIND, hook.body).type
        match kind:
            case "call.start":
                return read_json(hook.body, NOTED, lambda body: _started(decode(START, body), connection.numbers))
            case "call.answer":
                return read_json(hook.body, NOTED, _answered)
            case "call.end":
                return read_json(hook.body, NOTED_OF_END, lambda body: _ended(decode(END, body), connection.numbers))
            case _:
                return Ignored(kind=kind)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        decision: Mapping[str, object] = {}
        match outcome:
            case Connect() if isinstance(event, CallStarted):
                caller_id = WITHHELD if shows_nobody(event, outcome) else shown_caller_id(event, outcome) or ""
                decision = {"action": "connect", "caller_id": caller_id, "callee": event.callee}
                decision |= {"max_seconds": outcome.max_seconds, "identity": outcome.identity}
            case Reject(sip_code=sip_code, reason=reason):
                phrase = PHRASES.get(sip_code, "Rejected")
                decision = {"action": "reject", "sip_code": sip_code, "sip_reason": phrase, "reason": reason}
        return Reply(body=msgspec.json.encode(decision))

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return connection.control_url is not None

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        body = control.encoded(control.hang_up_body(call, reason))
        return control.control_request(connection, body, control.bearer(connection))

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return control.read_hang_up(response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        if connection.control_url is None:
            return None
        body = control.encoded(control.status_body(call))
        return control.control_request(connection, body, control.bearer(connection))

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        if control.says_unknown(response) or response.status in control.NOT_ASKED:
            return Unknown()
        if response.status != 200:
            raise ProviderFailed(f"call.status was answered with {response.status}")
        try:
            live = decode(LIVE, response.body)
            if live.live:
                return Live(answered_at=_instant(live.answered_at, "answered_at"))
            return _ended(decode(END, response.body))
        except MalformedHook as error:
            raise ProviderFailed(f"the reply to call.status cannot be read: {error}") from error

    def kit(self, connection: Connection, *, public_url: str) -> str:
        """The configuration, with what it must know filled in. The secret is not: it comes from the environment."""
        hook = urlsplit(f"{public_url}/hooks/{connection.name}")
        address = urlsplit(connection.control_url or f"http://{CONTROL_ADDRESS}/control")
        values = {
            "name": connection.name,
            "hook_url": hook.geturl(),
            "scheme": hook.scheme,
            "server": hook.netloc,
            "hook": hook.path,
            "control_address": address.netloc if address.port else f"{address.netloc}:80",
            "control_path": address.path or "/",
            **connection.options,
        }
        return fill_kit(__package__, "kit.cfg", values)


def _started(body: KamailioStart, numbers: str) -> CallStarted:
    """A start; without a line it is the caller's of an outbound or forwarded call, the callee's of an inbound one."""
    if body.direction is Direction.FORWARD and body.parent_call_id is None:
        raise MalformedHook("a forwarded call needs `parent_call_id`", "parent_call_id")
    parties = read_parties(
        body.direction,
        caller=body.caller,
        callee=body.callee,
        line=body.line,
        numbers=numbers,
        is_private=asks_privacy(body.privacy),
    )
    return CallStarted(
        call_id=body.call_id,
        direction=body.direction,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
        parent_call_id=body.parent_call_id,
        at=_instant(body.at, "at"),
    )


def _answered(body: bytes) -> CallAnswered:
    answer = decode(ANSWER, body)
    return CallAnswered(call_id=answer.call_id, at=_instant(answer.at, "at"))


def _told(body: KamailioEnd, numbers: str) -> CallStarted | None:
    """The start that an end repeats, where its fields are all there."""
    if body.direction is None or body.callee is None:
        return None
    return _started(msgspec.convert(body, KamailioStart, from_attributes=True), numbers)


def _ended(body: KamailioEnd, numbers: str = "") -> CallEnded:
    """An end. The two instants of an answered call are of one clock; they tell what is charged.

    A call that was cut because its seconds had run out is charged those: what is beyond is the time that the cut took.
    """
    answered_at, ended_at = _instant(body.answered_at, "answered_at"), _instant(body.ended_at, "ended_at")
    cause, seconds = Cause.NORMAL, None
    if answered_at is None or ended_at is None:
        cause, seconds = CAUSES.get(body.sip_code or 0, Cause.FAILED), 0
    elif body.ended_by in ("limit", "credit"):
        cause, seconds = Cause.LIMIT, min(max(0, (ended_at - answered_at) // timedelta(seconds=1)), SECONDS_MAX)
    return CallEnded(
        call_id=body.call_id,
        cause=cause,
        answered_at=answered_at,
        ended_at=ended_at,
        seconds=seconds,
        start=_told(body, numbers),
    )


def _instant(text: str | None, field: str) -> datetime | None:
    """Unix seconds and microseconds."""
    if text is None:
        return None
    seconds, _, fraction = text.partition(".")
    return check_instant(_EPOCH + timedelta(seconds=int(seconds), microseconds=int(fraction)), field)
