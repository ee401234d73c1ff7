"""A small world to try things in: two accounts, a deck, and a simulated provider that places calls over HTTP.

`open_provider` and `open_mail_sink` come first, as settings of the process name them; then `build_world`, before
anything works on the database; `run_demo` when it listens.
"""

from gateway.demo.building import build_world
from gateway.demo.calls import SIGNED
from gateway.demo.mail_sink import MailSink, open_mail_sink
from gateway.demo.provider import SimulatedProvider, open_provider
from gateway.demo.settings import demo_settings
from gateway.demo.show import run_demo
from gateway.demo.world import World

__all__ = [
    "SIGNED",
    "MailSink",
    "SimulatedProvider",
    "World",
    "build_world",
    "demo_settings",
    "open_mail_sink",
    "open_provider",
    "run_demo",
]
