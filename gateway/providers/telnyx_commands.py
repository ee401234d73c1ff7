"""What Telnyx' Call Control is told: commands, kept as the reply to the webhook that they follow from.

A reply is `{"commands": [{"leg", "action", "body"}, …]}`. What we must know of a leg when its events come, we give to
Telnyx to keep: its `client_state` is in every later event of the leg, signed with the rest.

Sources: telnyx-python 4.189 (`types/calls/action_*_params.py`), Telnyx' pages on errors and on the transfer command
(knowledge base of 2026-04).
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, uuid5

import msgspec

from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallStarted, Cause, Direction
from gateway.domain.phone import is_e164
from gateway.providers import telnyx_rest
from gateway.providers.base import Command, Connect, ProviderRequest
from gateway.providers.callbacks import FORWARD_SUFFIX
from gateway.providers.fields import CallId, Instant, PartyText, decode

RING_S = 30
# The range of `time_limit_secs` by the text of error 90029; less is granted by cutting the call ourselves.
LIMIT_S_MIN = 60
LIMIT_S_MAX = 14_000
# At most five more tries, within a minute, of the events that money depends on; a repeat changes nothing with us.
RETRIES = {"retries_ms": [1_000, 2_000, 5_000, 10_000, 20_000]}
# The state of a first leg that was transferred: the dialled leg's events tell all.
TRANSFERRED = b64encode(b"gateway: transferred").decode()

# What the caller hears: 486, 404, 480, and 603 for all others.
_REJECT_CAUSES = {
    486: "USER_BUSY",
    600: "USER_BUSY",
    404: "NOT_FOUND",
    480: "TEMPORARILY_UNAVAILABLE",
    503: "TEMPORARILY_UNAVAILABLE",
}
_SIP_CODES = {Cause.BUSY: 486, Cause.NO_ANSWER: 480, Cause.CANCELLED: 480}


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """One command: what is to be done with a leg."""

    leg: str
    action: str
    body: Mapping[str, object]


class _Reply(msgspec.Struct, frozen=True):
    commands: tuple[Told, ...]


class State(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a dialled leg's events must tell us: whose leg it is, the start of the call, and when it was answered."""

    call: CallId
    direction: Direction
    caller: PartyText
    callee: PartyText
    line: PartyText
    answered_at: Instant | None = None

    def start(self, leg: str, at: datetime | None = None) -> CallStarted:
        """The start of the call; a forwarded one is controlled by its own leg, others by their first."""
        is_forward = self.direction is Direction.FORWARD
        return CallStarted(
            call_id=self.call,
            direction=self.direction,
            caller=self.caller,
            callee=self.callee,
            line=self.line,
            parent_call_id=self.call.removesuffix(FORWARD_SUFFIX) if is_forward else None,
            at=at,
            control_url=leg,
        )


_REPLY = msgspec.json.Decoder(_Reply)
_STATE = msgspec.json.Decoder(State)
_encode = msgspec.json.Encoder().encode


def reply(*commands: Told) -> bytes:
    return _encode(_Reply(commands))


def requests(body: bytes, connection: Connection) -> Sequence[Command]:
    """The commands of a reply; none where it is no reply of ours, as one that was stored under another kind."""
    try:
        commands = decode(_REPLY, body).commands
    except MalformedHook:
        return ()
    return [_command(told, connection) for told in commands]


def _command(told: Told, connection: Connection) -> Command:
    """A leg that can be neither transferred nor rejected is hung up, rather than left in limbo."""
    in_limbo = told.action in ("transfer", "reject")
    return Command(
        request=request_of(told, connection), otherwise=request_of(hang_up(told.leg), connection) if in_limbo else None
    )


def request_of(told: Told, connection: Connection) -> ProviderRequest:
    method = "PUT" if told.action == "client_state_update" else "POST"
    path = telnyx_rest.leg_path(told.leg, told.action)
    return telnyx_rest.request(connection, method, path, body=_encode(told.body))


def transfer(event: CallStarted, outcome: Connect, inbound_to: str) -> Told:
    """Let the call go on: to the callee, or to where inbound calls go.

    Where that is a number, the new leg's own start asks for the second decision (R13): no command makes Telnyx ask
    before it dials. The caller ID is always said, as Telnyx would show the number that was called.
    """
    target = event.callee
    state = State(
        call=event.call_id, direction=event.direction, caller=event.caller, callee=event.callee, line=event.line
    )
    caller_id = _caller_id(event, outcome.caller_id)
    client_state: dict[str, object] = {"client_state": TRANSFERRED}
    if event.direction is Direction.INBOUND:
        target = inbound_to.replace("{line}", event.line).replace("{digits}", event.line.removeprefix("+"))
    if event.direction is Direction.INBOUND and is_e164(inbound_to):
        state = msgspec.structs.replace(
            state, call=event.call_id + FORWARD_SUFFIX, direction=Direction.FORWARD, callee=inbound_to
        )
        caller_id, client_state = event.line, {}
    body = {
        "to": target,
        **({"from": caller_id} if caller_id else {}),
        "time_limit_secs": min(max(LIMIT_S_MIN, outcome.max_seconds), LIMIT_S_MAX),
        "timeout_secs": RING_S,
        "webhook_retries_policies": dict.fromkeys(("call.initiated", "call.answered", "call.hangup"), RETRIES),
        "target_leg_client_state": write_state(state),
        **client_state,
    }
    return _told(event.call_id, "transfer", body)


def reject(leg: str, sip_code: int) -> Told:
    return _told(leg, "reject", {"cause": _REJECT_CAUSES.get(sip_code, "CALL_REJECTED")})


def reject_unanswered(leg: str, cause: Cause) -> Told:
    """Tell the caller what became of the leg that was dialled: after it, the first one is still there."""
    return reject(leg, _SIP_CODES.get(cause, 603))


def hang_up(leg: str, salt: str = "") -> Told:
    return _told(leg, "hangup", {}, salt)


def remember_answer(start: CallStarted, leg: str, at: datetime) -> Told:
    """Have the end of a leg tell when it was answered: Telnyx' own end tells no seconds, and may come first."""
    state = State(
        call=start.call_id,
        direction=start.direction,
        caller=start.caller,
        callee=start.callee,
        line=start.line,
        answered_at=at,
    )
    return Told(leg=leg, action="client_state_update", body={"client_state": write_state(state)})


def write_state(state: State) -> str:
    return b64encode(_encode(state)).decode()


def read_state(text: str | None) -> State | None:
    """What we had Telnyx keep; None where there is nothing, or somebody else's."""
    try:
        return decode(_STATE, b64decode(text or "", validate=True))
    except (ValueError, MalformedHook):
        return None


def _told(leg: str, action: str, body: Mapping[str, object], salt: str = "") -> Told:
    """A command with the id by which Telnyx ignores it when it comes again."""
    command_id = uuid5(NAMESPACE_URL, f"telnyx:{leg}:{action}:{salt}")
    return Told(leg=leg, action=action, body={**body, "command_id": str(command_id)})


def _caller_id(event: CallStarted, caller_id: str) -> str | None:
    """Numbers only are taken: a caller without one is shown as the line."""
    return next((text for text in (caller_id, event.line) if is_e164(text)), None)
