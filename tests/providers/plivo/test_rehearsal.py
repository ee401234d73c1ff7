"""Plivo's own validator on the hooks of a rehearsal."""

from urllib.parse import parse_qsl

from plivo.utils import validate_v3_signature

from tests.providers.rehearsals import hooks_of
from tests.support.connections import CONNECTIONS


def test_plivos_own_validator_takes_the_hooks() -> None:
    for hook in hooks_of("plivo-1"):
        fields = dict(parse_qsl(hook.body.decode(), keep_blank_values=True))
        signature, nonce = hook.headers["X-Plivo-Signature-V3"], hook.headers["X-Plivo-Signature-V3-Nonce"]
        token = CONNECTIONS["plivo-1"].secrets[0]
        assert validate_v3_signature("POST", hook.url, nonce, token, signature, fields)
