"""Asterisk: its dialplan asks by CURL() before it dials, obeys, and reports the answer and the end by CURL() too.

The dialplan is `kit.conf`. CURL() posts forms, as a JSON body would lose its quotes, and what it gets is read
by JSON_DECODE(). A call of ours is the caller's channel, named by its UNIQUEID, which is also its id in ARI. A call to
be forwarded asks a second time (R13), on the same channel; each of the two calls has a hangup handler of its own.

Authenticity: HTTP Basic, CURLOPT(userpwd). Calls are ended and asked for by ARI's REST, so no AMI is needed; ARI knows
no call that is over. 402 cannot be said: Asterisk has no cause for it, the caller gets 403.

Repeats: a start is asked once, and no reply within four seconds is a refusal (503). The report of an answer is not
repeated, and **the two parties are silent while it is under way**: their bridge waits for it, two seconds at most, or
four in a forwarded call, whose two answers are reported one after the other. The report of an end is tried three times
at once, then written to a file that the kit's cron line sends. It comes for refused calls too, and for callers who gave
up during the question: its handler is pushed before that.

Sources: run against Asterisk 16.28 by `tests/e2e/asterisk`; notes measured on 16.28 and 22.10 (2026-11).
"""

from collections.abc import Mapping
from datetime import UTC, datetime

import msgspec

from gateway.domain.calls.call import CutReason
from gateway.domain.calls.settlement import NOT_ANSWERED
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction, Event, Ignored
from gateway.providers.asterisk import ari
from gateway.providers.asterisk.ari import is_channel
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
from gateway.providers.wire import shapes
from gateway.providers.wire.callbacks import FORWARD_SUFFIX
from gateway.providers.wire.fields import SECONDS_MAX, check_instant
from gateway.providers.wire.forms import Form, read_pairs
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.noted import noted, read_form, told_together
from gateway.providers.wire.privacy import shows_nobody
from gateway.providers.wire.sip_server import RING_S, forward_to, require_basic, shown_caller_id, started, target

INBOUND_TO = "PJSIP/{digits}"
_SECOND_MS = 1000
# Q.850, which Hangup() takes; SIP makes 403, 403, 404, 403 and 486 of these. Neither 402 nor 487 has a cause.
_CAUSES: Mapping[int, int] = {402: 21, 403: 21, 404: 1, 433: 21, 486: 17}
_UNAVAILABLE = 34  # 503
_DIAL_CAUSES = {
    "ANSWER": Cause.NORMAL,
    "BUSY": Cause.BUSY,
    "NOANSWER": Cause.NO_ANSWER,
    "CANCEL": Cause.CANCELLED,
}
# Without DIALSTATUS nobody was dialled: we refused, or the caller gave up.
_UNDIALLED_CAUSES = {"17": Cause.BUSY, "21": Cause.REJECTED, "1": Cause.REJECTED, "34": Cause.FAILED}
# CHANNEL(hangupsource) when Dial's own limit ended the call.
_LIMIT_SOURCE = "dialplan/builtin"
_encode = msgspec.json.Encoder().encode
_NOTED_OF_END = {**noted("caller", "presentation", "cause", "source", "at"), **told_together("callee", "line")}


class Asterisk:
    name = "asterisk"
    options: Mapping[str, Option] = {
        "outbound_to": Option(
            shapes.outbound_dial_string,
            "What `Dial()` calls for a call to outside, as `PJSIP/{callee}@trunk`.",
            is_required=True,
        ),
        "inbound_to": Option(
            shapes.dial_string,
            "What it calls for a call from outside, or a number to forward to. The default is `PJSIP/{digits}`.",
        ),
        "default_line": Option(shapes.text, "The line of calls to outside whose endpoint sets no variable `GW_LINE`."),
        "control_url": Option(
            shapes.base_url, "ARI, by which the gateway ends calls and asks for them.", needs=("ari_password",)
        ),
        "ari_user": Option(shapes.user, "ARI's user. The default is `gateway`.", needs=("ari_password",)),
        "ari_password": Option(shapes.password, "That user's password.", needs=("control_url",)),
    }
    secrets: Mapping[str, Check] = {"signature": shapes.plain_secret}
    decision_type = "application/json"
    can_withhold = True

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        require_basic(hook, connection)

    def parse(self, hook: Hook, connection: Connection) -> Event:
        fields = Form(read_pairs(hook.body))
        kind = fields.require("type")
        match kind:
            case "start":
                return _start(fields, connection)
            case "answer":
                return CallAnswered(call_id=_call_id(fields))
            case "end":
                return read_form(fields, _NOTED_OF_END, lambda form: _end(form, connection))
            case _:
                return Ignored(kind=kind)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """Texts only: the dialplan takes what it needs by name and lets nothing else into its expressions."""
        match event, outcome:
            case CallStarted(), Connect():
                fields = _connect(event, outcome, connection)
            case CallStarted(), _:
                fields = _refuse(outcome.sip_code if isinstance(outcome, Reject) else 503)
            case _:
                fields = {"action": "taken"}
        return Reply(content_type=self.decision_type, body=_encode(fields))

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return ari.request("DELETE", connection, call) is not None

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        return ari.hang_up(connection, call)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return ari.read_hang_up(response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        return ari.request("GET", connection, call)

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return ari.read_status(response)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        values = {
            "name": connection.name,
            "hook_url": f"{public_url}/hooks/{connection.name}",
            "ring_s": str(RING_S),
            "outbound_to": connection.options["outbound_to"],
            "inbound_to": connection.options.get("inbound_to", f"{INBOUND_TO} (the default)"),
            "default_line": connection.options.get("default_line", "none"),
            "ari_user": connection.options.get("ari_user", ari.USER),
            "control_url": connection.control_url or "none: calls are limited by Dial() only",
        }
        return fill_kit(__package__, "kit.conf", values)


def _call(fields: Form) -> tuple[str, Direction]:
    """The channel and which of its calls is meant."""
    channel, direction = fields.require("channel"), fields.require("direction")
    if not is_channel(channel):
        raise MalformedHook("`channel` is not a UNIQUEID", "channel")
    if direction not in tuple(Direction):
        raise MalformedHook(f"`direction` is one of {', '.join(Direction)}", "direction")
    return channel, Direction(direction)


def _call_id(fields: Form) -> str:
    channel, direction = _call(fields)
    return channel + FORWARD_SUFFIX if direction is Direction.FORWARD else channel


def _start(fields: Form, connection: Connection) -> CallStarted:
    channel, direction = _call(fields)
    return started(
        channel,
        direction,
        caller=fields.get("caller"),
        callee=fields.get("callee") or "",
        line=fields.get("line") or connection.options.get("default_line"),
        numbers=connection.numbers,
        is_private=(fields.get("presentation") or "").startswith("prohib"),
    )


def _end(fields: Form, connection: Connection) -> CallEnded:
    """The end with the fields of the start. ANSWEREDTIME_MS is right where CDR(billsec) is 0 in a hangup handler.

    It runs from the callee's answer, so a call that has it was answered, whatever status `Dial()` left behind: CANCEL
    may come of a caller who hangs up before the bridge is torn down.
    """
    call_id = _call_id(fields)
    start = None if fields.get("callee") is None else _start(fields, connection)
    milliseconds = _digits(fields, "answered_ms")
    seconds = -(-milliseconds // _SECOND_MS)
    if seconds > SECONDS_MAX:
        raise MalformedHook("`answered_ms` is more than a week", "answered_ms")
    status = fields.get("dialstatus") or ""
    if status:
        cause = _DIAL_CAUSES.get(status, Cause.FAILED)
    else:
        cause = _UNDIALLED_CAUSES.get(fields.get("cause") or "", Cause.CANCELLED)
    if seconds and cause in NOT_ANSWERED:
        cause = Cause.NORMAL
    if cause is Cause.NORMAL and fields.get("source") == _LIMIT_SOURCE:
        cause = Cause.LIMIT
    ended_at = None if fields.get("at") is None else datetime.fromtimestamp(_digits(fields, "at"), UTC)
    ended_at = check_instant(ended_at, "at")
    return CallEnded(call_id=call_id, cause=cause, ended_at=ended_at, seconds=seconds, start=start)


def _digits(fields: Form, name: str) -> int:
    text = fields.require(name)
    if not (text.isascii() and text.isdigit() and len(text) <= 11):
        raise MalformedHook(f"`{name}` is not a number", name)
    return int(text)


def _connect(event: CallStarted, outcome: Connect, connection: Connection) -> dict[str, str]:
    options = connection.options
    inbound_to = options.get("inbound_to", INBOUND_TO)
    fields = {"max_ms": str(outcome.max_seconds * _SECOND_MS)}
    forwarded = forward_to(event, inbound_to)
    if forwarded is not None:
        return {"action": "forward", "forward_to": forwarded, "line": event.line, **fields}
    dialled = target(event, outbound_to=options["outbound_to"], inbound_to=inbound_to)
    if dialled is None:
        return _refuse(404)
    return {"action": "connect", "dial": dialled, **_shown(event, outcome), **fields}


def _shown(event: CallStarted, outcome: Connect) -> dict[str, str]:
    """The number to show, and whether it may be: `CALLERID(pres)`. Where it is empty, both stay as they are."""
    if shows_nobody(event, outcome):
        return {"caller_id": outcome.identity, "presentation": "prohib"}
    caller_id = shown_caller_id(event, outcome) or ""
    is_ours = caller_id and event.direction is not Direction.INBOUND
    return {"caller_id": caller_id, "presentation": "allowed" if is_ours else ""}


def _refuse(sip_code: int) -> dict[str, str]:
    return {"action": "reject", "cause": str(_CAUSES.get(sip_code, _UNAVAILABLE))}
