"""Kamailio of one's own, by our configuration."""

from typing import Final

from gateway.providers.kamailio.adapter import Kamailio
from gateway.providers.kamailio.rehearsal import KamailioScript
from gateway.providers.provider import Features, Provider, ProviderKind

KAMAILIO: Final = Provider(
    package=__package__,
    title="Kamailio",
    kinds=(
        ProviderKind(
            title="Kamailio",
            adapter=Kamailio(),
            rehearsal=KamailioScript(),
            features=Features(
                call_start="JSON from our configuration",
                refuse_as_busy="486 on the wire",
                caller_id="yes, in From and P-Asserted-Identity; or nobody",
                limit="dialog timer, ± 1 s",
                cut="with a control URL",
                lost_calls="our route, with a control URL, for 25 h",
                signature="Basic, name and secret",
                verified_with="Kamailio and SIPp, real calls",
            ),
        ),
    ),
)
