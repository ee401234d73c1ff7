"""SignalWire's signature: HMAC-SHA1 over the URL and the form, as Twilio's but for the order of repeated fields.

The key is the project's Signing Key, not its API token. No time and no nonce is signed; what is repeated is harmless
because a call starts and ends once (R16, R21). Source: SignalWire's page on webhook security,
`webhook_validator.py` of signalwire-python (2026-08).
"""

from collections.abc import Sequence

import msgspec

from gateway.providers.base import Hook
from gateway.providers.wire.fields import decode
from gateway.providers.wire.form_signing import default_port, is_json, require_hash, sign_form, split_port, told_hash
from gateway.providers.wire.forms import query_of, read_pairs
from gateway.providers.wire.signing import require_match, wire

Pairs = Sequence[tuple[str, str]]

_OBJECT = msgspec.json.Decoder(dict[str, object])
# Larger than any number that means something to us.
_INTEGER_MAX = 2**53


def require_signature(hook: Hook, secrets: tuple[str, ...]) -> None:
    """Refuse unless the hook is signed by one of the secrets.

    Their own validator takes a signature over the bare URL for any form; we do so only where the URL tells the hash of
    the body, lest whoever has one such signature could send what he likes. The hash must match wherever it is told.
    A signature over JSON itself (their scheme A, in hex) is not of cXML, and refused.
    """
    headers = hook.headers
    given = wire(headers.get("x-signalwire-signature") or headers.get("x-twilio-signature", ""))
    is_hashed = is_json(hook) or told_hash(hook) is not None
    if is_hashed:
        require_hash(hook)
    shapes: list[Pairs] = [()] if is_hashed or hook.method == "GET" else []
    if hook.method != "GET" and not is_json(hook):
        shapes.append(read_pairs(hook.body))
    keys = [(secret, url, pairs) for secret in secrets for url in spellings(hook.url) for pairs in shapes]
    require_match([given], keys, lambda key: sign(*key))


def sign(secret: str, url: str, pairs: Pairs) -> bytes:
    """Fields are sorted by their names; those of one name stay in their order, equal ones too."""
    return sign_form(secret, url, sorted(pairs, key=lambda pair: pair[0]))


def spellings(url: str) -> tuple[str, ...]:
    """The URL without the standard port of its scheme and with it; any other port is used as it is."""
    start, port, rest = split_port(url)
    standard = default_port(url)
    if port and port != standard:
        return (url,)
    return f"{start}{rest}", f"{start}:{standard}{rest}"


def read_fields(hook: Hook) -> Pairs:
    """The fields of a hook: a form, or JSON, as their OpenAPI file has it of status callbacks."""
    if hook.method == "GET":
        return read_pairs(query_of(hook.url))
    if not is_json(hook):
        return read_pairs(hook.body)
    values = decode(_OBJECT, hook.body)
    texts = {name: _text(value) for name, value in values.items()}
    return [(name, text) for name, text in texts.items() if text is not None]


def _text(value: object) -> str | None:
    """A text, or a whole number as text; nothing else is a field of ours."""
    if isinstance(value, str):
        return value
    is_number = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _INTEGER_MAX
    return str(value) if is_number else None
