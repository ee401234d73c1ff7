"""Asterisk of one's own, by our dialplan."""

from typing import Final

from gateway.providers.asterisk.adapter import Asterisk
from gateway.providers.asterisk.rehearsal import AsteriskScript
from gateway.providers.provider import Features, Provider, ProviderKind

ASTERISK: Final = Provider(
    package=__package__,
    title="Asterisk",
    kinds=(
        ProviderKind(
            title="Asterisk",
            adapter=Asterisk(),
            rehearsal=AsteriskScript(),
            features=Features(
                call_start="form, JSON",
                refuse_as_busy="`Hangup(17)`",
                caller_id="yes, or nobody",
                limit="`Dial(…,L())`, from the answer",
                cut="ARI, with a control URL and a password",
                lost_calls="whether it is up, with the same; lost ends are sent again by cron",
                signature="Basic, name and secret",
                verified_with="Asterisk 16.28 and SIPp, real calls",
            ),
        ),
    ),
)
