"""Telnyx' own library. To import it takes as long as all other tests together: only who runs a test of it does so."""

from importlib import import_module
from typing import Any

import httpx

from gateway.providers.base import Hook

VERIFIER = "telnyx.lib.webhook_verification"


def client(api_key: str, transport: httpx.BaseTransport) -> Any:
    """A client whose requests the transport takes."""
    return import_module("telnyx").Telnyx(api_key=api_key, http_client=httpx.Client(transport=transport))


def model(module: str, name: str) -> Any:
    """One of its types."""
    return getattr(import_module(f"telnyx.types.{module}"), name)


def verify(hook: Hook, public_key: str) -> None:
    """Raise `refusal()` unless the hook is signed by the key."""
    import_module(VERIFIER).verify_webhook_signature(hook.body, hook.headers, public_key)


def refusal() -> type[Exception]:
    refused: type[Exception] = import_module(VERIFIER).WebhookVerificationError
    return refused
