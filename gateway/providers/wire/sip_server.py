"""What the adapters of SIP servers of one's own share: their proof, their ids, and what a dialplan may be told.

A server of one's own cannot sign, but it can log in: its webhooks carry HTTP Basic, the connection's name and secret.
A forwarded call is the same channel as its incoming call, sent through the dialplan a second time (R13): its id is the
channel's and `:forward`.
"""

import re
from base64 import b64encode

from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted, Direction
from gateway.domain.phone import WITHHELD, is_e164
from gateway.numbers.parties import read_parties
from gateway.providers.base import CallRef, Connect, Hook
from gateway.providers.wire.callbacks import FORWARD_SUFFIX
from gateway.providers.wire.signing import require_match, wire

# After our ring time (90 s) a hold is given back, so the server stops ringing before that.
RING_S = 80
# What a dialplan takes as it is. Dialplans are programs: `${system(…)}` in a caller's name would be run, `&` in a
# callee would ring a second one.
_PLAIN = re.compile(r"[A-Za-z0-9+*#._-]{1,64}")


def basic(user: str, password: str) -> str:
    """The value of an Authorization header (RFC 7617)."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def require_basic(hook: Hook, connection: Connection) -> None:
    """Refuse unless the hook is logged in by the connection's name and one of its secrets.

    The encoded text is compared and not what it decodes to: base64 has several spellings of one text.
    """
    scheme, _, token = hook.headers.get("authorization", "").partition(" ")
    given = wire(f"Basic {token.strip()}") if scheme.lower() == "basic" else b""
    require_match([given], connection.secrets, lambda secret: basic(connection.name, secret).encode())


def is_plain(text: str) -> bool:
    """Whether a text may stand in a dialplan."""
    return _PLAIN.fullmatch(text) is not None


def started(
    channel: str,
    direction: Direction,
    *,
    caller: str | None,
    callee: str,
    line: str | None,
    numbers: str = "",
    is_private: bool = False,
) -> CallStarted:
    """A start as the dialplan tells it; without a line an inbound call's is the callee, any other's the caller."""
    is_forward = direction is Direction.FORWARD
    own = None if direction is Direction.INBOUND else line
    parties = read_parties(direction, caller=caller, callee=callee, line=own, numbers=numbers, is_private=is_private)
    return CallStarted(
        call_id=channel + FORWARD_SUFFIX if is_forward else channel,
        direction=direction,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
        parent_call_id=channel if is_forward else None,
    )


def channel_of(call: CallRef) -> str:
    """The channel of a call: the one of a forwarded call is its incoming call's, so that a cut ends both."""
    return call.call_id.removesuffix(FORWARD_SUFFIX)


def target(event: CallStarted, *, outbound_to: str, inbound_to: str) -> str | None:
    """Where a connected call is dialled; None where a party's text may not stand in a dialplan.

    In `outbound_to`, `{callee}` is the callee with the plus and `{digits}` the same without. In `inbound_to`,
    `{digits}` are those of the line. `{line}` is the line in both.
    """
    inbound = event.direction is Direction.INBOUND
    party = event.line if inbound else event.callee
    template = inbound_to if inbound else outbound_to
    if not is_plain(party) or ("{line}" in template and not is_plain(event.line)):
        return None
    filled = template.replace("{callee}", event.callee) if not inbound else template
    return filled.replace("{line}", event.line).replace("{digits}", party.removeprefix("+"))


def forward_to(event: CallStarted, inbound_to: str) -> str | None:
    """The number that an inbound call is forwarded to, which is a call to be decided about of its own (R13)."""
    return inbound_to if event.direction is Direction.INBOUND and is_e164(inbound_to) else None


def shown_caller_id(event: CallStarted, outcome: Connect) -> str | None:
    """The number to show; None leaves the caller's own. A name, as in an emergency call, gives way to the line.

    A caller from outside who withholds the number is shown as the carrier says.
    """
    if outcome.caller_id == WITHHELD:
        return None
    line = "" if event.direction is Direction.INBOUND else event.line
    return next((text for text in (outcome.caller_id, line) if is_e164(text)), None)
