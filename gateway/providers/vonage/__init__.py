"""Vonage Voice."""

from typing import Final

from gateway.providers.provider import Features, Provider, ProviderKind
from gateway.providers.vonage.adapter import Vonage
from gateway.providers.vonage.rehearsal import VonageScript

VONAGE: Final = Provider(
    package=__package__,
    title="Vonage",
    kinds=(
        ProviderKind(
            title="Vonage",
            adapter=Vonage(),
            rehearsal=VonageScript(),
            features=Features(
                call_start="JSON, NCCO",
                refuse_as_busy="**not possible**: a sentence, or silence",
                caller_id="yes, a number",
                limit="`connect.limit`",
                cut="REST, with a private key",
                lost_calls="REST, with a private key",
                signature="JWT HS256 with the body's hash; our URLs proven by us",
                verified_with="`vonage-jwt`, `vonage-voice`, `vonage-application`",
            ),
        ),
    ),
)
