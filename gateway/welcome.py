"""What a gateway that nobody operates yet says when it listens."""

import asyncio
import sys
from collections.abc import Callable
from functools import partial

from gateway.clock import DatabaseClock
from gateway.log import is_terminal, logger
from gateway.log_events import LogEvent
from gateway.postgres.access.memberships import has_operator
from gateway.postgres.clock import follow
from gateway.postgres.session import connected, translated_errors
from gateway.settings import Settings
from gateway.usecases.access.links import make_first_link


def prepare_welcome(settings: Settings, dsn: str) -> Callable[[], None]:
    """What is to be said once it listens, if anything.

    People who read standard error are told a link by which they become the first operator. A log is kept, and read by
    many: it is told that there is no operator, and no secret.
    """
    if not settings.has_api:
        return _say_nothing
    with translated_errors():
        return asyncio.run(_welcome(settings, dsn))


async def _welcome(settings: Settings, dsn: str) -> Callable[[], None]:
    async with connected(dsn, application_name="gateway") as conn:
        if await has_operator(conn):
            return _say_nothing
        if not is_terminal():
            return _log
        clock = DatabaseClock()
        await follow(clock, conn)
        link = await make_first_link(conn, base_url=settings.pages_url, now=clock.now())
    return _say_nothing if link is None else partial(_print, link.url)


def _print(url: str) -> None:
    sys.stderr.write(f"No operator yet. Open {url} within 15 minutes.\n")


def _log() -> None:
    logger().info(LogEvent.OPERATOR_MISSING)


def _say_nothing() -> None:
    pass
