"""A small world to try things in: two accounts, a deck, and a simulated provider that places calls over HTTP.

`open_provider` comes first, as its connections are settings of the process; `run_demo` when the process listens.
"""

from gateway.demo.provider import Provider, open_provider
from gateway.demo.settings import demo_settings
from gateway.demo.show import run_demo

__all__ = ["Provider", "demo_settings", "open_provider", "run_demo"]
