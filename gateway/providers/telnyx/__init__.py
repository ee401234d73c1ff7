"""Telnyx, by either of its interfaces."""

from typing import Final

from gateway.providers.provider import Features, Provider, ProviderKind
from gateway.providers.telnyx.call_control import TelnyxCallControl
from gateway.providers.telnyx.rehearsal import TelnyxProbe
from gateway.providers.telnyx.texml import Telnyx

TELNYX: Final = Provider(
    package=__package__,
    title="Telnyx",
    kinds=(
        ProviderKind(
            title="Telnyx TeXML",
            adapter=Telnyx(),
            rehearsal=TelnyxProbe(),
            features=Features(
                call_start="form, TeXML",
                refuse_as_busy='`<Reject reason="busy">`',
                caller_id="yes, a number",
                limit="`<Dial timeLimit>`, 60 s at least",
                cut="REST",
                lost_calls="REST",
                signature="Ed25519 with time; our URLs proven by us",
                verified_with="`telnyx`; the documents by `twilio`",
            ),
        ),
        ProviderKind(
            title="Telnyx Call Control",
            adapter=TelnyxCallControl(),
            rehearsal=TelnyxProbe(),
            features=Features(
                call_start="JSON, told by commands",
                refuse_as_busy="`reject` with `USER_BUSY`",
                caller_id="yes, or nobody",
                limit="`time_limit_secs`, 60 s at least",
                cut="REST",
                lost_calls="REST: when, not how long",
                signature="Ed25519 with time; states of legs proven by us",
                verified_with="`telnyx`",
            ),
        ),
    ),
)
