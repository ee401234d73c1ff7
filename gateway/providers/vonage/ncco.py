"""What Vonage is told: decisions as a call control object (NCCO).

There is no way to refuse: a call is answered to fetch the NCCO. Sources: Vonage's NCCO reference (2026) on `connect`,
`notify` and `talk`; vonage-voice 1.5.1; Vonage's article 115012166888 on numbers that take one call at a time.
"""

from collections.abc import Mapping, Sequence

from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted, Direction
from gateway.domain.phone import is_e164
from gateway.providers.base import Connect
from gateway.providers.wire.callbacks import told_of
from gateway.providers.wire.privacy import shows_nobody
from gateway.providers.wire.proven import proven_url

Ncco = Sequence[Mapping[str, object]]

# Where an inbound call goes to if the connection does not say: a user of the application, named by the line's digits.
INBOUND_TO = "app:{digits}"
RING_S = 30
LANGUAGE = "en-US"
# The value of the option `refusal` that ends a refused call without a word.
SILENT = "silent"

_BUSY = frozenset({486, 600})
_ANONYMITY_DISALLOWED = 433


def connect(event: CallStarted, outcome: Connect, connection: Connection, *, first_leg: str, hook_url: str) -> Ncco:
    """The action that lets a call go on: to the callee, to where inbound calls go, or to the second decision.

    No field of `connect` withholds a number, so a call that must show nobody is not connected.
    """
    if shows_nobody(event, outcome):
        return refuse(_ANONYMITY_DISALLOWED, connection.options)
    event_url = proven_url(hook_url, told_of(event), first_leg, connection.secrets)
    if event.direction is not Direction.INBOUND:
        return _connect(event, outcome, {"type": "phone", "number": digits(event.callee)}, event_url)
    inbound_to = connection.options.get("inbound_to", INBOUND_TO)
    kind, _, _ = inbound_to.partition(":")
    target = inbound_to.replace("{line}", event.line).replace("{digits}", digits(event.line))
    if kind.lower() in ("sip", "sips"):
        return _connect(event, outcome, {"type": "sip", "uri": target}, event_url)
    if kind.lower() == "app":
        return _connect(event, outcome, {"type": "app", "user": target.partition(":")[2]}, event_url)
    return _ask_again(event, inbound_to, first_leg, hook_url)


def refuse(sip_code: int, options: Mapping[str, str]) -> Ncco:
    """The nearest to a refusal: a sentence, which is billed for its seconds; or nothing, which ends the call at once.

    Real busy is only to be had where a number is forwarded to a SIP endpoint that answers 486 itself.
    """
    if options.get("refusal") == SILENT:
        return []
    text = "The number you called is busy." if sip_code in _BUSY else "This call cannot be connected."
    return [{"action": "talk", "text": text, "language": options.get("language", LANGUAGE)}]


def digits(party: str) -> str:
    """A number as Vonage wants it, without the plus."""
    return party.removeprefix("+")


def _connect(event: CallStarted, outcome: Connect, endpoint: Mapping[str, str], event_url: str) -> Ncco:
    """`connect` with the limit, and our URL for everything that becomes of the connected leg."""
    limits = {"limit": outcome.max_seconds, "timeout": RING_S}
    told = {"eventUrl": [event_url], "eventMethod": "POST", "endpoint": [endpoint]}
    return [{"action": "connect", **_shown(event, outcome), **limits, **told}]


def _ask_again(event: CallStarted, callee: str, first_leg: str, hook_url: str) -> Ncco:
    """`notify`: its reply replaces the NCCO. The payload comes back in the signed body, with all that must be known."""
    payload = {
        "leg": str(Direction.FORWARD),
        "conversation_uuid": first_leg,
        "caller": event.caller,
        "callee": callee,
        "line": event.line,
        "control_url": event.control_url or "",
    }
    return [{"action": "notify", "payload": payload, "eventUrl": [hook_url], "eventMethod": "POST"}]


def _shown(event: CallStarted, outcome: Connect) -> Mapping[str, object]:
    """Vonage takes numbers of its own only, and must have one: without a number to show, any of the application's.

    The name of an own user, as in an emergency call, and a caller without a number give way to the line.
    """
    caller_id = next((text for text in (outcome.caller_id, event.line) if is_e164(text)), None)
    return {"randomFromNumber": True} if caller_id is None else {"from": digits(caller_id)}
