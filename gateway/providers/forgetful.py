"""What an adapter is too whose provider forgets a call soon after its end."""

from datetime import timedelta
from typing import Protocol, runtime_checkable

from gateway.providers.base import Adapter


@runtime_checkable
class ForgetsEndedCalls(Protocol):
    """Lest an end that got lost be lost for good, its live calls are asked about so often, and not only once."""

    ask_every: timedelta


def ask_every(adapter: Adapter) -> timedelta | None:
    """How often the provider is asked for live calls; None where it remembers them until after their deadline."""
    return adapter.ask_every if isinstance(adapter, ForgetsEndedCalls) else None
