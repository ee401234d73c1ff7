"""Plivo Voice."""

from typing import Final

from gateway.providers.plivo.adapter import Plivo
from gateway.providers.plivo.rehearsal import PlivoScript
from gateway.providers.provider import Features, Provider, ProviderKind

PLIVO: Final = Provider(
    package=__package__,
    title="Plivo",
    kinds=(
        ProviderKind(
            title="Plivo",
            adapter=Plivo(),
            rehearsal=PlivoScript(),
            features=Features(
                call_start="form, Plivo XML",
                refuse_as_busy='`<Hangup reason="busy">`',
                caller_id="yes, a number",
                limit="`<Dial timeLimit>`",
                cut="REST",
                lost_calls="REST",
                signature="HMAC-SHA256 over URL, form and nonce (V3)",
                verified_with="`plivo`",
            ),
        ),
    ),
)
