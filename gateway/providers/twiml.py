"""What Twilio is told: decisions as TwiML.

Sources: Twilio's pages on `<Dial>`, `<Number>`, `<Sip>`, `<Client>`, `<Redirect>` and `<Reject>` (2026).
"""

from xml.etree.ElementTree import Element

from gateway.domain.events import CallStarted, Direction
from gateway.domain.phone import is_e164
from gateway.providers.base import Connect
from gateway.providers.forms import with_query
from gateway.providers.markup import element

# Connection overrides, in the fragment of a URL, which is not signed: try three times more, after 5xx too. A repeat
# of anything changes nothing with us. 15 s in all is Twilio's own limit.
RETRY = "#ct=2000&rt=3000&tt=15000&rc=3&rp=ct,rt,5xx"
# Where an inbound call goes to if the connection does not say: an app of Twilio's Client, named by the line's digits.
INBOUND_TO = "client:{digits}"
RING_S = 30

_BUSY = frozenset({486, 600})


def connect(event: CallStarted, outcome: Connect, hook_url: str, inbound_to: str) -> Element:
    """The verb that lets a call go on: to the callee, to where inbound calls go, or to the second decision."""
    if event.direction is not Direction.INBOUND:
        return _dial(event, outcome, hook_url, "Number", event.callee)
    kind, _, name = inbound_to.partition(":")
    target = inbound_to.replace("{line}", event.line).replace("{digits}", event.line.removeprefix("+"))
    if kind.lower() in ("sip", "sips"):
        return _dial(event, outcome, hook_url, "Sip", target)
    if kind.lower() == "client" and name:
        return _dial(event, outcome, hook_url, "Client", target.partition(":")[2])
    if is_e164(inbound_to):
        asked = {"leg": str(Direction.FORWARD), "callee": inbound_to, "line": event.line}
        return element("Redirect", {"method": "POST"}, with_query(hook_url, asked) + RETRY)
    return reject(500)


def reject(sip_code: int) -> Element:
    """Not answered and not billed, as long as it is the first verb."""
    return element("Reject", {"reason": "busy" if sip_code in _BUSY else "rejected"})


def _dial(event: CallStarted, outcome: Connect, hook_url: str, noun: str, target: str) -> Element:
    """`<Dial>` with the limit, and our URL for everything that becomes of it.

    `answerOnBridge`: the first leg is not answered, and not billed, while the dialled one rings.
    """
    told = {"leg": str(event.direction), "caller": event.caller, "callee": event.callee, "line": event.line}
    url = with_query(hook_url, told) + RETRY
    callbacks = {
        "statusCallback": url,
        "statusCallbackEvent": "answered completed",
        "statusCallbackMethod": "POST",
    }
    attributes = {
        "action": url,
        "method": "POST",
        "answerOnBridge": "true",
        "callerId": _caller_id(event, outcome),
        "timeLimit": str(outcome.max_seconds),
        "timeout": str(RING_S),
    }
    return element("Dial", attributes, element(noun, callbacks, target))


def _caller_id(event: CallStarted, outcome: Connect) -> str | None:
    """Twilio takes numbers only: the name of an own user, as in an emergency call, gives way to the line."""
    line = None if event.direction is Direction.INBOUND else event.line
    return next((text for text in (outcome.caller_id, line) if text and is_e164(text)), None)
