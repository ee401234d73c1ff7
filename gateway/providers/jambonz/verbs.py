"""What jambonz is told: decisions as verbs.

What must be known of a call later is its tag: jambonz sends it back as `customerData` of every webhook, in the signed
body. A leg that is dialled has a tag of its own. Sources: `dial.js`, `sip_decline.js`, `redirect.js` and `tag.js` of
jambonz-feature-server @389c65e2 (2026-07-20), jambonz/schema @b2efaa4.
"""

from collections.abc import Mapping, Sequence

from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted, Cause, Direction
from gateway.domain.phone import WITHHELD, is_e164
from gateway.providers.base import Connect
from gateway.providers.wire.callbacks import told_of
from gateway.providers.wire.privacy import shows_nobody
from gateway.providers.wire.proven import proven_url

Verbs = Sequence[Mapping[str, object]]

# In the fragment of a URL: try three times more, after 5xx and time-outs too. Without it jambonz tries once.
RETRY = "#rc=3&rp=ct,rt,5xx"
# Where an inbound call goes to if the connection does not say: a registered user, named by the line's digits.
INBOUND_TO = "user:{digits}"
RING_S = 30
# The field of the tag that says where an inbound call is to be forwarded to.
FORWARD_TO = "forward_to"
# Which hook a URL of ours is for, as it is proven to say.
FORWARD = "forward"
DIAL = "dial"
HANG_UP: Verbs = ({"verb": "hangup"},)

_REASONS = {
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    480: "Temporarily Unavailable",
    486: "Busy Here",
    487: "Request Terminated",
    503: "Service Unavailable",
    603: "Decline",
}
_CODES = {Cause.BUSY: 486, Cause.CANCELLED: 487, Cause.REJECTED: 603}


def connect(event: CallStarted, outcome: Connect, connection: Connection, hook_url: str) -> Verbs:
    """The verbs that let a call go on: to the callee, to where inbound calls go, or to the second decision."""
    dial_url = _proven(event, DIAL, connection, hook_url)
    if event.direction is not Direction.INBOUND:
        trunk = connection.options.get("trunk")
        carrier = {"trunk": trunk} if trunk else {}
        return _dial(event, outcome, {"type": "phone", "number": event.callee, **carrier}, dial_url)
    inbound_to = connection.options.get("inbound_to", INBOUND_TO)
    kind, _, _ = inbound_to.partition(":")
    target = inbound_to.replace("{line}", event.line).replace("{digits}", event.line.removeprefix("+"))
    if kind.lower() in ("sip", "sips"):
        return _dial(event, outcome, {"type": "sip", "sipUri": target}, dial_url)
    if kind.lower() == "user":
        return _dial(event, outcome, {"type": "user", "name": target.partition(":")[2]}, dial_url)
    tag = {"verb": "tag", "data": {**told_of(event), FORWARD_TO: inbound_to}}
    return [tag, {"verb": "redirect", "actionHook": _proven(event, FORWARD, connection, hook_url)}]


def decline(sip_code: int) -> Verbs:
    """Not answered, with any code of SIP; it must be the only verb."""
    reason = {"reason": _REASONS[sip_code]} if sip_code in _REASONS else {}
    return [{"verb": "sip:decline", "status": sip_code, **reason}]


def after_dial(cause: Cause) -> Verbs:
    """What the first leg is told when the dialled one was not answered: no other verb ends a leg that still rings."""
    return decline(_CODES.get(cause, 480))


def _dial(event: CallStarted, outcome: Connect, target: Mapping[str, str], dial_url: str) -> Verbs:
    """`dial` with the limit, which jambonz has no default of, and the start as the tag of both legs.

    `answerOnBridge`: the first leg is not answered, and so not billed by its carrier, while the dialled one rings.
    """
    told = dict(told_of(event))
    limits = {"timeLimit": outcome.max_seconds, "timeout": RING_S, "answerOnBridge": True}
    hook = {"actionHook": dial_url, "tag": told}
    return [
        {"verb": "tag", "data": told},
        {"verb": "dial", **_shown(event, outcome), **limits, **hook, "target": [target]},
    ]


def _proven(event: CallStarted, leg: str, connection: Connection, hook_url: str) -> str:
    """A URL of ours for a hook of this call, which jambonz does not sign."""
    first_leg = event.parent_call_id or event.call_id
    return proven_url(hook_url, {"leg": leg}, first_leg, connection.secrets) + RETRY


def _shown(event: CallStarted, outcome: Connect) -> Mapping[str, object]:
    """A number: the name of an own user, as in an emergency call, gives way to the line.

    Who withholds it is `anonymous` in From, with the headers of RFC 3325, which jambonz hands on to the carrier.
    """
    if shows_nobody(event, outcome):
        identity = {"P-Asserted-Identity": f"<tel:{outcome.identity}>"} if outcome.identity else {}
        return {"callerId": WITHHELD, "headers": {"Privacy": "id", **identity}}
    line = None if event.direction is Direction.INBOUND else event.line
    caller_id = next((text for text in (outcome.caller_id, line) if text and is_e164(text)), None)
    return {} if caller_id is None else {"callerId": caller_id}
