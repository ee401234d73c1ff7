"""What Plivo is told: decisions as Plivo XML. Source: Plivo's pages on `<Dial>`, `<Hangup>` and `<Redirect>` (2026)."""

from collections.abc import Mapping
from urllib.parse import quote
from xml.etree.ElementTree import Element

from gateway.domain.events import CallStarted, Direction
from gateway.domain.phone import is_e164
from gateway.providers.base import Connect
from gateway.providers.wire.callbacks import forward_of, told_of
from gateway.providers.wire.forms import with_query
from gateway.providers.wire.markup import element
from gateway.providers.wire.privacy import shows_nobody

# Connection overrides, in the fragment of a URL, which is not signed: try three times more, after 5xx too. Without them
# Plivo waits 40 s for a reply.
RETRY = "#ct=2000&rt=3000&tt=15000&rc=3&rp=ct,rt,5xx"
RING_S = 30

_BUSY = frozenset({486, 600})
_ANONYMITY_DISALLOWED = 433


def connect(event: CallStarted, outcome: Connect, hook_url: str, inbound_to: str) -> Element:
    """The element that lets a call go on: to the callee, to where inbound calls go, or to the second decision.

    No attribute of `<Dial>` withholds a number, so a call that must show nobody is not dialled.
    """
    if shows_nobody(event, outcome):
        return hang_up(_ANONYMITY_DISALLOWED)
    if event.direction is not Direction.INBOUND:
        return _dial(event, outcome, hook_url, element("Number", {}, event.callee.removeprefix("+")))
    if inbound_to.partition(":")[0].lower() in ("sip", "sips"):
        target = inbound_to.replace("{line}", event.line).replace("{digits}", event.line.removeprefix("+"))
        return _dial(event, outcome, hook_url, element("User", {}, target))
    return element("Redirect", {"method": "POST"}, _url(hook_url, forward_of(event, inbound_to)))


def hang_up(sip_code: int) -> Element:
    """Always with a reason: a bare `<Hangup>` was seen to answer the call, and to bill it, before it ends."""
    return element("Hangup", {"reason": "busy" if sip_code in _BUSY else "rejected"})


def _dial(event: CallStarted, outcome: Connect, hook_url: str, target: Element) -> Element:
    """`<Dial>` with the limit, and our URL for everything that becomes of it.

    `redirect="false"`: what the `action` is replied is not executed, and at the end of the document the call ends. So
    it ends even if we cannot be reached.
    """
    url = _url(hook_url, told_of(event))
    attributes = {
        "action": url,
        "method": "POST",
        "redirect": "false",
        "timeLimit": str(outcome.max_seconds),
        "timeout": str(RING_S),
        "callerId": _caller_id(event, outcome),
        "callbackUrl": url,
        "callbackMethod": "POST",
    }
    return element("Dial", attributes, target)


def _url(hook_url: str, parameters: Mapping[str, str]) -> str:
    """Our URL that says this. Values are escaped once more, so that what is signed of them is ASCII even decoded."""
    return with_query(hook_url, {name: quote(value, safe="+") for name, value in parameters.items()}) + RETRY


def _caller_id(event: CallStarted, outcome: Connect) -> str | None:
    """Digits without a plus. The name of an own user, as in an emergency call, gives way to the line."""
    line = None if event.direction is Direction.INBOUND else event.line
    number = next((text for text in (outcome.caller_id, line) if text and is_e164(text)), None)
    return None if number is None else number.removeprefix("+")
