"""Telnyx' signature: Ed25519 over the timestamp and the body, for both of its interfaces. A secret is a public key.

The URL is not signed. Sources: `lib/webhook_verification.py` of telnyx-python 4.189; Telnyx' page on voice webhooks
(knowledge base of 2026-04).
"""

from base64 import b64decode, b64encode
from functools import lru_cache
from typing import TYPE_CHECKING

from gateway.domain.errors import BadSignature
from gateway.providers.base import Hook
from gateway.providers.wire.signing import require_recent, wire

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

KEY_BYTES = 32


def require_signature(hook: Hook, public_keys: tuple[str, ...]) -> None:
    """Refuse unless one of the account's keys verifies `timestamp|body`, and the timestamp is within five minutes.

    A GET is refused: its fields would be in the query, which nobody signs.
    """
    if hook.method != "POST":
        raise BadSignature("only the body is signed: set the webhook's method to POST")
    if not public_keys:
        raise BadSignature("the connection has no secret")
    timestamp = hook.headers.get("telnyx-timestamp", "")
    given = hook.headers.get("telnyx-signature-ed25519", "")
    signature = _decode(given)
    if signature is None:
        raise BadSignature("the signature is missing or not in base64")
    message = b"%b|%b" % (wire(timestamp), hook.body)
    if not any(_verifies(public_key, signature, message) for public_key in public_keys):
        raise BadSignature("the signature does not match")
    require_recent(timestamp, hook.received_at)


def _verifies(public_key: str, signature: bytes, message: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - see ed25519_key()

    key = ed25519_key(public_key)
    if key is None:
        return False
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def public_key(text: str) -> str:
    """The check of a secret: a public key as the portal shows it."""
    if len(_decode(text) or b"") != KEY_BYTES:
        raise ValueError(f"must be the public key of the account, base64 of {KEY_BYTES} bytes")
    return text


@lru_cache(maxsize=64)
def ed25519_key(public_key: str) -> "Ed25519PublicKey | None":
    """The key, 32 bytes in base64 as the portal shows it; a secret that is none is as good as no secret."""
    # It loads a cryptography library, which only connections of Telnyx need.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415

    raw = _decode(public_key)
    try:
        return None if raw is None else Ed25519PublicKey.from_public_bytes(raw)
    except ValueError:
        return None


def _decode(text: str) -> bytes | None:
    """Base64 in its one right spelling; None for anything else."""
    try:
        raw = b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if raw and b64encode(raw).decode() == text else None
