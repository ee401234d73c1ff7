"""Plivo's signature V3 by the vectors of its own libraries, and by what must not pass."""

from dataclasses import replace
from urllib.parse import urlencode

import pytest
from plivo.utils import validate_v3_signature

from gateway.domain.errors import BadSignature
from gateway.providers.base import Hook
from gateway.providers.plivo.signing import require_signature
from tests.providers.cases import NOW, with_headers
from tests.support.http_samples import Headers

TOKEN = "Y2Q2ZDgxZmY5YWRiOTI5YmQ1Njg0MTAxZWIyOTc4"
NONCE = "31627761595286130198"
URL = "https://plivobin.non-prod.plivops.com/api/v1/validate_signature03.xml/?a=b&c=d"
# plivo-python tests/resources/test_signature.py, plivo-go utils_test.go, plivo-ruby spec/signature_spec.rb.
FIELDS = {
    "Direction": "outbound",
    "From": "19792014278",
    "ALegUUID": "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36",
    "ALegRequestUUID": "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36",
    "CallUUID": "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36",
    "RequestUUID": "3e82ae9d-2c78-4d85-b1a4-6eae7dbafb36",
    "CallStatus": "in-progress",
    "BillRate": "0.002",
    "ParentAuthID": "MANWVLYTK4ZWU1YTY4QA",
    "To": "sip:PlivoSignature382029104058171078704104@phone-qa.voice.plivodev.com",
    "SIP-H-To": "<sip:PlivoSignature382029104058171078704104@52.9.11.55;transport=udp>;tag=1",
    "SessionStart": "2020-04-08 11:34:33.238707",
    "Event": "StartApp",
}
START = {
    "CallUUID": "6f1c2a9e-3b7d-4c55-9d0e-8a7b6c5d4e3f",
    "From": "15557654321",
    "To": "15550001000",
    "ForwardedFrom": "15550009999",
    "Direction": "inbound",
    "CallStatus": "ringing",
    "Event": "StartApp",
    "SessionStart": "2026-03-31 12:34:40.118273",
    "BillRate": "0.0055",
    "ParentAuthID": "MAXXXXXXXXXXXXXXXXXX",
    "X-PH-Account": "42",
}


def hook_of(method: str, url: str, fields: dict[str, str], signature: str, nonce: str = NONCE) -> Hook:
    headers = Headers({"X-Plivo-Signature-V3": signature, "X-Plivo-Signature-V3-Nonce": nonce})
    return Hook(method=method, url=url, headers=headers, body=urlencode(fields).encode(), received_at=NOW)


VECTORS = {
    "pl-v3-post-q": hook_of("POST", URL, FIELDS, "k7Pusd4OxCIjR5IfA9iedDNu/h/gbdYqdzG/MiYtd1c="),
    # By GET the fields are in the URL; the vector's library takes both together, sorted.
    "pl-v3-get-q": hook_of("GET", f"{URL}&{urlencode(FIELDS)}", {}, "UBq8jAtd32wR8EK9VgxbBn4n5rpI/l1H9iN4WfSEHFQ="),
    "own-pl-start": hook_of(
        "POST",
        "https://gw.example.net/v1/plivo/answer",
        START,
        "Unp+CzdvjRdwxjXiols9vDEo8NoSkplmYFknx0cVmWw=",
        "98765432109876543210",
    ),
}


def refused(hook: Hook, *secrets: str) -> None:
    with pytest.raises(BadSignature):
        require_signature(hook, secrets)


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_passes(name: str) -> None:
    require_signature(VECTORS[name], (TOKEN,))
    require_signature(VECTORS[name], ("another", TOKEN))


@pytest.mark.parametrize("name", VECTORS)
def test_a_vector_passes_no_more_when_anything_is_changed(name: str) -> None:
    hook = VECTORS[name]
    signature = hook.headers["X-Plivo-Signature-V3"]

    refused(hook)
    refused(hook, "another")
    refused(with_headers(hook, x_plivo_signature_v3=signature.swapcase()), TOKEN)
    refused(with_headers(hook, x_plivo_signature_v3_nonce="1"), TOKEN)
    refused(with_headers(hook, x_plivo_signature_v3_nonce=""), TOKEN)
    refused(replace(hook, url=hook.url + ("&" if "?" in hook.url else "?") + "z=1"), TOKEN)
    refused(replace(hook, url=hook.url.replace("/v1", "/v2")), TOKEN)
    refused(replace(hook, headers=Headers({})), TOKEN)
    if hook.method == "POST":
        refused(replace(hook, body=hook.body + b"&z=1"), TOKEN)
        refused(replace(hook, method="GET"), TOKEN)


def test_any_member_of_a_list_may_match() -> None:
    hook = VECTORS["own-pl-start"]
    good = hook.headers["X-Plivo-Signature-V3"]

    require_signature(with_headers(hook, x_plivo_signature_v3=f"AAAA,{good}"), (TOKEN,))
    require_signature(with_headers(hook, x_plivo_signature_v3=f"{good}, AAAA"), (TOKEN,))
    refused(with_headers(hook, x_plivo_signature_v3="AAAA,"), TOKEN)
    refused(with_headers(hook, x_plivo_signature_v3=","), TOKEN)


def test_the_main_accounts_token_signs_for_its_sub_accounts() -> None:
    hook = VECTORS["own-pl-start"]
    good = hook.headers["X-Plivo-Signature-V3"]

    both = with_headers(hook, x_plivo_signature_v3="AAAA", x_plivo_signature_ma_v3=good)

    require_signature(both, (TOKEN,))


def test_version_2_is_not_taken() -> None:
    """It signs no body (vector pl-v2-a)."""
    headers = Headers(
        {
            "X-Plivo-Signature-V2": "ehV3IKhLysWBxC1sy8INm0qGoQYdYsHwuoKjsX7FsXc=",
            "X-Plivo-Signature-V2-Nonce": "12345",
        }
    )
    hook = Hook(method="POST", url="https://answer.url", headers=headers, body=b"", received_at=NOW)

    refused(hook, "my_auth_token")


@pytest.mark.parametrize("name", ["pl-v3-post-q", "own-pl-start"])
def test_plivos_library_says_the_same(name: str) -> None:
    hook = VECTORS[name]
    fields = FIELDS if name == "pl-v3-post-q" else START

    assert validate_v3_signature(
        "POST",
        hook.url,
        hook.headers["x-plivo-signature-v3-nonce"],
        TOKEN,
        hook.headers["x-plivo-signature-v3"],
        fields,
    )


@pytest.mark.parametrize(
    ("method", "url", "fields"),
    [
        ("POST", "https://gw.example.net/hooks/pl", {}),
        ("POST", "https://gw.example.net/hooks/pl?b=2&a=%2B1&c=", {}),
        ("POST", "https://gw.example.net:8443/hooks/pl?b=2&a=x.&a=w", {"z": "", "Z": "1", "y": "."}),
        ("GET", "https://gw.example.net/hooks/pl", {}),
        ("GET", "https://gw.example.net/hooks/pl?b=2&a=%25C3&a=1", {}),
    ],
)
def test_whatever_plivos_library_signs_passes(method: str, url: str, fields: dict[str, str]) -> None:
    """No query and no fields, one without the other, blank values, repeated names, a port."""
    from plivo.utils.signature_v3 import construct_get_url, construct_post_url, get_signature_v3

    base = construct_post_url(url, dict(fields)) if method == "POST" else construct_get_url(url, dict(fields))
    signature = get_signature_v3(TOKEN.encode(), base.decode(), NONCE).decode()

    require_signature(hook_of(method, url, fields, signature), (TOKEN,))
