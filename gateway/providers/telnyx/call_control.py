"""Telnyx Call Control v2: webhooks as JSON events, decisions as commands of our own.

A call of ours is the first leg (its call_control_id); what it is charged by is the leg that our `transfer` makes, whose
events carry the start in their `client_state` (see `telnyx_state`). Odd:

- An incoming call's `state` may be `parked` or `bridging`, so it decides nothing.
- `call.hangup` tells neither seconds nor whether the leg was answered, and may come before `call.answered`. So the
  answer is written into the leg's state; an end that does not tell of an answer, and might, is a hint.
- When the transfer fails the first leg stays up: it is told what became of the other.
- No command makes Telnyx ask again before it dials. So an incoming call that is forwarded is decided about twice in its
  one webhook, and is transferred with the smaller of both limits.
- Without `from`, Telnyx shows the number that was called: a call that has none to show is refused, unless it is an
  emergency call.
- `call.cost` comes after the end, whose figures stand: it is ignored.

Repeats: 408, 429, 5xx and no answer within 2 s, and then to the failover URL; for the legs we dial as `RETRIES` asks.
Events come in any order, twice, at once. Sources: Telnyx' pages on voice webhooks, commands and errors (knowledge base
of 2026-04), telnyx-python 4.189.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from gateway.domain.calls.call import CutReason
from gateway.domain.connection import Check, Connection, Option
from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted, Direction, Event
from gateway.domain.phone import is_e164, is_short
from gateway.providers.base import (
    CallRef,
    CallStatus,
    Command,
    Connect,
    HangUp,
    Hook,
    Obeyed,
    Outcome,
    ProviderRequest,
    ProviderResponse,
    Reject,
    Reply,
)
from gateway.providers.telnyx import call_events, commands, rest
from gateway.providers.telnyx.signing import public_key, require_signature
from gateway.providers.wire import shapes
from gateway.providers.wire.kit import fill_kit
from gateway.providers.wire.options import DEFAULT_LINE, TEST_API_URL, inbound_to


class TelnyxCallControl:
    name = "telnyx-call-control"
    options: Mapping[str, Option] = {
        "api_key": Option(shapes.token, "A key of the API.", is_required=True),
        "inbound_to": inbound_to(),
        "outbound_connection_id": Option(shapes.digits, "The SIP connection whose parked calls are your users'."),
        "default_line": DEFAULT_LINE,
        "from_number": Option(
            shapes.number, "What is shown of a call whose caller and line are no numbers, as a connector's."
        ),
        "api_url": TEST_API_URL,
    }
    secrets: Mapping[str, Check] = {"signature": public_key}
    decision_type = "application/json"
    can_withhold = True

    def authenticate(self, hook: Hook, connection: Connection) -> None:
        require_signature(hook, connection.secrets)

    def parse(self, hook: Hook, connection: Connection) -> Event:
        return call_events.read(hook.body, connection)

    def reply(self, event: Event, outcome: Outcome, connection: Connection, *, public_url: str) -> Reply:
        """The commands that follow, which `commands` makes requests of: Telnyx ignores the reply itself."""
        key = connection.options["api_key"]
        match event:
            case CallStarted():
                return _decided(event, outcome, connection.options)
            case CallAnswered(at=at, start=start) if (
                at is not None and start is not None and start.control_url is not None
            ):
                to_send = [commands.remember_answer(start, start.control_url, at, key)]
            case CallEnded(seconds=0, start=start) if start is not None:
                to_send = [commands.reject_unanswered(commands.first_leg(event.call_id), event.cause)]
            case CallHinted():
                to_send = [commands.hang_up(commands.first_leg(event.call_id))]
            case _:
                to_send = []
        return Reply(body=commands.reply(*to_send))

    def commands(self, reply: bytes, connection: Connection) -> Sequence[Command]:
        return commands.requests(reply, connection)

    def second_start(self, reply: bytes) -> CallStarted | None:
        return commands.forwarded(reply)

    def read_command(self, response: ProviderResponse) -> Obeyed:
        return rest.read_command(response)

    def can_cut(self, connection: Connection, call: CallRef) -> bool:
        return True

    def hang_up(self, connection: Connection, call: CallRef, reason: CutReason, now: datetime) -> ProviderRequest:
        """End the call's own leg; those it is bridged with go with it. Each try is a command of its own."""
        command = commands.hang_up(rest.require_leg(call), now.isoformat())
        return commands.request_of(command, connection)

    def read_hang_up(self, response: ProviderResponse) -> HangUp:
        return rest.read_hang_up(response)

    def ask_status(self, connection: Connection, call: CallRef, now: datetime) -> ProviderRequest | None:
        leg = rest.leg_of(call)
        return None if leg is None else rest.request(connection, "GET", rest.leg_path(leg))

    def read_status(self, response: ProviderResponse, call: CallRef) -> CallStatus:
        return rest.read_status(response, call)

    def kit(self, connection: Connection, *, public_url: str) -> str:
        options = connection.options
        values = {
            "name": connection.name,
            "hook_url": f"{public_url}/hooks/{connection.name}",
            "inbound_to": options.get("inbound_to", "nowhere: inbound calls are rejected"),
            "outbound_connection_id": options.get("outbound_connection_id", "none: no call is taken for outbound"),
            "default_line": options.get("default_line", "none"),
            "from_number": options.get("from_number", "none: such a call is refused"),
        }
        return fill_kit(__package__, "kit-call-control.txt", values)


def _decided(event: CallStarted, outcome: Outcome, options: Mapping[str, str]) -> Reply:
    """Transfer or reject the first leg, or have the call decided about that it is forwarded to."""
    inbound_to = options.get("inbound_to", "")
    if isinstance(outcome, Connect):
        if event.direction is Direction.INBOUND and is_e164(inbound_to):
            forward = commands.second_decision(event, outcome, inbound_to)
            return Reply(body=commands.reply(forward=forward))
        caller_id = commands.caller_id_of(event, outcome.identity or outcome.caller_id, options.get("from_number", ""))
        if (caller_id or _is_emergency(event)) and _goes_somewhere(event, inbound_to):
            command = commands.transfer(event, outcome, inbound_to, caller_id, options["api_key"])
            return Reply(body=commands.reply(command))
    sip_code = outcome.sip_code if isinstance(outcome, Reject) else 500
    return Reply(body=commands.reply(commands.reject(commands.first_leg(event.call_id), sip_code)))


def _is_emergency(event: CallStarted) -> bool:
    """Whether a call that may go on is an emergency call: which needs no number to show."""
    return event.direction is not Direction.INBOUND and is_short(event.callee)


def _goes_somewhere(event: CallStarted, inbound_to: str) -> bool:
    return event.direction is not Direction.INBOUND or inbound_to.partition(":")[0].lower() in ("sip", "sips")
