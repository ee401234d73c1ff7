"""Voximplant, by our scenario."""

from typing import Final

from gateway.providers.provider import Features, Provider, ProviderKind
from gateway.providers.voximplant.adapter import Voximplant
from gateway.providers.voximplant.rehearsal import VoximplantScript

VOXIMPLANT: Final = Provider(
    package=__package__,
    title="Voximplant",
    kinds=(
        ProviderKind(
            title="Voximplant",
            adapter=Voximplant(),
            rehearsal=VoximplantScript(),
            features=Features(
                call_start="JSON from our scenario",
                refuse_as_busy="`reject(486)`",
                caller_id="yes, a number",
                limit="timer in the scenario",
                cut="session's control URL",
                lost_calls="GetCallHistory",
                signature="HMAC-SHA256",
                verified_with="the vendor's typings, the scenario run in a fake engine",
            ),
        ),
    ),
)
