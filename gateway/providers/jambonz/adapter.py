"""jambonz: webhooks as JSON, decisions as verbs.

A call of ours is the first leg (its `call_sid`); what it is charged by is the leg we let it dial, whose status webhooks
name the first one (`parent_call_sid`) and carry the start as their tag, in the signed body: an end whose start was lost
can be charged exactly (R21). A forwarded call has the id of its incoming call and `:forward`: the incoming call is
redirected to a URL of ours, whose request asks for the second decision (R13).

jambonz signs the body and not the URL. So which hook it is, where the body does not tell, is said by URLs of ours with
a proof for the call (`proven`); and whose call it is, is never read from a URL. All applications of an account are
signed for with one secret: where each of them has a connection, it is told apart by the `application_sid` of the body.

Trap: when nobody answers, or the caller gives up, the dialled leg's last status is never sent, as its listeners are
removed before it (`_killOutdials` in `dial.js`). So the `actionHook` of `dial` ends a call that was not answered; what
was answered, or does not say, it only hints at, as it has no duration.

Repeats: nothing, unless the fragment of a URL asks for it, see `jambonz_verbs.RETRY`; and a repeat is the same to the
byte, time and signature too. Nothing has a number or a time of its own, so the signature's time counts. Sources:
jambonz-feature-server @389c65e2 (2026-07-20): `http-requestor.js`, `call-info.js`, `dial.js`, `place-outdial.js`.
"""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Event, Ignored
from gateway.numbers.parties import read_parties
from gateway.numbers.withheld import asks_privacy
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
from gateway.providers.jambonz import rest, verbs
from gateway.providers.jambonz.bodies import BODY, DIALLED, Body, Dialled, Invite
from gateway.providers.jambonz.rest import FINAL, cause_of, ended
from gateway.providers.wire import shapes
from gateway.providers.wire.callbacks import FORWARD_SUFFIX, call_id_of, is_forward, told_start
from gateway.providers.wire.fields import decode, require_printable
from gateway.providers.wire.forms import Form
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.noted import noted, read_json, told_together
from gateway.providers.wire.options import DEFAULT_LINE, inbound_to
from gateway.providers.wire.proven import read_proven
from gateway.providers.wire.signing import require_match, require_recent, wire

_encode = msgspec.json.Encoder().encode
# What a call is that was connected, or is over: it asks for no decision any more.
_NO_STARTS = FINAL | {"in-progress"}
_NOTED = {
    **noted("application_sid", "sip_status", "dial_sip_status", "sip", "headers", "caller"),
    **told_together("callee", "line"),
}


def sign(secret: str, timestamp: str, body: bytes) -> bytes:
    """Hex HMAC-SHA256 over `timestamp.body`."""
    return hmac.new(secret.encode(), b"%b.%b" % (wire(timestamp), body), "sha256").hexdigest().encode()


class Jambonz:
    name = "jambonz"
    options: Mapping[str, Option] = {
        "inbound_to": inbound_to("user"),
        "line": Option(shapes.text, "The line of all calls that go out, whatever the phone says."),
        "default_line": DEFAULT_LINE,
        "application_sid": Option(shapes.token, "The only application whose hooks are taken."),
        "trunk": Option(shapes.text, "The carrier that calls go out by; else jambonz chooses."),
        "api_url": Option(shapes.base_url, "The API, by which calls are cut, and asked for.", needs=rest.OPTIONS),
        "account_sid": Option(shapes.token, "The account there.", needs=rest.OPTIONS),
        "api_key": Option(shapes.token, "A key of that account.", needs=rest.OPTIONS),
    }
    secrets: Mapping[str, Check] = {"signature": shapes.token}
    decision_type = "application/json"
    can_withhold = True
    # The record of a call is gone an hour after its end, so that a short call's is before the deadline of R22.
    ask_every = timedelta(minutes=15)

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        timestamp, given = _signature(hook)
        keys = [secret for secret in connection.secrets if secret]
        require_match(given, keys, lambda secret: sign(secret, timestamp, hook.body))
        require_recent(timestamp, hook.received_at)

    def parse(self, hook: Hook, connection: Connection) -> Event:
        if hook.method != "POST":
            raise MalformedHook(f"it came by {hook.method}, which carries nothing: set the method of the hook to POST")
        return read_json(hook.body, _NOTED, lambda body: self._read(body, hook, connection))

    def _read(self, raw: bytes, hook: Hook, connection: Connection) -> Event:
        body = decode(BODY, raw)
        application = connection.options.get("application_sid")
        if application is not None and body.application_sid != application:
            raise MalformedHook("`application_sid` is not that of the connection", "application_sid")
        if body.parent_call_sid is not None:
            return _dialled_leg(body, body.parent_call_sid, hook)
        match read_proven(hook.url, body.call_sid, connection.secrets).get("leg"):
            case verbs.FORWARD:
                return _forward(body, connection.numbers)
            case verbs.DIAL:
                return _dial_ended(body, hook)
        if body.sip is not None and body.direction == "inbound" and body.call_status not in _NO_STARTS:
            return _start(body, decode(DIALLED, raw), body.sip, connection)
        return _first_leg(body, hook)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """A decision, or the end of the call; what a status webhook is answered with, nobody reads."""
        if isinstance(event, CallEnded) and event.cause is not Cause.NORMAL:
            verb_list = verbs.after_dial(event.cause)
        elif not isinstance(event, CallStarted):
            verb_list = verbs.HANG_UP
        elif isinstance(outcome, Connect):
            verb_list = verbs.connect(event, outcome, connection, f"{public_url}/hooks/{connection.name}")
        else:
            verb_list = verbs.decline(outcome.sip_code if isinstance(outcome, Reject) else 500)
        return Reply(body=_encode(verb_list))

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return rest.can_cut(connection, call)

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        return rest.hang_up(connection, call)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return rest.read_hang_up(response)

    def second_hang_up(
        self, connection: Connection, call: CallRef, response: ProviderResponse, now: datetime
    ) -> ProviderRequest | None:
        return rest.hang_up_ringing(connection, call, response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        return rest.ask_status(connection, call)

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return rest.read_status(response, call)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        values = {
            "name": connection.name,
            "hook_url": f"{public_url}/hooks/{connection.name}",
            "retry": verbs.RETRY,
            "inbound_to": connection.options.get("inbound_to", f"{verbs.INBOUND_TO} (the default)"),
            "line": connection.options.get("line", "said by the phone"),
            "application_sid": connection.options.get("application_sid", "any of the account"),
            "default_line": connection.options.get("default_line", "none"),
            "trunk": connection.options.get("trunk", "chosen by jambonz"),
            "cut": "yes"
            if rest.can_cut(connection, CallRef(call_id="any"))
            else "no: give api_url, account_sid and api_key",
        }
        return fill_kit(__package__, "kit.txt", values)


def _signature(hook: Hook) -> tuple[str, list[bytes]]:
    """The time and the signatures of `t=…,v1=…,v1=…`; any of them may match."""
    parts = [part.strip().partition("=") for part in hook.headers.get("jambonz-signature", "").split(",")]
    timestamp = next((value for name, _, value in parts if name == "t"), "")
    return timestamp, [wire(value) for name, _, value in parts if name == "v1"]


def _sent_at(hook: Hook) -> datetime | None:
    """When it was signed, which is when it was sent first."""
    timestamp, _ = _signature(hook)
    is_read = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 10
    return datetime.fromtimestamp(int(timestamp), UTC) if is_read else None


def _start(body: Body, dialled: Dialled, invite: Invite, connection: Connection) -> CallStarted:
    """A call of a registered user is recognised by the header that the SBC adds, all others are inbound.

    So is what a carrier brings, whose name the SBC gives, whatever header it has. jambonz calls both inbound. The line
    of an outbound call is that of the connection, else it is said by the header X-Line of the INVITE, else by the
    connection's `default_line`, else it is the user's own name.
    """
    headers = Form([(name.lower(), value) for name, value in invite.headers.items() if isinstance(value, str)])
    callee, caller = dialled.to or "", dialled.from_
    require_printable(callee, "to")
    require_printable(caller or "", "from")
    user = (headers.get("x-authenticated-user") or "").partition("@")[0]
    options = connection.options
    direction, line = Direction.INBOUND, None
    if user and not dialled.originating_sip_trunk_name:
        direction = Direction.OUTBOUND
        line = options.get("line") or headers.get("x-line") or options.get("default_line") or user
        caller = caller or user
    is_private = asks_privacy(headers.get("privacy"), headers.get("remote-party-id"))
    parties = read_parties(
        direction, caller=caller, callee=callee, line=line, numbers=connection.numbers, is_private=is_private
    )
    return CallStarted(
        call_id=body.call_sid,
        direction=direction,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
    )


def _forward(body: Body, numbers: str) -> CallStarted:
    """The second decision about an incoming call, asked for by the `redirect` that was the first one's reply."""
    tag = body.tag
    parties = read_parties(
        Direction.FORWARD,
        caller=tag.get("caller"),
        callee=tag.require(verbs.FORWARD_TO),
        line=tag.require("line"),
        numbers=numbers,
    )
    return CallStarted(
        call_id=body.call_sid + FORWARD_SUFFIX,
        direction=Direction.FORWARD,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
        parent_call_id=body.call_sid,
    )


def _dial_ended(body: Body, hook: Hook) -> Event:
    """`dial` is over, and asks what next. What rang till then was not answered; without a status nobody knows."""
    tag = body.tag
    call_id = call_id_of(body.call_sid, tag)
    status = body.dial_call_status
    if status is None or status in ("completed", "in-progress"):
        return CallHinted(call_id=call_id)
    cause = cause_of(status if status in FINAL else "no-answer", body.dial_sip_status if status in FINAL else None)
    start = told_start(body.call_sid, tag)
    return CallEnded(call_id=call_id, cause=cause, ended_at=_sent_at(hook), seconds=0, start=start)


def _dialled_leg(body: Body, first_leg: str, hook: Hook) -> Event:
    """The status of the leg we let the call dial: its seconds are the call's."""
    tag = body.tag
    call_id = call_id_of(first_leg, tag)
    if body.call_status == "in-progress":
        return CallAnswered(call_id=call_id, at=_sent_at(hook))
    if body.call_status not in FINAL:
        return Ignored(kind=f"call_status {body.call_status}")
    end = ended(call_id, body.call_status, body.sip_status, body.duration)
    return replace(end, ended_at=_sent_at(hook), start=told_start(first_leg, tag))


def _first_leg(body: Body, hook: Hook) -> Event:
    """The status of the first leg. Answered, the dialled leg has the figures, and the call's status is asked for.

    Not so of a forwarded call: its dialled leg ends that one, and the incoming call ends with its own seconds.
    """
    if body.call_status not in FINAL:
        return Ignored(kind=f"call_status {body.call_status}")
    end = ended(body.call_sid, body.call_status, body.sip_status, body.duration)
    if end.cause is Cause.NORMAL and not is_forward(body.tag):
        return CallHinted(call_id=body.call_sid)
    return replace(end, ended_at=_sent_at(hook))
