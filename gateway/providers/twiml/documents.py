"""What Twilio, and those who speak a dialect of its TwiML, are told: decisions as documents.

Sources: Twilio's pages on `<Dial>`, `<Number>`, `<Sip>`, `<Client>`, `<Redirect>` and `<Reject>` (2026); SignalWire's
pages of the same names (cXML, 2026-08).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from xml.etree.ElementTree import Element

from gateway.domain.connection import Connection
from gateway.domain.events import CallStarted, Direction, Event
from gateway.domain.phone import is_e164
from gateway.providers.base import CallRef, Connect, Outcome, Reject, Reply
from gateway.providers.twiml.rest import instant
from gateway.providers.wire.callbacks import FORWARD_SUFFIX, forward_of, told_of
from gateway.providers.wire.forms import with_query
from gateway.providers.wire.markup import document, element
from gateway.providers.wire.privacy import shows_nobody
from gateway.providers.wire.proven import proven_url

CONTENT_TYPE = "text/xml"
RING_S = 30

_BUSY = frozenset({486, 600})
_ANONYMITY_DISALLOWED = 433


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialect:
    """How one provider's TwiML differs from another's."""

    # What the id of a call looks like.
    call_id: re.Pattern[str]
    # Where an inbound call goes to if the connection does not say.
    inbound_to: str = ""
    # Whether there is a `<Client>`, which can tell its status.
    has_clients: bool = False
    # What our URLs end in: a fragment that asks for more tries, where the provider can be asked.
    retry: str = ""
    # The field of a callback with the SIP code of the end.
    sip_code: str
    # The field of a start with the SIP header X-Line.
    line_header: str | None = None
    # How instants are written.
    instant: Callable[[str | None, str], datetime | None] = instant
    # With what our URLs are proven, for a provider that signs no URL.
    url_key: str | None = None

    def is_call_id(self, text: str) -> bool:
        return self.call_id.fullmatch(text) is not None

    def url(self, hook_url: str, event: CallStarted, parameters: Mapping[str, str]) -> str:
        """Our URL that says this of a call."""
        if self.url_key is None:
            return with_query(hook_url, parameters) + self.retry
        return (
            proven_url(hook_url, parameters, event.call_id.removesuffix(FORWARD_SUFFIX), (self.url_key,)) + self.retry
        )

    def first_leg(self, call: CallRef) -> str | None:
        """The provider's id of a call; None where it is not one, so that no URL is ever made of junk."""
        sid = call.call_id.removesuffix(FORWARD_SUFFIX)
        return sid if self.is_call_id(sid) else None


def reply(event: Event, outcome: Outcome, connection: Connection, *, public_url: str, dialect: Dialect) -> Reply:
    """A decision, or the end of the call: whatever asks after that, there is nothing left to do.

    A status callback does not need a document, and does not mind one; the `action` of `<Dial>` must have one, or
    the first leg stays up.
    """
    if not isinstance(event, CallStarted):
        verb = element("Hangup", {})
    elif isinstance(outcome, Connect):
        inbound_to = connection.options.get("inbound_to", dialect.inbound_to)
        verb = _connect(event, outcome, f"{public_url}/hooks/{connection.name}", inbound_to, dialect)
    else:
        verb = _reject(outcome.sip_code if isinstance(outcome, Reject) else 500)
    return Reply(content_type=CONTENT_TYPE, body=document(element("Response", {}, verb)))


def _connect(event: CallStarted, outcome: Connect, hook_url: str, inbound_to: str, dialect: Dialect) -> Element:
    """The verb that lets a call go on: to the callee, to where inbound calls go, or to the second decision.

    No attribute of `<Dial>` withholds a number, so a call that must show nobody is not dialled.
    """
    if shows_nobody(event, outcome):
        return _reject(_ANONYMITY_DISALLOWED)
    url = dialect.url(hook_url, event, told_of(event))
    if event.direction is not Direction.INBOUND:
        return _dial(event, outcome, url, "Number", event.callee)
    kind, _, _ = inbound_to.partition(":")
    target = inbound_to.replace("{line}", event.line).replace("{digits}", event.line.removeprefix("+"))
    if kind.lower() in ("sip", "sips"):
        return _dial(event, outcome, url, "Sip", target)
    if dialect.has_clients and kind.lower() == "client":
        return _dial(event, outcome, url, "Client", target.partition(":")[2])
    if is_e164(inbound_to):
        return element("Redirect", {"method": "POST"}, dialect.url(hook_url, event, forward_of(event, inbound_to)))
    return _reject(500)


def _reject(sip_code: int) -> Element:
    """Not answered and not billed, as long as it is the first verb."""
    return element("Reject", {"reason": "busy" if sip_code in _BUSY else "rejected"})


def _dial(event: CallStarted, outcome: Connect, url: str, noun: str, target: str) -> Element:
    """`<Dial>` with the limit, and our URL for everything that becomes of it.

    `answerOnBridge`: the first leg is not answered, and not billed, while the dialled one rings.
    """
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
    """Numbers only are taken: the name of an own user, as in an emergency call, gives way to the line."""
    line = None if event.direction is Direction.INBOUND else event.line
    return next((text for text in (outcome.caller_id, line) if text and is_e164(text)), None)
