"""The native contract, for any SIP server or program."""

from typing import Final

from gateway.providers.native.adapter import Native
from gateway.providers.native.rehearsal import NativeScript
from gateway.providers.provider import Features, Provider, ProviderKind

NATIVE: Final = Provider(
    package=__package__,
    title="native",
    kinds=(
        ProviderKind(
            title="native",
            adapter=Native(),
            rehearsal=NativeScript(),
            features=Features(
                call_start="JSON",
                refuse_as_busy="486",
                caller_id="yes, or nobody",
                limit="`max_seconds`",
                cut="with a control URL",
                lost_calls="`call.status`, if offered",
                signature="Standard Webhooks, or bearer",
                verified_with="`standardwebhooks`",
            ),
        ),
    ),
)
