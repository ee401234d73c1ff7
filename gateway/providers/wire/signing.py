"""Proving who sent a webhook: what more than one provider needs."""

import hmac
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TypeVar

from gateway.domain.errors import BadSignature

# R33: a signed timestamp may be this far off.
TIMESTAMP_TOLERANCE = timedelta(minutes=5)
# The Standard Webhooks specification.
KEY_BYTES_MIN = 24
KEY_BYTES_MAX = 64

Key = TypeVar("Key")


def wire(text: str) -> bytes:
    """The bytes a header or a form field came as; aiohttp hands on what is no UTF-8 as lone surrogates."""
    return text.encode("utf-8", "surrogateescape")


def require_match(given: Iterable[bytes], keys: Sequence[Key], sign: Callable[[Key], bytes]) -> None:
    """Refuse unless one of the given signatures is that of one of the keys; compared in constant time.

    A key is a secret, or whatever else `sign` makes a signature of. No configured secret is a refusal too: a provider
    without a secret is off (R33).
    """
    signatures = [signature for signature in given if signature]
    if not keys:
        raise BadSignature("the connection has no secret")
    if not signatures:
        raise BadSignature("the signature is missing")
    for key in keys:
        expected = sign(key)
        if any(hmac.compare_digest(expected, signature) for signature in signatures):
            return
    raise BadSignature("the signature does not match")


def require_recent(timestamp: str, now: datetime) -> None:
    """Refuse a timestamp (unix seconds) that is missing, no number, or more than five minutes off."""
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise BadSignature("the timestamp is missing or not in unix seconds")
    if abs(int(timestamp) - now.timestamp()) > TIMESTAMP_TOLERANCE.total_seconds():
        raise BadSignature("the timestamp is more than five minutes off")


def unix(now: datetime) -> str:
    return str(int(now.astimezone(UTC).timestamp()))


def signing_secret(text: str) -> str:
    """The check of a Standard Webhooks secret: `whsec_` and base64 of 24 to 64 bytes."""
    try:
        is_right = text.startswith("whsec_") and KEY_BYTES_MIN <= len(standard_key(text)) <= KEY_BYTES_MAX
    except BadSignature:
        is_right = False
    if not is_right:
        raise ValueError(f"must be whsec_ and base64 of {KEY_BYTES_MIN} to {KEY_BYTES_MAX} bytes")
    return text


@lru_cache(maxsize=64)
def standard_key(secret: str) -> bytes:
    """The key of a Standard Webhooks secret; one that is none is as good as no secret."""
    try:
        return b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError as error:
        raise BadSignature("the connection's secret is not in base64") from error


def sign_standard(secret: str, message_id: str, timestamp: str, body: bytes) -> bytes:
    """`v1,<base64 HMAC-SHA256>` over `id.timestamp.body` (the Standard Webhooks specification)."""
    message = b"%b.%b.%b" % (wire(message_id), wire(timestamp), body)
    return b"v1," + b64encode(hmac.digest(standard_key(secret), message, "sha256"))


def require_bearer(header: str, secrets: tuple[str, ...]) -> None:
    """Refuse unless `Authorization: Bearer <secret>` names one of the secrets."""
    require_match([bearer_of(header)], secrets, str.encode)


def bearer_of(header: str) -> bytes:
    """The token of `Authorization: Bearer <token>`; empty for anything else."""
    scheme, _, token = header.partition(" ")
    return wire(token.strip()) if scheme.lower() == "bearer" else b""
