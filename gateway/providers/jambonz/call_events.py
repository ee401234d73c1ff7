"""What jambonz' webhooks tell of calls; which of them one is, the body says or a URL of ours with a proof."""

from dataclasses import replace

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Cause, Direction, Event, Ignored
from gateway.numbers.parties import read_parties
from gateway.numbers.withheld import asks_privacy
from gateway.providers.base import Hook
from gateway.providers.jambonz import verbs
from gateway.providers.jambonz.bodies import BODY, DIALLED, Body, Dialled, Invite
from gateway.providers.jambonz.rest import FINAL, cause_of, ended
from gateway.providers.jambonz.signing import sent_at
from gateway.providers.wire.callbacks import FORWARD_SUFFIX, call_id_of, is_forward, told_start
from gateway.providers.wire.fields import decode, require_printable
from gateway.providers.wire.forms import Form
from gateway.providers.wire.proven import read_proven

# What a call is that was connected, or is over: it asks for no decision any more.
_NO_STARTS = FINAL | {"in-progress"}


def read_event(raw: bytes, hook: Hook, connection: Connection) -> Event:
    """The event of a body that was signed."""
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
    return CallEnded(call_id=call_id, cause=cause, ended_at=sent_at(hook), seconds=0, start=start)


def _dialled_leg(body: Body, first_leg: str, hook: Hook) -> Event:
    """The status of the leg we let the call dial: its seconds are the call's."""
    tag = body.tag
    call_id = call_id_of(first_leg, tag)
    if body.call_status == "in-progress":
        return CallAnswered(call_id=call_id, at=sent_at(hook))
    if body.call_status not in FINAL:
        return Ignored(kind=f"call_status {body.call_status}")
    end = ended(call_id, body.call_status, body.sip_status, body.duration)
    return replace(end, ended_at=sent_at(hook), start=told_start(first_leg, tag))


def _first_leg(body: Body, hook: Hook) -> Event:
    """The status of the first leg. Answered, the dialled leg has the figures, and the call's status is asked for.

    Not so of a forwarded call: its dialled leg ends that one, and the incoming call ends with its own seconds.
    """
    if body.call_status not in FINAL:
        return Ignored(kind=f"call_status {body.call_status}")
    end = ended(body.call_sid, body.call_status, body.sip_status, body.duration)
    if end.cause is Cause.NORMAL and not is_forward(body.tag):
        return CallHinted(call_id=body.call_sid)
    return replace(end, ended_at=sent_at(hook))
