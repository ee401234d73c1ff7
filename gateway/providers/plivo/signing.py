"""Plivo's signature V3: HMAC-SHA256 over the URL, its query and the form, and a nonce.

V1 and V2 are not taken: V2 does not cover the body. The nonce is a random text, no time; what is repeated is harmless
because a call starts and ends once (R16, R21). Source: `signature_v3.py` of plivo-python 4.63.
"""

import hmac
from base64 import b64encode

from gateway.providers.base import Hook
from gateway.providers.wire.forms import query_of, read_pairs
from gateway.providers.wire.signing import require_match, wire

# By the token of the account or sub-account whose number it is, and by the main account's. Each is a list.
_HEADERS = ("x-plivo-signature-v3", "x-plivo-signature-ma-v3")


def require_signature(hook: Hook, secrets: tuple[str, ...]) -> None:
    """Refuse unless one of the signatures is that of one of the secrets."""
    nonce = hook.headers.get("x-plivo-signature-v3-nonce", "")
    given = [wire(text.strip()) for name in _HEADERS for text in hook.headers.get(name, "").split(",")]
    base = signed_text(hook)
    require_match(given, secrets, lambda secret: sign(secret, base, nonce))


def sign(secret: str, base: bytes, nonce: str) -> bytes:
    return b64encode(hmac.digest(secret.encode(), base + b"." + wire(nonce), "sha256"))


def signed_text(hook: Hook) -> bytes:
    """What is signed of a hook, in Plivo's own way.

    Names and values are decoded, and sorted. Fields follow a `?` even where there is no query, and a dot where there is
    one. Decoded text that is not ASCII comes out wrong in their own library: our URLs have none (see `plivo_xml`).
    """
    query = sorted(read_pairs(query_of(hook.url)))
    fields = sorted(read_pairs(hook.body)) if hook.method != "GET" else []
    text = hook.url.partition("?")[0]
    if query or fields:
        text += "?" + "&".join(f"{name}={value}" for name, value in query)
    if query and fields:
        text += "."
    return wire(text + "".join(name + value for name, value in fields))
