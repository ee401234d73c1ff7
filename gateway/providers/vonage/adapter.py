"""Vonage Voice: webhooks as JSON, decisions as an NCCO.

A call of ours is the conversation (`CON-…`): each leg has an id and an end of its own, and the conversation is what
they share. What is charged is the leg we connect (`direction` outbound); its events come to a URL of ours that carries
the fields of the start, with a proof (`proven`), because Vonage signs the body and not the URL. So an end whose start
was lost can be charged exactly (R21). Whose call a start is, is never read from a URL. A forwarded call has the id of
its incoming call and `:forward`; the second decision (R13) is the reply to a `notify`.

**A call cannot be refused without answering it.** The nearest is a sentence; see `ncco.refuse`.

Repeats: Vonage repeats an answer webhook after a time-out, a reset, 429, 503 or 504: once, says one of its pages, twice
another. Then it asks the fallback URL, which the kit makes ours too; whether it repeats events is not documented.
Events come in any order: `ringing` was seen before `started`. Sources: Vonage's webhook reference, NCCO reference and
guide to troubleshooting (2026), support articles 115016024247 and 17498678806044, vonage-voice 1.5.1.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

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
from gateway.providers.vonage import ncco, rest
from gateway.providers.vonage.bodies import ERROR, KIND, LEG, NOTIFIED, START, Custom, LegEvent
from gateway.providers.vonage.legs import CAUSES, ended, instant
from gateway.providers.vonage.signing import require_token
from gateway.providers.wire import shapes
from gateway.providers.wire.callbacks import FORWARD_SUFFIX, call_id_of, told_start
from gateway.providers.wire.fields import decode, is_own_user, require_printable
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.noted import noted, read_json
from gateway.providers.wire.options import DEFAULT_LINE, TEST_API_URL, inbound_to
from gateway.providers.wire.proven import read_proven

# What dials out comes from one of these; Vonage asks about it as about any other call.
_OWN_ENDPOINTS = frozenset({"app", "sip", "vbc"})


_encode = msgspec.json.Encoder().encode

_NOTED = noted("region_url")
_NOTED_OF_LEG = noted("start_time", "end_time", "price", "timestamp")

_LANGUAGE = shapes.written("a language like en-US", "[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")


class Vonage:
    name = "vonage"
    options: Mapping[str, Option] = {
        "application_id": Option(shapes.uuid, "The application that the numbers are linked to.", is_required=True),
        "private_key": Option(shapes.rsa_private_key, "The application's key: with it calls are cut, and asked for."),
        "inbound_to": inbound_to("app"),
        "line": Option(shapes.text, "The line of all calls that go out, whatever the user's app says."),
        "default_line": DEFAULT_LINE,
        "refusal": Option(shapes.one_of(ncco.SILENT), "Ends refused calls without a word."),
        "language": Option(_LANGUAGE, "The language of those words."),
        "api_url": TEST_API_URL,
    }
    secrets: Mapping[str, Check] = {"signature": shapes.token}
    decision_type = "application/json"
    can_withhold = False

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        require_token(hook, connection.secrets, connection.options["application_id"])

    def parse(self, hook: Hook, connection: Connection) -> Event:
        if hook.method != "POST":
            raise MalformedHook(f"it came by {hook.method}: set the method of the URL to POST in the application")
        kind = decode(KIND, hook.body)
        if kind.status is not None:
            status = kind.status
            return read_json(hook.body, _NOTED_OF_LEG, lambda body: _leg(status, body, hook.url, connection))
        if isinstance(kind.payload, dict):
            return _forward(kind.payload, hook, connection)
        if kind.reason is not None and kind.to is None:
            conversation = decode(ERROR, hook.body).conversation_uuid
            return Ignored(kind="error") if conversation is None else CallHinted(call_id=conversation)
        other = kind.other
        if other is not None:
            return Ignored(kind=other)
        return read_json(hook.body, _NOTED, lambda body: _start(body, connection))

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """A decision, or nothing, which lets the NCCO go on."""
        if not isinstance(event, CallStarted):
            return Reply(status=204)
        if isinstance(outcome, Connect):
            first_leg = event.parent_call_id or event.call_id
            hook_url = f"{public_url}/hooks/{connection.name}"
            actions = ncco.connect(event, outcome, connection, first_leg=first_leg, hook_url=hook_url)
        else:
            actions = ncco.refuse(outcome.sip_code if isinstance(outcome, Reject) else 500, connection.options)
        return Reply(body=_encode(actions))

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return rest.can_cut(connection, call)

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        return rest.hang_up(connection, call, now)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return rest.read_hang_up(response)

    def second_hang_up(
        self, connection: Connection, call: CallRef, response: ProviderResponse, now: datetime
    ) -> ProviderRequest | None:
        return rest.hang_up_elsewhere(connection, call, response, now)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        return rest.ask_status(connection, call, now)

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return rest.read_status(response, call)

    def ask_rest(self, connection: Connection, call: CallRef, now: datetime) -> Sequence[ProviderRequest]:
        return rest.ask_rest(connection, call, now)

    def read_rest(self, response: ProviderResponse, call: CallRef, now: datetime) -> CallStatus:
        return rest.read_rest(response, call, now)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        options = connection.options
        values = {
            "name": connection.name,
            "application_id": options["application_id"],
            "hook_url": f"{public_url}/hooks/{connection.name}",
            "inbound_to": options.get("inbound_to", f"{ncco.INBOUND_TO} (the default)"),
            "line": options.get("line", "said by the user's app"),
            "default_line": options.get("default_line", "none"),
            "refused": "nothing: the call ends" if options.get("refusal") == ncco.SILENT else "a sentence",
            "cut": "yes" if options.get("private_key") else "no: give private_key",
        }
        return fill_kit(__package__, "kit.txt", values)


def _start(raw: bytes, connection: Connection) -> CallStarted:
    """A call that an own user dials out with is recognised by where it comes from, all others are inbound.

    The line of an outbound call is that of the connection, else it is said by the SIP header X-Line or the user's
    `custom_data`, else by the connection's `default_line`, else it is the user's own name. It is never read from a URL.
    The fallback URL gets the same fields, and more.
    """
    body = decode(START, raw)
    custom = body.custom_data or Custom()
    callee, caller = body.to or custom.to or "", body.from_user or body.from_
    require_printable(callee, "to")
    require_printable(caller or "", "from")
    options = connection.options
    direction, line = Direction.INBOUND, None
    if body.from_user is not None or body.endpoint_type in _OWN_ENDPOINTS or is_own_user(caller or ""):
        direction = Direction.OUTBOUND
        line = options.get("line") or body.x_line or custom.line or options.get("default_line")
    parties = read_parties(
        direction,
        caller=caller,
        callee=callee,
        line=line,
        numbers=connection.numbers,
        is_private=asks_privacy(body.privacy or body.x_privacy),
    )
    return CallStarted(
        call_id=body.conversation_uuid,
        direction=direction,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
        control_url=rest.control_url(connection, body.region_url, body.uuid),
    )


def _forward(payload: dict[object, object], hook: Hook, connection: Connection) -> Event:
    """The second decision about an incoming call, asked for by the `notify` that was the first one's reply."""
    if payload.get("leg") != Direction.FORWARD:
        return Ignored(kind="notify")
    forward = decode(NOTIFIED, hook.body).payload
    is_address = rest.is_control_url(connection, forward.control_url)
    parties = read_parties(
        Direction.FORWARD,
        caller=forward.caller,
        callee=forward.callee,
        line=forward.line,
        numbers=connection.numbers,
    )
    return CallStarted(
        call_id=forward.conversation_uuid + FORWARD_SUFFIX,
        direction=Direction.FORWARD,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
        parent_call_id=forward.conversation_uuid,
        control_url=forward.control_url if is_address else None,
    )


def _leg(status: str, body: bytes, url: str, connection: Connection) -> Event:
    """What became of a leg. Only the connected one's seconds are the call's; the first one's are longer."""
    if status != "answered" and status not in CAUSES:
        return Ignored(kind=f"status {status}")
    leg = decode(LEG, body)
    query = read_proven(url, leg.conversation_uuid, connection.secrets)
    call_id = call_id_of(leg.conversation_uuid, query)
    if leg.direction != "outbound":
        return _first_leg(leg)
    if status == "answered":
        return CallAnswered(call_id=call_id, at=instant(leg.timestamp, "timestamp"))
    end = ended(leg, call_id)
    ended_at = end.ended_at or instant(leg.timestamp, "timestamp")
    return replace(end, ended_at=ended_at, start=told_start(leg.conversation_uuid, query))


def _first_leg(leg: LegEvent) -> Event:
    """Not answered, it was connected to nobody. Completed, the status of the call is asked for."""
    if leg.status == "answered":
        return Ignored(kind="status answered of the first leg")
    cause, call_id = CAUSES[leg.status], leg.conversation_uuid
    if cause is Cause.NORMAL:
        return CallHinted(call_id=call_id)
    return CallEnded(call_id=call_id, cause=cause, ended_at=instant(leg.timestamp, "timestamp"), seconds=0)
