"""SignalWire's signature by the vectors of its own library, and by what must not pass."""

import hmac
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from gateway.domain.errors import BadSignature
from gateway.providers.base import Hook
from gateway.providers.signalwire.signing import require_signature, spellings
from tests.providers.cases import NOW, with_headers
from tests.support.http_samples import Headers

# signalwire-python tests/unit/security/test_webhook_validator.py (sw-B, sw-A), the others computed by its rule.
FORM = "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&To=%2B18005551212"
VECTORS = {
    "sw-B": ("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", FORM, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
    "own-sw-start": (
        "PSK_0123456789abcdef0123456789abcdef",
        "https://gw.example.net/v1/signalwire/voice",
        (
            "AccountSid=b08dacad-fd7c-4549-8ad3-ca9b7c6a2d61&ApiVersion=2010-04-01"
            "&CallSid=4f8b6a2e-9c1d-4f0a-8b1e-2d3c4b5a6978&CallStatus=ringing&Direction=inbound"
            "&From=%2B15557654321&To=%2B15550001000"
        ),
        "Ro5bF8P0KHRtsu+TBiDIlq4aDrk=",
    ),
    "own-sw-dup": (
        "12345",
        "https://mycompany.com/myapp.php?foo=1&bar=2",
        "Digits=5678&Digits=1234&Digits=1234&Sid=CA123",
        "C2ZsV2TvqPTd4Cx4iqsxkRoGX3g=",
    ),
}
# The same pairs as own-sw-dup by Twilio's rule, which sorts and de-duplicates.
TWILIOS_DUP = "PsvQvU7GsapX+M0BLFymKCdJYR8="


def hook_of(url: str, body: str, signature: str, content_type: str = "application/x-www-form-urlencoded") -> Hook:
    headers = Headers({"Content-Type": content_type, "X-SignalWire-Signature": signature})
    return Hook(method="POST", url=url, headers=headers, body=body.encode(), received_at=NOW)


def refused(hook: Hook, *secrets: str) -> None:
    with pytest.raises(BadSignature):
        require_signature(hook, secrets)


def bare(key: str, url: str) -> str:
    """A signature over the URL alone."""
    return b64encode(hmac.digest(key.encode(), url.encode(), "sha1")).decode()


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_passes(name: str) -> None:
    key, url, body, signature = VECTORS[name]

    require_signature(hook_of(url, body, signature), (key,))
    require_signature(hook_of(url, body, signature), ("another", key))


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_passes_no_more_when_anything_is_changed(name: str) -> None:
    key, url, body, signature = VECTORS[name]
    hook = hook_of(url, body, signature)

    refused(hook)
    refused(hook, "another")
    refused(with_headers(hook, x_signalwire_signature=signature.swapcase()), key)
    refused(with_headers(hook, x_signalwire_signature=""), key)
    refused(replace(hook, url=hook.url + "&a=b"), key)
    refused(replace(hook, body=hook.body + b"&a="), key)
    refused(replace(hook, body=b"&".join(reversed(hook.body.split(b"&")))[:-1]), key)
    refused(replace(hook, method="GET"), key)


def test_twilios_rule_for_repeated_fields_is_not_signalwires() -> None:
    key, url, body, _ = VECTORS["own-sw-dup"]

    refused(hook_of(url, body, TWILIOS_DUP), key)


def test_a_signature_over_json_itself_is_not_of_cxml() -> None:
    """Scheme A (vector sw-A): hex over the URL and the body."""
    url = "https://example.ngrok.io/webhook"
    body = '{"event":"call.state","params":{"call_id":"abc-123","state":"answered"}}'
    signature = "c3c08c1fefaf9ee198a100d5906765a6f394bf0f"

    for content_type in ("application/json", "application/x-www-form-urlencoded", ""):
        refused(hook_of(url, body, signature, content_type), "PSKtest1234567890abcdef")


def test_a_signature_over_the_url_alone_proves_no_form() -> None:
    """Their validator lets it pass: whoever has one such signature could send any form."""
    url = "https://mycompany.com/hook"

    refused(hook_of(url, FORM, bare("12345", url)), "12345")
    refused(hook_of(url, "{}", bare("12345", url), "application/json"), "12345")


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "application/x-www-form-urlencoded"])
def test_with_the_hash_of_the_body_in_it_the_url_alone_proves_it(content_type: str) -> None:
    url = f"https://mycompany.com/hook?bodySHA256={sha256(FORM.encode()).hexdigest()}"
    hook = hook_of(url, FORM, bare("12345", url), content_type)

    require_signature(hook, ("12345",))
    refused(replace(hook, body=hook.body + b"&a=b"), "12345")
    refused(replace(hook, body=b""), "12345")


def test_a_hash_must_match_wherever_it_is_told() -> None:
    url = "https://mycompany.com/hook?bodySHA256=00"
    message = url + "a1"
    signature = b64encode(hmac.digest(b"12345", message.encode(), "sha1")).decode()

    refused(hook_of(url, "a=1", signature), "12345")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.b/c?d=e:1", ("https://a.b/c?d=e:1", "https://a.b:443/c?d=e:1")),
        ("https://a.b:443/c", ("https://a.b/c", "https://a.b:443/c")),
        ("http://a.b:80/c", ("http://a.b/c", "http://a.b:80/c")),
        ("https://a.b:80/c", ("https://a.b:80/c",)),
        ("https://a.b:8443/c", ("https://a.b:8443/c",)),
        ("https://[::1]/c", ("https://[::1]/c", "https://[::1]:443/c")),
    ],
)
def test_only_the_standard_port_may_come_and_go(url: str, expected: tuple[str, ...]) -> None:
    assert spellings(url) == expected
