"""Tokens signed with a private key that is an option of the connection: what REST APIs want of an application."""

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from gateway.domain.errors import ProviderFailed

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey


def rsa_token(claims: Mapping[str, object], private_key: str, headers: Mapping[str, str] | None = None) -> str:
    """A JWT, signed with RS256."""
    import jwt  # noqa: PLC0415 - it loads a cryptography library, which only connections with a private key need

    return jwt.encode(dict(claims), rsa_key(private_key), algorithm="RS256", headers=dict(headers or {}))


@lru_cache(maxsize=8)
def rsa_key(pem: str) -> "RSAPrivateKey":
    """The key, read once: that takes some 40 ms, signing one."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415 - see rsa_token()
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415
    from cryptography.hazmat.primitives.serialization import load_pem_private_key  # noqa: PLC0415

    try:
        key = load_pem_private_key(pem.encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ProviderFailed("the option private_key is not a private key in PEM") from error
    if not isinstance(key, rsa.RSAPrivateKey):
        raise ProviderFailed("the option private_key is not an RSA key")
    return key
