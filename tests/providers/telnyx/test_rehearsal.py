"""The probe of a connection to Telnyx."""

from dataclasses import replace

import pytest

from gateway.domain.errors import InvalidInput
from gateway.providers.telnyx.rehearsal import TelnyxProbe
from tests.support.connections import CONNECTIONS


def test_a_secret_that_is_no_public_key_of_telnyx_is_named() -> None:
    connection = replace(CONNECTIONS["telnyx-1"], secrets=(*CONNECTIONS["telnyx-1"].secrets, "not a key"))

    assert "as they must be" in TelnyxProbe().check(CONNECTIONS["telnyx-1"])
    with pytest.raises(InvalidInput, match="secret 2 of connection telnyx-1 is no public key of Ed25519"):
        TelnyxProbe().check(connection)
