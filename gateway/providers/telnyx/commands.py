"""What Telnyx' Call Control is told: commands, kept as the reply to the webhook that they follow from.

A reply is `{"commands": [{"leg", "action", "body"}, …]}`, and `forward` where a forwarded call is to be decided about
first. What we must know of a leg when its events come, we give to Telnyx to keep (see `telnyx_state`).

Sources: telnyx-python 4.189 (`types/calls/action_*_params.py`), Telnyx' pages on errors and on the transfer command
(knowledge base of 2026-04).
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallStarted, Cause, Direction
from gateway.domain.phone import is_e164
from gateway.providers.base import Command, Connect, ProviderRequest
from gateway.providers.telnyx import rest
from gateway.providers.telnyx.state import LIMIT_S_MAX, LegStarted, State, write_state
from gateway.providers.wire.callbacks import FORWARD_SUFFIX
from gateway.providers.wire.fields import decode
from gateway.providers.wire.privacy import shows_nobody

RING_S = 30
# The lower end of the range of `time_limit_secs`, by the text of error 90029; less is granted by cutting the call.
LIMIT_S_MIN = 60
# At most five more tries, within a minute, of the events that money depends on; a repeat changes nothing with us.
RETRIES = {"retries_ms": [1_000, 2_000, 5_000, 10_000, 20_000]}

# What the caller hears: 486, 404, 480, and 603 for all others.
_REJECT_CAUSES = {
    486: "USER_BUSY",
    600: "USER_BUSY",
    404: "NOT_FOUND",
    480: "TEMPORARILY_UNAVAILABLE",
    503: "TEMPORARILY_UNAVAILABLE",
}
_SIP_CODES = {Cause.BUSY: 486, Cause.NO_ANSWER: 480, Cause.CANCELLED: 480}


class LegCommand(msgspec.Struct, frozen=True, kw_only=True):
    """One command: what is to be done with a leg."""

    leg: str
    action: str
    body: Mapping[str, object]


class _Reply(msgspec.Struct, frozen=True, omit_defaults=True):
    """`forward` is the forwarded call that is to be decided about before anything is commanded."""

    commands: tuple[LegCommand, ...]
    forward: State | None = None


_REPLY = msgspec.json.Decoder(_Reply)
_encode = msgspec.json.Encoder().encode


def reply(*commands: LegCommand, forward: State | None = None) -> bytes:
    return _encode(_Reply(commands, forward))


def requests(body: bytes, connection: Connection) -> Sequence[Command]:
    """The commands of a reply."""
    return [_command(command, connection) for command in _read(body).commands]


def forwarded(body: bytes) -> CallStarted | None:
    """The forwarded call that a reply asks to decide about."""
    state = _read(body).forward
    return None if state is None else state.start()


def _read(body: bytes) -> _Reply:
    """A reply; an empty one where it is none of ours, as one that was stored under another kind."""
    try:
        return decode(_REPLY, body)
    except MalformedHook:
        return _Reply(())


def _command(command: LegCommand, connection: Connection) -> Command:
    """A leg that can be neither transferred nor rejected is hung up, rather than left in limbo."""
    in_limbo = command.action in ("transfer", "reject")
    return Command(
        request=request_of(command, connection),
        otherwise=request_of(hang_up(command.leg), connection) if in_limbo else None,
    )


def request_of(command: LegCommand, connection: Connection) -> ProviderRequest:
    method = "PUT" if command.action == "client_state_update" else "POST"
    path = rest.leg_path(command.leg, command.action)
    return rest.request(connection, method, path, body=_encode(command.body))


def transfer(event: CallStarted, outcome: Connect, inbound_to: str, caller_id: str | None, key: str) -> LegCommand:
    """Let the call go on: to the callee, or to where inbound calls go.

    The end of an incoming call that is forwarded is asked for when its leg ends, as what the dialled leg tells is about
    the forwarded one; any other first leg has no more to tell.
    """
    target, state = event.callee, State.of(event)
    if event.direction is Direction.INBOUND:
        target = inbound_to.replace("{line}", event.line).replace("{digits}", event.line.removeprefix("+"))
    first_leg_state = {}
    if event.direction is not Direction.FORWARD:
        first_leg_state["client_state"] = write_state(msgspec.structs.replace(state, is_transferred=True), key)
    limit_s = min(outcome.max_seconds, event.limit_s if isinstance(event, LegStarted) else LIMIT_S_MAX, LIMIT_S_MAX)
    body = {
        "to": target,
        **({"from": caller_id} if caller_id else {}),
        **({"privacy": "id"} if shows_nobody(event, outcome) else {}),
        "time_limit_secs": max(LIMIT_S_MIN, limit_s),
        "timeout_secs": RING_S,
        "webhook_retries_policies": dict.fromkeys(("call.initiated", "call.answered", "call.hangup"), RETRIES),
        "target_leg_client_state": write_state(state, key),
        **first_leg_state,
    }
    return _told(first_leg(event.call_id), "transfer", body)


def second_decision(event: CallStarted, outcome: Connect, callee: str) -> State:
    """The forwarded call that an incoming one becomes (R13): it is decided about before it is dialled."""
    return msgspec.structs.replace(
        State.of(event),
        call=event.call_id + FORWARD_SUFFIX,
        direction=Direction.FORWARD,
        callee=callee,
        limit_s=min(outcome.max_seconds, LIMIT_S_MAX),
    )


def first_leg(call_id: str) -> str:
    return call_id.removesuffix(FORWARD_SUFFIX)


def reject(leg: str, sip_code: int) -> LegCommand:
    return _told(leg, "reject", {"cause": _REJECT_CAUSES.get(sip_code, "CALL_REJECTED")})


def reject_unanswered(leg: str, cause: Cause) -> LegCommand:
    """Tell the caller what became of the leg that was dialled: after it, the first one is still there."""
    return reject(leg, _SIP_CODES.get(cause, 603))


def hang_up(leg: str, salt: str = "") -> LegCommand:
    return _told(leg, "hangup", {}, salt)


def remember_answer(start: CallStarted, leg: str, at: datetime, key: str) -> LegCommand:
    """Have the end of a leg tell when it was answered: Telnyx' own end tells no seconds, and may come first."""
    client_state = write_state(State.of(start, answered_at=at), key)
    return LegCommand(leg=leg, action="client_state_update", body={"client_state": client_state})


def _told(leg: str, action: str, body: Mapping[str, object], salt: str = "") -> LegCommand:
    """A command with the id by which Telnyx ignores it when it comes again."""
    command_id = uuid5(NAMESPACE_URL, f"telnyx:{leg}:{action}:{salt}")
    return LegCommand(leg=leg, action=action, body={**body, "command_id": str(command_id)})


def caller_id_of(event: CallStarted, caller_id: str, from_number: str) -> str | None:
    """The number a call is shown by: left out, Telnyx would show the number that was called.

    Numbers only are taken: a caller without one is shown as the line, and a connector's as the connection's number.
    """
    return next((text for text in (caller_id, event.line, from_number) if is_e164(text)), None)
