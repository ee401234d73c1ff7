"""Plivo: webhooks as forms, decisions as Plivo XML.

A call of ours is the first leg (its CallUUID, in Dial's own requests DialALegUUID); what it is charged by is the leg we
let it dial, whose figures come to `callbackUrl` of `<Dial>` only. The `action` of `<Dial>` has none, and the hangup URL
has the first leg's: where somebody answered, both are hints, and the status of the call is asked for. The times in
webhooks say no time zone, so none is believed. A forwarded call is one call of Plivo's with its incoming call: that is
redirected to a URL of ours, whose request asks for the second decision (R13). Whether a call can still be refused
unanswered after that is not documented.

Repeats: Plivo repeats what could not be connected or timed out once, and what our URLs' fragments ask for; see
`plivo_xml.RETRY`. Without a hangup URL the hangup comes to the answer URL.
Sources: Plivo's pages on XML requests, `<Dial>`, `<Hangup>`, calls and callback configurations (2026); the values of
DialAction and the fields of its requests as seen in programs that take them.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from urllib.parse import unquote

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Event, Ignored
from gateway.domain.money import read_decimal
from gateway.providers.base import (
    CallRef,
    CallStatus,
    Connect,
    HangUp,
    Hook,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reject,
    Reply,
)
from gateway.providers.plivo import documents, rest
from gateway.providers.plivo.rest import CAUSES
from gateway.providers.plivo.signing import require_signature
from gateway.providers.wire import shapes
from gateway.providers.wire.callbacks import call_id_of, forwarded, is_forward, started, told_start
from gateway.providers.wire.fields import UUID, check_cost, check_seconds
from gateway.providers.wire.forms import Form, query_of, read_pairs
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.markup import document, element
from gateway.providers.wire.noted import noted, read_form
from gateway.providers.wire.options import DEFAULT_LINE, TEST_API_URL, inbound_to

# How a first leg ends, and how a Dial does.
_STATUSES = {
    "completed": Cause.NORMAL,
    "busy": Cause.BUSY,
    "no-answer": Cause.NO_ANSWER,
    "timeout": Cause.NO_ANSWER,  # nobody answered within the ring time
    "cancel": Cause.CANCELLED,  # without the -led
    "failed": Cause.FAILED,
}
# Hang-ups of legs that were answered (programmable.md, 3.3 and Appendix B): normal, the end of the XML, by the API.
_NORMAL_CODES = frozenset({"4000", "4010", "4020"})
_NOTED_OF_LEG = noted("DialBLegTotalCost")
# What the events are called that start and end calls; others have names of their own, or say what none of ours does.
_EVENTS = frozenset({"", "StartApp", "Hangup", "Ring", "Redirect"})
_OTHER_KINDS = (
    "ConferenceAction",
    "RecordUrl",
    "RecordingID",
    "MessageUUID",
    "Digits",
    "InputType",
    "Speech",
    "Machine",
    "StreamID",
    "TranscriptionID",
)


class Plivo:
    name = "plivo"
    options: Mapping[str, Option] = {
        "auth_id": Option(shapes.token, "The account or sub-account that the numbers are of.", is_required=True),
        "inbound_to": inbound_to(is_required=True),
        "default_line": DEFAULT_LINE,
        "api_url": TEST_API_URL,
    }
    secrets: Mapping[str, Check] = {"signature": shapes.token}
    decision_type = "text/xml"
    can_withhold = False

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        require_signature(hook, connection.secrets)

    def parse(self, hook: Hook, connection: Connection) -> Event:
        asked = read_pairs(query_of(hook.url))
        fields = Form(asked if hook.method == "GET" else read_pairs(hook.body))
        query = Form([(name, unquote(value)) for name, value in asked])
        other = _other_kind(fields)
        if other is not None:
            return Ignored(kind=other)
        action = fields.get("DialAction")
        if action is not None:
            return read_form(fields, _NOTED_OF_LEG, lambda form: _dialled_leg(action, form, query))
        dial_status = fields.get("DialStatus")
        if dial_status is not None:
            return _over(dial_status, _uuid(fields, "DialALegUUID"), query)
        status = fields.require("CallStatus")
        first_leg = _uuid(fields, "CallUUID")
        event = fields.get("Event")
        if event == "Hangup" or status in _STATUSES:
            return _over(status, first_leg, query)
        if is_forward(query):
            return forwarded(first_leg, fields.get("From"), query, numbers=connection.numbers)
        is_asked = event == "StartApp" or (event is None and status == "ringing")
        if not is_asked or fields.get("Direction") == "outbound":  # a call that somebody made by the API
            return Ignored(kind=f"CallStatus {status}")
        default_line = connection.options.get("default_line")
        return started(
            first_leg,
            fields,
            query,
            line_header="X-PH-Line",
            default_line=default_line,
            numbers=connection.numbers,
        )

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """A decision; whatever is no start is not asked for one, and its reply is not executed."""
        if isinstance(event, CallStarted) and isinstance(outcome, Connect):
            hook_url = f"{public_url}/hooks/{connection.name}"
            verb = documents.connect(event, outcome, hook_url, connection.options["inbound_to"])
        else:
            verb = documents.hang_up(outcome.sip_code if isinstance(outcome, Reject) else 500)
        return Reply(content_type=self.decision_type, body=document(element("Response", {}, verb)))

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return True

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        return rest.hang_up(connection, call)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return rest.read_hang_up(response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        return rest.ask_status(connection, call)

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return rest.read_status(response, call)

    def ask_rest(self, connection: Connection, call: CallRef, now: datetime) -> Sequence[ProviderRequest]:
        return rest.ask_first_leg(connection, call)

    def read_rest(self, response: ProviderResponse, call: CallRef, now: datetime) -> CallStatus:
        return rest.read_first_leg(response, call, now)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        values = {
            "name": connection.name,
            "auth_id": connection.options["auth_id"],
            "hook_url": f"{public_url}/hooks/{connection.name}",
            "retry": documents.RETRY,
            "inbound_to": connection.options["inbound_to"],
            "default_line": connection.options.get("default_line", "none"),
        }
        return fill_kit(__package__, "kit.txt", values)


def _other_kind(fields: Form) -> str | None:
    """What a hook is about that is none of ours: a recording, a conference, keys that were pressed."""
    if fields.has("DialAction", "DialStatus"):
        return None
    event = fields.get("Event") or ""
    if event not in _EVENTS:
        return f"Event {event}"
    return next((f"hook with {name}" for name in _OTHER_KINDS if fields.has(name)), None)


def _dialled_leg(action: str, fields: Form, query: Form) -> Event:
    """What the leg we let the call dial does: it rings and is `answer`ed, `connected` to the first one, and hung up.

    Seconds are charged where the cause says that somebody talked. Seconds of a leg that ended otherwise, and an end
    that says neither, are a hint: Plivo is asked.
    """
    first_leg = _uuid(fields, "DialALegUUID")
    if action in ("answer", "connected"):
        return CallAnswered(call_id=call_id_of(first_leg, query))
    if action != "hangup":
        return Ignored(kind=f"DialAction {action}")
    code, name = fields.get("DialBLegHangupCauseCode") or "", fields.get("DialBLegHangupCause") or ""
    unanswered = CAUSES.get(code) or CAUSES.get(name)
    is_normal = code in _NORMAL_CODES or name == "NORMAL_CLEARING"
    duration = fields.get("DialBLegDuration") or None
    # `DialBLegBillDuration` is rounded up. A leg that nobody answered may have no figure at all.
    seconds = None if duration is None else check_seconds(duration, "DialBLegDuration")
    is_clear = is_normal and unanswered is None
    if (seconds is None and (is_normal or unanswered is None)) or (seconds and not is_clear):
        return CallHinted(call_id=call_id_of(first_leg, query))
    return CallEnded(
        call_id=call_id_of(first_leg, query),
        cause=unanswered or (Cause.NORMAL if is_normal else Cause.FAILED),
        seconds=seconds or 0,
        cost=_cost(fields.get("DialBLegTotalCost")),
        start=told_start(first_leg, query),
    )


def _over(status: str, first_leg: str, query: Form) -> Event:
    """The Dial is over, or the first leg; with nobody talking to it, that is the end of the call."""
    cause = _STATUSES.get(status)
    if cause is None:
        return Ignored(kind=f"status {status}")
    call_id = call_id_of(first_leg, query)
    if cause is Cause.NORMAL:
        return CallHinted(call_id=call_id)
    return CallEnded(call_id=call_id, cause=cause, seconds=0, start=told_start(first_leg, query))


def _cost(text: str | None) -> Decimal | None:
    """What the leg costs us; in which currency is said nowhere."""
    if not text:
        return None
    cost = read_decimal(text)
    if cost is None:
        raise MalformedHook("`DialBLegTotalCost` is not an amount", "DialBLegTotalCost")
    return check_cost(cost, "DialBLegTotalCost")


def _uuid(fields: Form, name: str) -> str:
    text = fields.require(name)
    if UUID.fullmatch(text) is None:
        raise MalformedHook(f"`{name}` is not the id of a call", name)
    return text
