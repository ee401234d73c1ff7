"""Twilio's signature by the vectors of its own libraries, and by what must not pass."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from gateway.domain.errors import BadSignature
from gateway.providers.base import Hook
from gateway.providers.twilio.signing import require_signature, sign, spellings
from tests.providers.cases import NOW, with_headers
from tests.support.http_samples import Headers

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text())
# Twilio-node tries the WHATWG spelling of the URL too, where ' is %27; twilio-python does not, and neither do we:
# whoever signs sends %27 over the wire, and our own URLs have no apostrophe (`forms.with_query` escapes it).
REFUSED = {"tw-apostrophe"}
GOOD = [pytest.param(vector, id=vector["id"]) for vector in VECTORS if vector["id"] not in REFUSED]


def hook_of(vector: dict[str, Any]) -> Hook:
    form = vector.get("raw_body") or urlencode([tuple(pair) for pair in vector.get("pairs", [])])
    is_json = "json_body" in vector
    return Hook(
        method="POST",
        url=vector["request_url"],
        headers=Headers(
            {
                "Content-Type": "application/json" if is_json else "application/x-www-form-urlencoded",
                "X-Twilio-Signature": vector["expected"],
            }
        ),
        body=(vector["json_body"] if is_json else form).encode(),
        received_at=NOW,
    )


def refused(hook: Hook, *secrets: str) -> None:
    with pytest.raises(BadSignature):
        require_signature(hook, secrets)


def test_all_vectors_are_here() -> None:
    assert len(VECTORS) == 12


@pytest.mark.parametrize("vector", GOOD)
def test_a_vector_passes(vector: dict[str, Any]) -> None:
    require_signature(hook_of(vector), (vector["key"],))
    require_signature(hook_of(vector), ("another", vector["key"]))


@pytest.mark.parametrize("vector", GOOD)
def test_a_vector_passes_no_more_when_anything_is_changed(vector: dict[str, Any]) -> None:
    hook = hook_of(vector)
    expected = vector["expected"]

    refused(hook, "another")
    refused(hook)
    refused(with_headers(hook, x_twilio_signature=expected.swapcase()), vector["key"])
    refused(with_headers(hook, x_twilio_signature=expected + "="), vector["key"])
    refused(with_headers(hook, x_twilio_signature=""), vector["key"])
    refused(replace(hook, headers=Headers({})), vector["key"])
    refused(replace(hook, url=hook.url.replace("?", "/x?")), vector["key"])
    refused(replace(hook, url=hook.url + "&a=b"), vector["key"])
    refused(replace(hook, url=hook.url.replace("myc", "yourc").replace("gw.", "wg.")), vector["key"])
    refused(replace(hook, body=hook.body + b"&a="), vector["key"])
    if "json_body" not in vector:
        refused(replace(hook, method="GET"), vector["key"])


def test_the_apostrophe_of_twilio_node_is_refused() -> None:
    vector = next(vector for vector in VECTORS if vector["id"] == "tw-apostrophe")

    refused(hook_of(vector), vector["key"])
    require_signature(replace(hook_of(vector), url=vector["signed_url"]), (vector["key"],))


def test_a_json_body_without_its_hash_is_refused() -> None:
    url = "https://gw.example.net/hooks/tw"
    headers = Headers({"Content-Type": "Application/JSON; charset=utf-8"})
    hook = Hook(method="POST", url=url, headers=headers, body=b"{}", received_at=NOW)

    refused(with_headers(hook, x_twilio_signature=sign("12345", url, []).decode()), "12345")


def test_a_json_body_must_be_signed_too() -> None:
    vector = next(vector for vector in VECTORS if vector["id"] == "tw-json-body")

    refused(with_headers(hook_of(vector), x_twilio_signature="AAAA"), vector["key"])


def test_a_form_does_not_pass_for_the_json_that_was_signed() -> None:
    vector = next(vector for vector in VECTORS if vector["id"] == "tw-json-body")
    form = with_headers(hook_of(vector), content_type="application/x-www-form-urlencoded")

    refused(replace(form, body=b"To=%2B15550001000"), vector["key"])


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.b/c?d=e:1", ("https://a.b/c?d=e:1", "https://a.b:443/c?d=e:1")),
        ("http://a.b/c", ("http://a.b/c", "http://a.b:80/c")),
        ("https://a.b:8443/c", ("https://a.b/c", "https://a.b:8443/c")),
        ("https://u:p@a.b:8443/c", ("https://u:p@a.b/c", "https://u:p@a.b:8443/c")),
        ("https://u:p@a.b/c", ("https://u:p@a.b/c", "https://u:p@a.b:443/c")),
        ("https://u:1@a.b/c@d:2", ("https://u:1@a.b/c@d:2", "https://u:1@a.b:443/c@d:2")),
        ("https://[::1]/c", ("https://[::1]/c", "https://[::1]:443/c")),
        ("https://[::1]:99/c", ("https://[::1]/c", "https://[::1]:99/c")),
        ("https://a.b", ("https://a.b", "https://a.b:443")),
        ("https://a.b?c", ("https://a.b?c", "https://a.b:443?c")),
    ],
)
def test_a_url_is_tried_without_its_port_and_with_it(url: str, expected: tuple[str, str]) -> None:
    assert spellings(url) == expected
