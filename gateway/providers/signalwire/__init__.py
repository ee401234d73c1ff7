"""SignalWire's compatibility API."""

from typing import Final

from gateway.providers.provider import Features, Provider, ProviderKind
from gateway.providers.signalwire.adapter import ADAPTER
from gateway.providers.signalwire.rehearsal import SCRIPT

SIGNALWIRE: Final = Provider(
    package=__package__,
    title="SignalWire",
    kinds=(
        ProviderKind(
            title="SignalWire",
            adapter=ADAPTER,
            rehearsal=SCRIPT,
            features=Features(
                call_start="form, cXML",
                refuse_as_busy='`<Reject reason="busy">`',
                caller_id="yes, a number",
                limit="`<Dial timeLimit>`",
                cut="REST",
                lost_calls="REST",
                signature="HMAC-SHA1 over URL and form, with a key of its own",
                verified_with="`signalwire`, `signalwire-sdk`",
            ),
        ),
    ),
)
