"""jambonz: webhooks as JSON, decisions as verbs.

A call of ours is the first leg (its `call_sid`); what it is charged by is the leg we let it dial, whose status webhooks
name the first one (`parent_call_sid`) and carry the start as their tag, in the signed body: an end whose start was lost
can be charged exactly (R21). A forwarded call has the id of its incoming call and `:forward`: the incoming call is
redirected to a URL of ours, whose request asks for the second decision (R13).

Trap: when nobody answers, or the caller gives up, the dialled leg's last status is never sent, as its listeners are
removed before it (`_killOutdials` in `dial.js`). So the `actionHook` of `dial` ends a call that was not answered; what
was answered it only hints at, as it has no duration.

Repeats: nothing, unless the fragment of a URL asks for it, see `jambonz_verbs.RETRY`; and a repeat is the same to the
byte, time and signature too. Nothing has a number or a time of its own, so the signature's time counts. Sources:
jambonz-feature-server @389c65e2 (2026-07-20): `http-requestor.js`, `call-info.js`, `dial.js`, `place-outdial.js`.
"""

import hmac
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.resources import files
from string import Template
from typing import Annotated

import msgspec

from gateway.domain.call import CutReason
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Event, Ignored
from gateway.providers import jambonz_rest, jambonz_verbs
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
from gateway.providers.callbacks import FORWARD_SUFFIX, call_id_of, is_forward, told_start
from gateway.providers.fields import PartyText, Seconds, ShortText, decode, number, party
from gateway.providers.forms import Form, query_of, read_pairs
from gateway.providers.jambonz_rest import FINAL, SID, cause_of, ended
from gateway.providers.signing import require_match, require_recent, wire

Sid = Annotated[str, msgspec.Meta(pattern=rf"^{SID}\Z")]


class _Invite(msgspec.Struct, frozen=True):
    headers: dict[str, object] = {}


class _Body(msgspec.Struct, frozen=True, kw_only=True):
    """All webhooks are about a leg and say the same of it; which one it is, is in the URL and in what else it says."""

    call_sid: Sid
    direction: ShortText
    call_status: ShortText
    parent_call_sid: Sid | None = None
    from_: PartyText | None = msgspec.field(default=None, name="from")
    to: PartyText | None = None
    sip_status: int | None = None
    duration: Seconds | None = None
    dial_call_status: ShortText | None = None
    dial_sip_status: int | None = None
    customer_data: object = msgspec.field(default=None, name="customerData")
    sip: _Invite | None = None

    @property
    def tag(self) -> Form:
        """What we told jambonz of the call, if it was us who tagged it."""
        data = self.customer_data if isinstance(self.customer_data, dict) else {}
        return Form([(name, value) for name, value in data.items() if isinstance(value, str)])


_BODY = msgspec.json.Decoder(_Body)
_encode = msgspec.json.Encoder().encode


def sign(secret: str, timestamp: str, body: bytes) -> bytes:
    """Hex HMAC-SHA256 over `timestamp.body`."""
    return hmac.new(secret.encode(), b"%b.%b" % (wire(timestamp), body), "sha256").hexdigest().encode()


class Jambonz:
    name = "jambonz"
    options: Mapping[str, bool] = {
        "inbound_to": False,
        "default_line": False,
        "trunk": False,  # the carrier that calls go out by; else jambonz chooses
        "api_url": False,  # these three: calls are cut, and asked for
        "account_sid": False,
        "api_key": False,
    }
    decision_type = "application/json"

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        timestamp, given = _signature(hook)
        keys = [secret for secret in connection.secrets if secret]
        require_match(given, keys, lambda secret: sign(secret, timestamp, hook.body))
        require_recent(timestamp, hook.received_at)

    def parse(self, hook: Hook, connection: Connection) -> Event:
        if hook.method != "POST":
            raise MalformedHook(f"it came by {hook.method}, which carries nothing: set the method of the hook to POST")
        body = decode(_BODY, hook.body)
        query = Form(read_pairs(query_of(hook.url)))
        if body.parent_call_sid is not None:
            return _dialled_leg(body, body.parent_call_sid, hook)
        match query.get("hook"):
            case "forward":
                return _forward(body)
            case "dial":
                return _dial_ended(body, hook)
        if body.sip is not None and body.direction == "inbound":
            return _start(body, body.sip, query, connection.options.get("default_line"))
        return _first_leg(body, hook)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """A decision, or the end of the call; what a status webhook is answered with, nobody reads."""
        if isinstance(event, CallEnded) and event.cause is not Cause.NORMAL:
            told = jambonz_verbs.after_dial(event.cause)
        elif not isinstance(event, CallStarted):
            told = jambonz_verbs.HANG_UP
        elif isinstance(outcome, Connect):
            told = jambonz_verbs.connect(event, outcome, connection, f"{public_url}/hooks/{connection.name}")
        else:
            told = jambonz_verbs.decline(outcome.sip_code if isinstance(outcome, Reject) else 500)
        return Reply(body=_encode(told))

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return jambonz_rest.can_cut(connection, call)

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        return jambonz_rest.hang_up(connection, call)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return jambonz_rest.read_hang_up(response)

    def ask_fate(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        return jambonz_rest.ask_fate(connection, call)

    def read_fate(self, response: ProviderResponse, call: CallRef) -> Fate:
        return jambonz_rest.read_fate(response, call)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        text = files("gateway").joinpath("kits/jambonz.txt").read_text(encoding="utf-8")
        return Template(text).substitute(
            name=connection.name,
            hook_url=f"{public_url}/hooks/{connection.name}",
            retry=jambonz_verbs.RETRY,
            inbound_to=connection.options.get("inbound_to", f"{jambonz_verbs.INBOUND_TO} (the default)"),
            default_line=connection.options.get("default_line", "none"),
            trunk=connection.options.get("trunk", "chosen by jambonz"),
            cut="yes"
            if jambonz_rest.can_cut(connection, CallRef(call_id="any"))
            else "no: give api_url, account_sid and api_key",
        )


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


def _start(body: _Body, invite: _Invite, query: Form, default_line: str | None) -> CallStarted:
    """A call of a registered user is recognised by the header that the SBC adds, all others are inbound.

    jambonz calls both inbound. The line of an outbound call is said by our URL, else by the header X-Line of the
    INVITE, else by the connection, else it is the user's own name.
    """
    headers = Form([(name.lower(), value) for name, value in invite.headers.items() if isinstance(value, str)])
    callee, caller = party(body.to or ""), party(body.from_ or "")
    if not callee:
        raise MalformedHook("`to` is missing", "to")
    inbound = CallStarted(call_id=body.call_sid, direction=Direction.INBOUND, caller=caller, callee=callee, line=callee)
    user = (headers.get("x-authenticated-user") or "").partition("@")[0]
    if not user:
        return inbound
    line = query.get("line") or headers.get("x-line") or default_line or user
    return replace(inbound, direction=Direction.OUTBOUND, caller=caller or user, line=number(line))


def _forward(body: _Body) -> CallStarted:
    """The second decision about an incoming call, asked for by the `redirect` that was the first one's reply."""
    tag = body.tag
    return CallStarted(
        call_id=body.call_sid + FORWARD_SUFFIX,
        direction=Direction.FORWARD,
        caller=tag.get("caller") or "",
        callee=number(tag.require(jambonz_verbs.FORWARD_TO)),
        line=number(tag.require("line")),
        parent_call_id=body.call_sid,
    )


def _dial_ended(body: _Body, hook: Hook) -> Event:
    """`dial` is over, and asks what next. What rang till then, or was never dialled, was not answered."""
    tag = body.tag
    call_id = call_id_of(body.call_sid, tag)
    status = body.dial_call_status or "no-answer"
    if status in ("completed", "in-progress"):
        return CallHinted(call_id=call_id)
    cause = cause_of(status if status in FINAL else "no-answer", body.dial_sip_status if status in FINAL else None)
    start = told_start(body.call_sid, tag)
    return CallEnded(call_id=call_id, cause=cause, ended_at=_sent_at(hook), seconds=0, start=start)


def _dialled_leg(body: _Body, first_leg: str, hook: Hook) -> Event:
    """The status of the leg we let the call dial: its seconds are the call's."""
    tag = body.tag
    call_id = call_id_of(first_leg, tag)
    if body.call_status == "in-progress":
        return CallAnswered(call_id=call_id, at=_sent_at(hook))
    if body.call_status not in FINAL:
        return Ignored(kind=f"call_status {body.call_status}")
    end = ended(call_id, body.call_status, body.sip_status, body.duration)
    return replace(end, ended_at=_sent_at(hook), start=told_start(first_leg, tag))


def _first_leg(body: _Body, hook: Hook) -> Event:
    """The status of the first leg. Answered, the dialled leg has the figures, and the call's fate is asked for.

    Not so of a forwarded call: its dialled leg ends that one, and the incoming call ends with its own seconds.
    """
    if body.call_status not in FINAL:
        return Ignored(kind=f"call_status {body.call_status}")
    end = ended(body.call_sid, body.call_status, body.sip_status, body.duration)
    if end.cause is Cause.NORMAL and not is_forward(body.tag):
        return CallHinted(call_id=body.call_sid)
    return replace(end, ended_at=_sent_at(hook))
