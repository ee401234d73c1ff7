"""What FreeSWITCH is told: decisions as documents of its XML dialplan.

**Trap**: FreeSWITCH expands `${…}` in what an application is given, and `${system(…)}` runs a program. So no text of a
caller or callee goes into a document unless it is plain.

Sources: mod_dialplan_xml, mod_dptools, switch_channel.c at cc93a68 (2026-08); the pages on these applications.
"""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element

from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted, Direction
from gateway.domain.phone import WITHHELD
from gateway.providers.base import Connect
from gateway.providers.wire.markup import element, undeclared
from gateway.providers.wire.privacy import shows_nobody
from gateway.providers.wire.sip_server import RING_S, forward_to, is_plain, shown_caller_id, target

CONTENT_TYPE = "text/xml"
INBOUND_TO = "user/{digits}"
FORWARD_CONTEXT = "gateway-forward"
CONTEXTS: Mapping[str, Direction] = {
    "gateway-in": Direction.INBOUND,
    "gateway-out": Direction.OUTBOUND,
    FORWARD_CONTEXT: Direction.FORWARD,
}
_CONTEXT_OF = {direction: context for context, direction in CONTEXTS.items()}
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

# What `respond` says to a SIP caller, and what `hangup` says to all others.
_REFUSALS: Mapping[int, tuple[str, str]] = {
    402: ("Payment Required", "OUTGOING_CALL_BARRED"),
    403: ("Forbidden", "CALL_REJECTED"),
    404: ("Not Found", "UNALLOCATED_NUMBER"),
    433: ("Anonymity Disallowed", "CALL_REJECTED"),
    486: ("Busy Here", "USER_BUSY"),
    487: ("Request Terminated", "ORIGINATOR_CANCEL"),
}
_UNAVAILABLE = ("Service Unavailable", "NORMAL_TEMPORARY_FAILURE")

Action = tuple[str, str]


def is_channel(text: str) -> bool:
    """FreeSWITCH's own ids of channels are UUIDs; `inbound-use-callid-as-uuid` would let a caller choose one."""
    return _UUID.fullmatch(text) is not None


def connect(event: CallStarted, outcome: Connect, connection: Connection, answer_url: str) -> bytes:
    """Set the limit and the report of the answer on the caller's channel, then dial, or ask for the second decision.

    The limit counts from the answer: `execute_on_answer`. Every variable whose name begins so is run, which is how the
    limits of an incoming call and of the forwarded one it leads to stand side by side. `bgapi`: nobody waits for us.
    `secure`: without it mod_curl does not check certificates, before 1.10.7 it never does.
    """
    options = connection.options
    inbound_to = options.get("inbound_to", INBOUND_TO)
    forwarded = forward_to(event, inbound_to)
    dialled = forwarded or target(event, outbound_to=options["outbound_to"], inbound_to=inbound_to)
    if dialled is None or (forwarded is not None and not is_plain(event.line)):
        return refuse(event, 404)
    kind = "forward" if event.direction is Direction.FORWARD else "call"
    actions = [
        ("set", f"execute_on_answer_{kind}=sched_hangup +{outcome.max_seconds} ALLOTTED_TIMEOUT"),
        ("set", f"api_on_answer_{kind}=bgapi curl {answer_url} secure timeout 5 post"),
    ]
    if forwarded is not None:
        actions += [("set", f"gateway_line={event.line}"), ("transfer", f"{forwarded} XML {FORWARD_CONTEXT}")]
    else:
        actions += [*_shown(event, outcome), ("set", "hangup_after_bridge=true"), ("set", f"call_timeout={RING_S}")]
        actions.append(("bridge", dialled))
    return _document(event, actions)


def refuse(event: CallStarted, sip_code: int) -> bytes:
    """Not answered; `respond` ends a SIP call, `hangup` any other."""
    phrase, cause = _REFUSALS.get(sip_code, _UNAVAILABLE)
    code = sip_code if sip_code in _REFUSALS else 503
    return _document(event, [("respond", f"{code} {phrase}"), ("hangup", cause)])


def _shown(event: CallStarted, outcome: Connect) -> list[Action]:
    """The number to show. Who withholds it is `anonymous` in From, with the headers of RFC 3325 and no others."""
    if shows_nobody(event, outcome):
        identity = [("export", f"nolocal:sip_h_P-Asserted-Identity=<tel:{outcome.identity}>")]
        return [
            *(("set", f"effective_caller_id_{what}={WITHHELD}") for what in ("number", "name")),
            ("export", "nolocal:sip_cid_type=none"),
            ("export", "nolocal:sip_h_Privacy=id"),
            *(identity if outcome.identity else []),
        ]
    caller_id = shown_caller_id(event, outcome)
    if caller_id is None:
        return []
    return [("set", f"effective_caller_id_{what}={caller_id}") for what in ("number", "name")]


def _document(event: CallStarted, actions: list[Action]) -> bytes:
    """One extension that always matches, in the context that was asked about."""
    condition = element("condition", {})
    condition.extend(element("action", {"application": name, "data": data}) for name, data in actions)
    extension = element("extension", {"name": "gateway"}, condition)
    return _wrapped("dialplan", element("context", {"name": _CONTEXT_OF[event.direction]}, extension))


def _wrapped(section: str, inside: Element) -> bytes:
    """A document. FreeSWITCH leaves out every line with `<?` in it, so a declaration would take the document along."""
    whole = element("section", {"name": section}, inside)
    return undeclared(element("document", {"type": "freeswitch/xml"}, whole))


NOT_FOUND = _wrapped("result", element("result", {"status": "not found"}))
