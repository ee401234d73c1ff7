"""FreeSWITCH of one's own, by mod_xml_curl."""

from typing import Final

from gateway.providers.freeswitch.adapter import Freeswitch
from gateway.providers.freeswitch.rehearsal import FreeswitchScript
from gateway.providers.provider import Features, Provider, ProviderKind

FREESWITCH: Final = Provider(
    package=__package__,
    title="FreeSWITCH",
    kinds=(
        ProviderKind(
            title="FreeSWITCH",
            adapter=Freeswitch(),
            rehearsal=FreeswitchScript(),
            features=Features(
                call_start="form, XML dialplan",
                refuse_as_busy="`respond 486`",
                caller_id="yes, or nobody",
                limit="`sched_hangup` from the answer",
                cut="mod_xml_rpc, with a control URL and a password",
                lost_calls="whether it is up, with the same; lost records are sent again by cron",
                signature="Basic, name and secret",
                verified_with="FreeSWITCH 1.11.3-dev and SIPp, real calls",
            ),
        ),
    ),
)
