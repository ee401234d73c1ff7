"""Vonage's signature: a JWT (HS256) with the hash of the body, in `Authorization: Bearer`.

Sources: Vonage's pages on signed webhooks and on the webhooks of the Voice API (2026), `verify_jwt.py` of
vonage-python-sdk @b308cb1. The official helpers check no more than the signature; without the hash of the body and the
time, one token would prove anything for ever.

It is checked like the signatures of the other providers, by `require_match`, and not by PyJWT (which makes the tokens
of the tests): that forgives bytes which are no base64url, and warns of every secret shorter than 32 bytes.
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import sha256
from typing import TypeVar

import msgspec

from gateway.domain.errors import BadSignature, MalformedHook
from gateway.providers.base import Hook
from gateway.providers.wire.fields import decode
from gateway.providers.wire.signing import bearer_of, require_match, require_recent, wire

T = TypeVar("T")


class _Header(msgspec.Struct, frozen=True):
    alg: str


class _Claims(msgspec.Struct, frozen=True):
    iat: int
    payload_hash: str
    application_id: str


_HEADER = msgspec.json.Decoder(_Header)
_CLAIMS = msgspec.json.Decoder(_Claims)


def require_token(hook: Hook, secrets: tuple[str, ...], application_id: str) -> None:
    """Refuse unless the token is signed by one of the secrets, for this body, this application, and now."""
    signed, _, signature = bearer_of(hook.headers.get("authorization", "")).rpartition(b".")
    require_match([signature], [secret for secret in secrets if secret], lambda secret: sign(secret, signed))
    header, _, payload = signed.partition(b".")
    if _read(_HEADER, header).alg != "HS256":
        raise BadSignature("the token is not signed by HS256")
    claims = _read(_CLAIMS, payload)
    if not hmac.compare_digest(wire(claims.payload_hash), sha256(hook.body).hexdigest().encode()):
        raise BadSignature("the hash of the body does not match")
    if claims.application_id != application_id:
        raise BadSignature("the hook is not of this connection's application")
    require_recent(str(claims.iat), hook.received_at)


def sign(secret: str, signed: bytes) -> bytes:
    """Base64url, without padding, of HMAC-SHA256 over the header and the claims as they are written (RFC 7515)."""
    return urlsafe_b64encode(hmac.digest(secret.encode(), signed, "sha256")).rstrip(b"=")


def _read(decoder: msgspec.json.Decoder[T], part: bytes) -> T:
    """One part of a token that is signed well, which makes it no less a stranger's."""
    try:
        return decode(decoder, urlsafe_b64decode(part + b"=" * (-len(part) % 4)))
    except (ValueError, MalformedHook) as error:
        raise BadSignature(f"the token cannot be read: {error}") from error
