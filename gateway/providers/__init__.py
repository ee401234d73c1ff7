"""The registry of adapters: a literal table, no import by string."""

from collections.abc import Mapping

from gateway.providers.base import Adapter
from gateway.providers.native import Native
from gateway.providers.twilio import Twilio
from gateway.providers.voximplant import Voximplant


def adapters() -> Mapping[str, Adapter]:
    """Every kind of connection, by its name."""
    return {adapter.name: adapter for adapter in (Native(), Twilio(), Voximplant())}
