"""The start of a call in the URLs that a provider calls back: for the providers that sign their URLs.

An end whose start was lost can be charged exactly (R21), whatever number the call was routed by. A forwarded call has
the id of its incoming call and `:forward`: both are one call of the provider's, and the second decision (R13) is asked
for by the URL that the first one redirected the call to. A provider that does not sign its URLs is told the same with a
proof of ours (`proven`), or as a tag that it sends back in the body.
"""

from collections.abc import Mapping

from gateway.domain.events import CallStarted, Direction
from gateway.numbers.parties import read_parties
from gateway.providers.wire.fields import is_own_user, require_printable
from gateway.providers.wire.forms import Form
from gateway.providers.wire.privacy import is_private

FORWARD_SUFFIX = ":forward"


def told_of(event: CallStarted) -> Mapping[str, str]:
    """What the URLs say of a call that was let go on."""
    return {"leg": str(event.direction), "caller": event.caller, "callee": event.callee, "line": event.line}


def forward_of(event: CallStarted, callee: str) -> Mapping[str, str]:
    """What the URL says that asks for the second decision about an incoming call."""
    return {"leg": str(Direction.FORWARD), "callee": callee, "line": event.line}


def call_id_of(first_leg: str, query: Form) -> str:
    """Our id of the call whose first leg the provider names so."""
    return first_leg + FORWARD_SUFFIX if is_forward(query) else first_leg


def is_forward(query: Form) -> bool:
    return query.get("leg") == Direction.FORWARD


def told_start(first_leg: str, query: Form) -> CallStarted | None:
    """The start as our own callback URL repeats it; None where the URL is not one of those."""
    leg, caller, callee, line = (query.get(name) for name in ("leg", "caller", "callee", "line"))
    if leg not in tuple(Direction) or caller is None or callee is None or line is None:
        return None
    direction = Direction(leg)
    return CallStarted(
        call_id=call_id_of(first_leg, query),
        direction=direction,
        caller=caller,
        callee=callee,
        line=line,
        parent_call_id=first_leg if direction is Direction.FORWARD else None,
    )


def forwarded(first_leg: str, caller: str | None, query: Form, *, numbers: str = "") -> CallStarted:
    """The start of the forwarded call, as asked for by the URL of `forward_of`."""
    callee, line = query.require("callee"), query.require("line")
    require_printable(caller or "", "From")
    parties = read_parties(Direction.FORWARD, caller=caller, callee=callee, line=line, numbers=numbers)
    return CallStarted(
        call_id=first_leg + FORWARD_SUFFIX,
        direction=Direction.FORWARD,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
        parent_call_id=first_leg,
    )


def started(
    first_leg: str,
    fields: Form,
    query: Form,
    *,
    line_header: str | None,
    default_line: str | None,
    numbers: str = "",
) -> CallStarted:
    """A call that an own user dials out with is recognised by where it comes from, all others are inbound.

    Providers call both inbound, seen from their side. The line of an outbound call is said by our URL, else by the
    phone's SIP header X-Line, whose field is `line_header`, else by the connection, else it is the user's own name.
    Who dials nothing is refused as who dials what is no number (R10).
    """
    caller, callee = fields.get("From"), fields.get("To") or ""
    require_printable(caller or "", "From")
    require_printable(callee, "To")
    direction, line = Direction.INBOUND, None
    if caller is not None and is_own_user(caller):
        header = fields.get(line_header) if line_header else None
        direction, line = Direction.OUTBOUND, query.get("line") or header or default_line
    parties = read_parties(
        direction, caller=caller, callee=callee, line=line, numbers=numbers, is_private=is_private(fields)
    )
    return CallStarted(
        call_id=first_leg,
        direction=direction,
        caller=parties.caller,
        callee=parties.callee,
        line=parties.line,
    )
