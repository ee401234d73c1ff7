"""The probe of a connection to Bitrix24."""

from gateway.domain.events import Ignored
from gateway.providers.base import Acknowledged
from gateway.providers.registry import adapters, probes
from tests.providers.cases import NOW, PUBLIC_URL
from tests.providers.rehearsals import taken
from tests.support.connections import CONNECTIONS


def test_bitrix24s_probe_is_taken_and_ignored() -> None:
    connection = CONNECTIONS["bitrix24-1"]

    event = taken(connection, probes()["bitrix24"].hook(connection, public_url=PUBLIC_URL, now=NOW))

    assert isinstance(event, Ignored)
    reply = adapters()["bitrix24"].reply(event, Acknowledged(), connection, public_url=PUBLIC_URL)
    assert reply.status == probes()["bitrix24"].status
