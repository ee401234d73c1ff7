"""Twilio's signature: HMAC-SHA1 over the URL and the form.

Twilio signs no time and no nonce; what is repeated is harmless because a call starts and ends once (R16, R21).
Source: Twilio's page on webhook security, `request_validator.py` of twilio-python 9.13, `webhooks.ts` of twilio-node.
"""

from collections.abc import Sequence

from gateway.providers.base import Hook
from gateway.providers.wire.form_signing import default_port, is_json, require_hash, sign_form, split_port
from gateway.providers.wire.forms import query_of, read_pairs
from gateway.providers.wire.signing import require_match, wire


def require_signature(hook: Hook, secrets: tuple[str, ...]) -> Sequence[tuple[str, str]]:
    """Refuse unless the hook is signed by one of the secrets; the fields it brought are given back.

    The fields of a GET are in its URL, which is signed anyway. A JSON body is not signed itself: the hash of it in
    the URL is, and a JSON body without one proves nothing.
    """
    given = wire(hook.headers.get("x-twilio-signature", ""))
    signed: Sequence[tuple[str, str]] = ()
    if hook.method == "GET":
        fields = read_pairs(query_of(hook.url))
    elif is_json(hook):
        fields = []
        require_hash(hook)
    else:
        signed = fields = read_pairs(hook.body)
    keys = [(secret, url) for secret in secrets for url in spellings(hook.url)]
    require_match([given], keys, lambda key: sign(*key, signed))
    return fields


def sign(secret: str, url: str, pairs: Sequence[tuple[str, str]]) -> bytes:
    """Base64 of HMAC-SHA1 over the URL and every distinct name and value, sorted."""
    return sign_form(secret, url, sorted(set(pairs)))


def spellings(url: str) -> tuple[str, str]:
    """The URL without its port and with it; the signer is not of one mind about that.

    No other spelling is tried. A literal apostrophe is one that only twilio-node forgives (vector `tw-apostrophe`);
    our URLs have none, see `with_query`.
    """
    start, port, rest = split_port(url)
    return f"{start}{rest}", f"{start}:{port or default_port(url)}{rest}"
