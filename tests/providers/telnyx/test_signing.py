"""Telnyx' signature by the vectors of its contract and by its own verifier, and what must not pass."""

import json
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.domain.errors import BadSignature
from gateway.providers.base import Hook
from gateway.providers.telnyx.signing import require_signature
from tests.providers.cases import NOW, make_hook, with_headers
from tests.providers.telnyx import library
from tests.providers.telnyx.driver import OLD_PUBLIC_KEY, PUBLIC_KEY, form_hook, signed
from tests.support.http_samples import Headers

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "vectors.json").read_text())
GOOD = [pytest.param(vector, id=vector["id"]) for vector in VECTORS]
HOOK = form_hook({"CallStatus": "ringing"})


def hook_of(vector: dict[str, Any]) -> Hook:
    headers = {"Telnyx-Timestamp": vector["timestamp"], "Telnyx-Signature-Ed25519": vector["expected"]}
    return make_hook("/hooks/tx", vector["raw_body"].encode(), headers=headers)


def refused(hook: Hook, *public_keys: str, why: str = "") -> None:
    with pytest.raises(BadSignature, match=why):
        require_signature(hook, public_keys)


def test_all_vectors_are_here() -> None:
    assert [vector["id"] for vector in VECTORS] == [
        "own-tx-initiated",
        "own-tx-hangup",
        "own-tx-cost",
        "own-txml-start",
    ]


@pytest.mark.parametrize("vector", GOOD)
def test_a_vector_passes(vector: dict[str, Any]) -> None:
    require_signature(hook_of(vector), (vector["public_key"],))
    require_signature(hook_of(vector), (OLD_PUBLIC_KEY, vector["public_key"]))


@pytest.mark.parametrize("vector", GOOD)
def test_a_vector_passes_no_more_when_anything_is_changed(vector: dict[str, Any]) -> None:
    hook, key = hook_of(vector), vector["public_key"]
    later = str(int(vector["timestamp"]) + 1)

    refused(hook, OLD_PUBLIC_KEY, why="match")
    refused(with_headers(hook, telnyx_timestamp=later), key, why="match")
    refused(replace(hook, body=hook.body + b" "), key, why="match")
    refused(replace(hook, headers=Headers({})), key, why="missing")


def test_what_we_take_telnyx_own_verifier_takes_too() -> None:
    hook = signed(replace(HOOK, received_at=SystemClock().now()), PUBLIC_KEY)

    require_signature(hook, (PUBLIC_KEY,))
    library.verify(hook, PUBLIC_KEY)
    with pytest.raises(library.refusal()):
        library.verify(hook, OLD_PUBLIC_KEY)


def test_a_get_is_refused_because_its_fields_would_be_unsigned() -> None:
    refused(signed(replace(HOOK, method="GET"), PUBLIC_KEY), PUBLIC_KEY, why="POST")


@pytest.mark.parametrize("key", ["another", "", PUBLIC_KEY + "=", b64encode(b"k" * 31).decode(), "é"])
def test_a_secret_that_is_no_public_key_is_as_good_as_none(key: str) -> None:
    hook = signed(HOOK, PUBLIC_KEY)

    refused(hook, key, why="match")
    require_signature(hook, (key, PUBLIC_KEY))


def test_a_signature_has_one_spelling() -> None:
    """The last character of a signature has four bits that decode to nothing."""
    hook = signed(HOOK, PUBLIC_KEY)
    text = hook.headers["telnyx-signature-ed25519"]
    other = text[:-3] + chr(ord(text[-3]) + 1) + text[-2:]

    assert b64decode(other) == b64decode(text)
    refused(with_headers(hook, telnyx_signature_ed25519=other), PUBLIC_KEY, why="base64")


def test_a_signature_is_good_for_five_minutes() -> None:
    hook = signed(HOOK, PUBLIC_KEY)

    require_signature(replace(hook, received_at=NOW), (PUBLIC_KEY,))
    refused(replace(hook, received_at=NOW.replace(hour=13)), PUBLIC_KEY, why="five minutes")
