"""Every recorded hook is refused by another secret; what it means is tested in its provider's folder."""

from dataclasses import replace

import pytest

from gateway.domain.errors import BadSignature
from gateway.providers.registry import adapters
from tests.support.http_samples import sample_connection, samples

RECORDED = [kind for kind in adapters() if sample_connection(kind) is not None]


@pytest.mark.parametrize("kind", RECORDED)
def test_every_sample_is_refused_by_another_secret(kind: str) -> None:
    adapter, connection = adapters()[kind], sample_connection(kind)
    assert connection is not None

    for hook in samples(kind).values():
        with pytest.raises(BadSignature):
            adapter.authenticate(hook, replace(connection, secrets=("another",)))
