"""The wish of a caller not to be shown, as providers hand it on, and the calls that must show nobody (R43)."""

from typing import Final

from gateway.domain.events import CallStarted, Direction
from gateway.domain.phone import WITHHELD
from gateway.numbers.withheld import asks_privacy
from gateway.providers.base import Connect, Outcome
from gateway.providers.wire.forms import Form

# SIP headers in the fields of Twilio, SignalWire, Telnyx and Vonage, and in those of Plivo. Some hand on only headers
# whose names begin with X-.
_PRIVACY: Final = ("SipHeader_Privacy", "SipHeader_X-Privacy", "SIP-H-Privacy", "X-PH-Privacy")
_REMOTE_PARTY: Final = ("SipHeader_Remote-Party-ID", "SIP-H-Remote-Party-ID")


def is_private(fields: Form) -> bool:
    """Whether the SIP headers among the fields of a start ask that the caller is not shown."""
    return any(asks_privacy(fields.get(name)) for name in _PRIVACY) or any(
        asks_privacy(None, fields.get(name)) for name in _REMOTE_PARTY
    )


def shows_nobody(event: CallStarted, outcome: Outcome) -> bool:
    """Whether a call of our users is connected as one that shows no number."""
    is_ours = event.direction is Direction.OUTBOUND
    return is_ours and isinstance(outcome, Connect) and outcome.caller_id == WITHHELD
