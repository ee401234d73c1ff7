"""Every key of the application."""

from dataclasses import dataclass
from typing import Final

from aiohttp import web

from gateway.context import Context
from gateway.usecases.calls.book import CallBook


@dataclass(slots=True)
class Traffic:
    """Webhooks under way; while draining, new ones are refused."""

    in_flight: int = 0
    draining: bool = False


CONTEXT: Final = web.AppKey("context", Context)
BOOK: Final = web.AppKey("book", CallBook)
TRAFFIC: Final = web.AppKey("traffic", Traffic)
