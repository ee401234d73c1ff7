"""jambonz, hosted or one's own."""

from typing import Final

from gateway.providers.jambonz.adapter import Jambonz
from gateway.providers.jambonz.rehearsal import JambonzScript
from gateway.providers.provider import Features, Provider, ProviderKind

JAMBONZ: Final = Provider(
    package=__package__,
    title="jambonz",
    kinds=(
        ProviderKind(
            title="jambonz",
            adapter=Jambonz(),
            rehearsal=JambonzScript(),
            features=Features(
                call_start="JSON, verbs",
                refuse_as_busy="`sip:decline` 486",
                caller_id="yes, or nobody",
                limit="`dial.timeLimit`",
                cut="REST, with an API key",
                lost_calls="REST, with an API key, for an hour after the end",
                signature="HMAC-SHA256 with time; our URLs proven by us",
                verified_with="`@jambonz/sdk`, `@jambonz/schema`",
            ),
        ),
    ),
)
