"""Telnyx' own library. To import it takes as long as all other tests together: only who runs a test of it does so."""

from importlib import import_module
from types import ModuleType
from typing import Any

import httpx

from gateway.providers.base import Hook
from tests.support.counting import not_counted

VERIFIER = "telnyx.lib.webhook_verification"


def client(api_key: str, transport: httpx.BaseTransport) -> Any:
    """A client whose requests the transport takes."""
    return _imported("telnyx").Telnyx(api_key=api_key, http_client=httpx.Client(transport=transport))


def model(module: str, name: str) -> Any:
    """One of its types."""
    return getattr(_imported(f"telnyx.types.{module}"), name)


def verify(hook: Hook, public_key: str) -> None:
    """Raise `refusal()` unless the hook is signed by the key."""
    _imported(VERIFIER).verify_webhook_signature(hook.body, hook.headers, public_key)


def refusal() -> type[Exception]:
    refused: type[Exception] = _imported(VERIFIER).WebhookVerificationError
    return refused


def _imported(name: str) -> ModuleType:
    """Counting would take three times as long."""
    with not_counted():
        return import_module(name)
