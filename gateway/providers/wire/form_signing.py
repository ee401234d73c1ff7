"""Signatures over a URL and a form: what Twilio's and SignalWire's have in common.

Sources: Twilio's page on webhook security; `webhook_validator.py` of signalwire-python (2026-08).
"""

import hmac
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256

from gateway.domain.errors import BadSignature
from gateway.providers.base import Hook
from gateway.providers.wire.forms import Form, query_of, read_pairs
from gateway.providers.wire.signing import wire

_DEFAULT_PORTS = {"https": "443", "http": "80"}


def sign_form(secret: str, url: str, pairs: Iterable[tuple[str, str]]) -> bytes:
    """Base64 of HMAC-SHA1 over the URL and every name and value, in the order they are given in."""
    message = wire(url) + b"".join(wire(name) + wire(value) for name, value in pairs)
    return b64encode(hmac.digest(secret.encode(), message, "sha1"))


def split_port(url: str) -> tuple[str, str, str]:
    """The URL up to its host, its port or nothing, and the rest."""
    scheme, _, rest = url.partition("://")
    end = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    user, at_sign, place = rest[:end].rpartition("@")
    host, colon, port = place.rpartition(":")
    if not colon or not (port.isascii() and port.isdigit()):
        host, port = place, ""
    return f"{scheme}://{user}{at_sign}{host}", port, rest[end:]


def default_port(url: str) -> str:
    return _DEFAULT_PORTS.get(url.partition("://")[0], "")


def is_json(hook: Hook) -> bool:
    return hook.headers.get("content-type", "").lower().startswith("application/json")


def told_hash(hook: Hook) -> str | None:
    """The hash of the body that the URL tells; a body that is not in the signature itself is proven by it."""
    return Form(read_pairs(query_of(hook.url))).get("bodySHA256")


def require_hash(hook: Hook) -> None:
    """Refuse unless the URL, which is signed, tells the hash of the body."""
    expected = told_hash(hook) or ""
    if not hmac.compare_digest(wire(expected), sha256(hook.body).hexdigest().encode()):
        raise BadSignature("the hash of the body is missing or does not match")
