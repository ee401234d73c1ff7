"""The library of Standard Webhooks on the hooks of a rehearsal."""

import standardwebhooks

from tests.providers.cases import NOW
from tests.providers.rehearsals import hooks_of
from tests.support.connections import CONNECTIONS


def test_the_standard_webhooks_library_takes_the_signature_of_a_native_hook() -> None:
    webhook = standardwebhooks.Webhook(CONNECTIONS["native-1"].secrets[0])

    for hook in hooks_of("native-1"):
        headers = {name.lower(): value for name, value in hook.headers.items()}
        signed = webhook.sign(headers["webhook-id"], NOW, hook.body.decode())
        assert headers["webhook-signature"] == signed
