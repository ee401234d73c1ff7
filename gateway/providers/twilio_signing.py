"""Twilio's signature: HMAC-SHA1 over the URL and the form.

Twilio signs no time and no nonce; what is repeated is harmless because a call starts and ends once (R16, R21).
Source: Twilio's page on webhook security, `request_validator.py` of twilio-python 9.13, `webhooks.ts` of twilio-node.
"""

import hmac
from base64 import b64encode
from collections.abc import Sequence
from hashlib import sha256

from gateway.domain.errors import BadSignature
from gateway.providers.base import Hook
from gateway.providers.forms import Form, query_of, read_pairs
from gateway.providers.signing import require_match, wire

_DEFAULT_PORTS = {"https": "443", "http": "80"}


def require_signature(hook: Hook, secrets: tuple[str, ...]) -> Sequence[tuple[str, str]]:
    """Refuse unless the hook is signed by one of the secrets; the fields it brought are given back.

    The fields of a GET are in its URL, which is signed anyway. A JSON body is not signed itself: the hash of it in
    the URL is, and a JSON body without one proves nothing.
    """
    given = wire(hook.headers.get("x-twilio-signature", ""))
    signed: Sequence[tuple[str, str]] = ()
    if hook.method == "GET":
        fields = read_pairs(query_of(hook.url))
    elif hook.headers.get("content-type", "").lower().startswith("application/json"):
        fields = []
        _require_hash(hook)
    else:
        signed = fields = read_pairs(hook.body)
    keys = [(secret, url) for secret in secrets for url in spellings(hook.url)]
    require_match([given], keys, lambda key: sign(*key, signed))
    return fields


def sign(secret: str, url: str, pairs: Sequence[tuple[str, str]]) -> bytes:
    """Base64 of HMAC-SHA1 over the URL and every distinct name and value, sorted."""
    message = wire(url) + b"".join(wire(name) + wire(value) for name, value in sorted(set(pairs)))
    return b64encode(hmac.digest(secret.encode(), message, "sha1"))


def spellings(url: str) -> tuple[str, str]:
    """The URL without its port and with it; the signer is not of one mind about that.

    No other spelling is tried. A literal apostrophe is one that only twilio-node forgives (vector `tw-apostrophe`);
    our URLs have none, see `with_query`.
    """
    scheme, _, rest = url.partition("://")
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    user, at_sign, place = rest[:end].rpartition("@")
    host, colon, port = place.rpartition(":")
    if not colon or not port.isdigit():
        host, port = place, _DEFAULT_PORTS.get(scheme, "")
    start = f"{scheme}://{user}{at_sign}{host}"
    return f"{start}{rest[end:]}", f"{start}:{port}{rest[end:]}"


def _require_hash(hook: Hook) -> None:
    told = Form(read_pairs(query_of(hook.url))).get("bodySHA256") or ""
    if not hmac.compare_digest(wire(told), sha256(hook.body).hexdigest().encode()):
        raise BadSignature("the hash of the body is missing or does not match")
