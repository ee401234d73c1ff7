"""Parameters of our own URLs with a proof of ours: for the providers that sign what they send, but not the URL.

Without it, whoever comes by one signed delivery could send it to a URL that names another account's line. The proof is
bound to the call, so a URL of one call proves nothing about another; a query without a good proof says nothing.
"""

import hmac
import json
from collections.abc import Mapping
from hashlib import sha256

from gateway.providers.wire.forms import Form, query_of, read_pairs, with_query
from gateway.providers.wire.signing import wire

NAMES = ("leg", "caller", "callee", "line")


def proven_url(url: str, told: Mapping[str, str], first_leg: str, secrets: tuple[str, ...]) -> str:
    """A URL with these parameters and their proof by the newest secret."""
    parameters = dict(told)
    for secret in secrets[:1]:
        parameters["proof"] = _proof(secret, told, first_leg)
    return with_query(url, parameters)


def read_proven(url: str, first_leg: str, secrets: tuple[str, ...]) -> Form:
    """The parameters of such a URL; none of them where the proof is not that of one of the secrets."""
    query = Form(read_pairs(query_of(url)))
    told = {name: value for name in NAMES if (value := query.get(name)) is not None}
    given = wire(query.get("proof") or "")
    if any(hmac.compare_digest(_proof(secret, told, first_leg).encode(), given) for secret in secrets):
        return query
    return Form(())


def _proof(secret: str, told: Mapping[str, str], first_leg: str) -> str:
    """Hex HMAC-SHA256 over a JSON list, which no webhook of a provider is signed as."""
    message = json.dumps(["told", first_leg, *(told.get(name) for name in NAMES)])
    return hmac.new(secret.encode(), message.encode(), sha256).hexdigest()
