"""Twilio Programmable Voice: webhooks as forms, decisions as TwiML.

A call of ours is the first leg (its CallSid); what it is charged by is the leg we let it dial, which Twilio reports
in two ways: by the status callback of that leg, and by the request to the `action` of `<Dial>`. Both URLs are ours,
so they carry the fields of the start, signed with the rest of the URL: an end whose start was lost can be charged
exactly (R21), whatever number the call was routed by. A forwarded call has the id of its incoming call and
`:forward`: the incoming call is redirected to a URL of ours, whose request asks for the second decision (R13).

Repeats: Twilio repeats what could not be connected once, and what our URLs' fragments ask for; see `twiml.RETRY`.
Sources: Twilio's pages on webhook security, `<Dial>`, SIP, the Call resource and connection overrides (2026);
`request_validator.py` of twilio-python 9.13.
"""

from collections.abc import Mapping
from datetime import datetime
from importlib.resources import files
from string import Template
from urllib.parse import unquote

from gateway.domain.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import BadSignature, MalformedHook
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Event, Ignored
from gateway.providers import twilio_rest, twiml
from gateway.providers.base import (
    CallRef,
    Connect,
    Fate,
    HangUp,
    Hook,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reject,
    Reply,
)
from gateway.providers.fields import check_seconds, number
from gateway.providers.forms import Form, query_of, read_pairs
from gateway.providers.markup import document, element
from gateway.providers.twilio_rest import CAUSES, FORWARD_SUFFIX, instant, is_sid
from gateway.providers.twilio_signing import require_signature

_DIAL_CAUSES = {**CAUSES, "answered": Cause.NORMAL}
# What dials out comes from one of these; Twilio calls it inbound all the same, seen from its side.
_OWN_USERS = ("sip:", "sips:", "client:", "sim:")


class Twilio:
    name = "twilio"
    options: Mapping[str, bool] = {"account_sid": True, "inbound_to": False, "default_line": False, "api_url": False}
    decision_type = "text/xml"

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        pairs = require_signature(hook, connection.secrets)
        if Form(pairs).get("AccountSid") != connection.options["account_sid"]:
            raise BadSignature("the hook is not of this connection's account")

    def parse(self, hook: Hook, connection: Connection) -> Event:
        query = Form(read_pairs(query_of(hook.url)))
        fields = query if hook.method == "GET" else Form(read_pairs(hook.body))
        dial_status = fields.get("DialCallStatus")
        if dial_status is not None:
            return _dial_ended(dial_status, fields, query)
        status = fields.require("CallStatus")
        if fields.get("ParentCallSid"):
            return _dialled_leg(status, fields, query)
        if fields.get("CallbackSource") is not None or status in CAUSES:
            return _first_leg(status, fields, query)
        if query.get("leg") == Direction.FORWARD:
            return _forward(fields, query)
        if status != "ringing":
            return Ignored(kind=f"CallStatus {status}")
        return _start(fields, query, connection.options.get("default_line"))

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """A decision, or the end of the call: whatever asks after that, there is nothing left to do.

        A status callback does not need a document, and does not mind one; the `action` of `<Dial>` must have one, or
        the first leg stays up.
        """
        if not isinstance(event, CallStarted):
            told = element("Hangup", {})
        elif isinstance(outcome, Connect):
            hook_url = f"{public_url}/hooks/{connection.name}"
            inbound_to = connection.options.get("inbound_to", twiml.INBOUND_TO)
            told = twiml.connect(event, outcome, hook_url, inbound_to)
        else:
            told = twiml.reject(outcome.sip_code if isinstance(outcome, Reject) else 500)
        return Reply(content_type=self.decision_type, body=document(element("Response", {}, told)))

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return True

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        return twilio_rest.hang_up(connection, call)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return twilio_rest.read_hang_up(response)

    def ask_fate(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        return twilio_rest.ask_fate(connection, call)

    def read_fate(self, response: ProviderResponse, call: CallRef) -> Fate:
        return twilio_rest.read_fate(response, call)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        text = files("gateway").joinpath("kits/twilio.txt").read_text(encoding="utf-8")
        return Template(text).substitute(
            name=connection.name,
            account_sid=connection.options["account_sid"],
            hook_url=f"{public_url}/hooks/{connection.name}",
            retry=twiml.RETRY,
            inbound_to=connection.options.get("inbound_to", f"{twiml.INBOUND_TO} (the default)"),
            default_line=connection.options.get("default_line", "none"),
        )


def _start(fields: Form, query: Form, default_line: str | None) -> CallStarted:
    """A call that an own user dials out with is recognised by where it comes from, all others are inbound.

    The line of an outbound call is said by our URL, else by the header X-Line of the SIP INVITE, else by the
    connection, else it is the user's own name.
    """
    call_id = _sid(fields, "CallSid")
    caller = fields.get("From")
    if caller is None:
        raise MalformedHook("`From` is missing", "From")
    callee = _party(fields.require("To"))
    if not callee:
        raise MalformedHook("`To` names nobody", "To")
    if not caller.lower().startswith(_OWN_USERS):
        return CallStarted(
            call_id=call_id, direction=Direction.INBOUND, caller=_party(caller), callee=callee, line=callee
        )
    line = query.get("line") or fields.get("SipHeader_X-Line") or default_line or _party(caller)
    return CallStarted(
        call_id=call_id, direction=Direction.OUTBOUND, caller=_party(caller), callee=callee, line=number(line)
    )


def _forward(fields: Form, query: Form) -> CallStarted:
    """The second decision about an incoming call, asked for by the `<Redirect>` that was the first one's reply."""
    parent = _sid(fields, "CallSid")
    return CallStarted(
        call_id=parent + FORWARD_SUFFIX,
        direction=Direction.FORWARD,
        caller=_party(fields.get("From") or ""),
        callee=number(query.require("callee")),
        line=number(query.require("line")),
        parent_call_id=parent,
    )


def _dial_ended(status: str, fields: Form, query: Form) -> Event:
    """`<Dial>` is over: its request asks what next, and tells the figures of the dialled leg.

    Without the figures (the leg was redirected) it is a hint only.
    """
    sid = _sid(fields, "CallSid")
    cause = _DIAL_CAUSES.get(status)
    if cause is None:
        return Ignored(kind=f"DialCallStatus {status}")
    duration = fields.get("DialCallDuration") if cause is Cause.NORMAL else "0"
    if duration is None:
        return CallHinted(call_id=_call_id(sid, query))
    return _ended(sid, cause, check_seconds(duration, "DialCallDuration"), fields, query)


def _dialled_leg(status: str, fields: Form, query: Form) -> Event:
    """The status callback of the leg we let the call dial: its seconds are the call's."""
    sid = _sid(fields, "ParentCallSid")
    if status == "in-progress":
        return CallAnswered(call_id=_call_id(sid, query), at=instant(fields.get("Timestamp"), "Timestamp"))
    cause = CAUSES.get(status)
    if cause is None:
        return Ignored(kind=f"CallStatus {status}")
    if cause is not Cause.NORMAL:
        rejected = cause is Cause.FAILED and fields.get("SipResponseCode") == "603"
        return _ended(sid, Cause.REJECTED if rejected else cause, 0, fields, query)
    # `Duration` is in minutes rounded up, `CallDuration` in seconds.
    return _ended(sid, cause, check_seconds(fields.require("CallDuration"), "CallDuration"), fields, query)


def _first_leg(status: str, fields: Form, query: Form) -> Event:
    """The status callback of the first leg, told by the number: its seconds are not those to charge.

    Not answered, it dialled nobody who was. Completed, the fate of the call is asked for. It is not on a URL of a
    dialled leg, so one without its parent there is a fault.
    """
    if query.get("leg") is not None:
        _sid(fields, "ParentCallSid")
    sid = _sid(fields, "CallSid")
    cause = CAUSES.get(status)
    if cause is None:
        return Ignored(kind=f"CallStatus {status}")
    if cause is Cause.NORMAL:
        return CallHinted(call_id=sid)
    return _ended(sid, cause, 0, fields, query)


def _ended(sid: str, cause: Cause, seconds: int, fields: Form, query: Form) -> CallEnded:
    return CallEnded(
        call_id=_call_id(sid, query),
        cause=cause,
        ended_at=instant(fields.get("Timestamp"), "Timestamp"),
        seconds=seconds,
        start=_told_start(sid, query),
    )


def _told_start(sid: str, query: Form) -> CallStarted | None:
    """The start as our own callback URL repeats it; None where the URL is not one of those."""
    leg, caller, callee, line = (query.get(name) for name in ("leg", "caller", "callee", "line"))
    if leg not in tuple(Direction) or caller is None or callee is None or line is None:
        return None
    direction = Direction(leg)
    return CallStarted(
        call_id=_call_id(sid, query),
        direction=direction,
        caller=caller,
        callee=callee,
        line=line,
        parent_call_id=sid if direction is Direction.FORWARD else None,
    )


def _sid(fields: Form, name: str) -> str:
    sid = fields.require(name)
    if not is_sid(sid, "CA"):
        raise MalformedHook(f"`{name}` is not the id of a call", name)
    return sid


def _call_id(sid: str, query: Form) -> str:
    return sid + FORWARD_SUFFIX if query.get("leg") == Direction.FORWARD else sid


def _party(text: str) -> str:
    """The user part of a SIP, Client or SIM address, or the number itself; numbers become E.164."""
    if not text.lower().startswith(_OWN_USERS):
        return number(text)
    scheme, _, address = text.partition(":")
    if scheme.lower().startswith("sip"):
        user = address.rpartition("@")[0]
        # The password and the parameters of the user, of which nobody is told.
        address = unquote(user.partition(";")[0].partition(":")[0])
    return number(address)
