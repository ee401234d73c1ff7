"""What the demo changes of the settings: two connections, and limits short enough to watch."""

from dataclasses import replace
from typing import Final

from gateway.demo.people import ADDRESSES
from gateway.demo.provider import SimulatedProvider
from gateway.domain.calls.call import Limits
from gateway.domain.errors import InvalidInput
from gateway.settings import Settings

# An hour, a slice of five minutes and ninety seconds of ringing would take an hour to watch.
LIMITS: Final = Limits(call_seconds_max=20, hold_slice_s=5, ring_s=6)


def demo_settings(settings: Settings, provider: SimulatedProvider) -> Settings:
    """The same settings with the provider's connections and the demo's limits."""
    if taken := sorted(settings.connections.keys() & provider.connections.keys()):
        raise InvalidInput(f"--demo brings its own connection {taken[0]!r}: rename that of the configuration")
    connections = {**settings.connections, **provider.connections}
    # A world to look at has no money to lose.
    return replace(
        settings, connections=connections, limits=LIMITS, operator_second_factor=False, demo_people=ADDRESSES
    )
