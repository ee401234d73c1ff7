"""`gateway serve` and `gateway work`. The database comes first and goes last."""

import asyncio
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from types import FrameType
from typing import NoReturn

from gateway.descriptors import raise_limit
from gateway.domain.errors import InvalidInput
from gateway.embedded.server import EmbeddedServer, start_embedded
from gateway.log import configure, is_terminal, logger
from gateway.log_events import LogEvent
from gateway.postgres.clock import ask_time
from gateway.postgres.migrate import migrate
from gateway.postgres.session import connected, translated_errors
from gateway.process import announce, bound, run, serve_here, work_here
from gateway.processes import serve_many
from gateway.reload import Reloading
from gateway.root import leave_root
from gateway.settings import Settings
from gateway.usecases.calls.months import make_months
from gateway.welcome import prepare_welcome


def serve(load: Callable[[], Settings], *, demo: bool = False, opens_browser: bool = False) -> int:
    """Serve until told to stop; the exit code. Prints one line of JSON once it listens.

    `load` reads the settings: now, and again at each SIGHUP. It can be pickled, as several processes call it.
    """
    settings = replace(_begin(load), opens_browser=opens_browser and is_terminal())
    reloading = Reloading(load=load, read=settings)
    if demo and settings.processes > 1:
        raise InvalidInput("--demo runs in one process: leave --processes and GATEWAY_PROCESSES out")
    with _database(settings) as (dsn, embedded):
        asyncio.run(_prepare(dsn))
        with bound(settings) as sockets:
            host, port = settings.host, sockets.hooks.getsockname()[1]
            if port != settings.port:
                address = settings.public_url
                if address.endswith(":0"):
                    address = f"{address[:-1]}{port}"
                settings = replace(settings, port=port, public_url=address)
            url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            welcome = None if demo else prepare_welcome(settings, dsn)
            ready = partial(announce, settings, url, welcome)
            if settings.processes > 1:
                return serve_many(settings, dsn, embedded, ready, reloading=reloading)
            leave_root(settings)
            return run(
                serve_here(settings, dsn, sockets, embedded, ready, reloading=reloading, demo_url=url if demo else None)
            )


def work(load: Callable[[], Settings]) -> int:
    """Run the workers alone until told to stop; the exit code."""
    settings = _begin(load)
    with _database(settings) as (dsn, embedded):
        asyncio.run(_prepare(dsn))
        leave_root(settings)
        return run(work_here(settings, dsn, embedded, reloading=Reloading(load=load, read=settings)))


def _begin(load: Callable[[], Settings]) -> Settings:
    # A SIGHUP that comes before the process can heed it is no reason to die; its children start with this too.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    # The first process of a container is ended by no signal that it does not heed.
    signal.signal(signal.SIGTERM, _end)
    raise_limit()
    settings = load()
    configure(settings.log)
    return settings


def _end(_number: int, _frame: FrameType | None) -> NoReturn:
    """Told to stop before it serves, it has nothing to finish."""
    sys.exit(0)


@contextmanager
def _database(settings: Settings) -> Iterator[tuple[str, EmbeddedServer | None]]:
    """The server of GATEWAY_DATABASE_URL, or the embedded one for as long as the block lasts."""
    settings.data.mkdir(parents=True, exist_ok=True)
    if settings.database_url is not None:
        yield settings.database_url, None
        return
    embedded = start_embedded(settings.data, bindir=settings.pg_bindir, os_user=settings.pg_os_user)
    try:
        yield embedded.dsn, embedded
    finally:
        embedded.stop()


async def _prepare(dsn: str) -> None:
    with translated_errors():
        applied = await migrate(dsn)
    for name in applied:
        logger().info(LogEvent.DATABASE_MIGRATED, migration=name)
    # Best made while nobody calls.
    with translated_errors():
        async with connected(dsn, application_name="gateway") as conn:
            await make_months(conn, (await ask_time(conn)).date())
