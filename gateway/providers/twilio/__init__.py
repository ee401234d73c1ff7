"""Twilio Programmable Voice."""

from typing import Final

from gateway.providers.provider import Features, Provider, ProviderKind
from gateway.providers.twilio.adapter import ADAPTER
from gateway.providers.twilio.rehearsal import SCRIPT

TWILIO: Final = Provider(
    package=__package__,
    title="Twilio",
    kinds=(
        ProviderKind(
            title="Twilio",
            adapter=ADAPTER,
            rehearsal=SCRIPT,
            features=Features(
                call_start="form, TwiML",
                refuse_as_busy='`<Reject reason="busy">`',
                caller_id="yes, a number",
                limit="`<Dial timeLimit>`",
                cut="REST",
                lost_calls="REST",
                signature="HMAC-SHA1 over URL and form",
                verified_with="`twilio`",
            ),
        ),
    ),
)
