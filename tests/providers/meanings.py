"""What the recorded hooks of a kind of connection mean, each taken for authentic first."""

from gateway.domain.events import Event
from gateway.providers.registry import adapters
from tests.support.http_samples import sample_connection, samples


def meanings(kind: str) -> dict[str, Event]:
    adapter, connection = adapters()[kind], sample_connection(kind)
    assert connection is not None
    meant = {}
    for name, hook in samples(kind).items():
        adapter.authenticate(hook, connection)
        meant[name] = adapter.parse(hook, connection)
    return meant
