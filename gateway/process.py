"""One process that serves, or works: how it listens, heeds signals and ends."""

import asyncio
import contextlib
import gc
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, contextmanager
from functools import partial
from pathlib import Path
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET
from socket import socket as Socket  # noqa: N812 - a type
from typing import Any, Final, NamedTuple

from gateway.app import Running, running
from gateway.clock import DatabaseClock
from gateway.demo import SIGNED, World, build_world, demo_settings, open_mail_sink, open_provider, run_demo
from gateway.domain.errors import GatewayError
from gateway.embedded.server import EmbeddedServer
from gateway.listeners import build_admin, build_inside, build_web
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.numbers.metadata import load_plans
from gateway.reload import Reloading
from gateway.settings import Settings
from gateway.web.listening import listening

_WATCH_S: Final = 0.5
# Monitors are few.
_PLACES_INSIDE: Final = 16


class Sockets(NamedTuple):
    """Where webhooks come; where those inside ask for figures, and people and their programs, if that is apart."""

    hooks: Socket
    inside: Socket | None = None
    admin: Socket | None = None


@contextmanager
def bound(settings: Settings) -> Iterator[Sockets]:
    """The addresses that it listens on, taken before anything is promised."""
    is_shared = settings.processes > 1
    with ExitStack() as stack:
        hooks = stack.enter_context(_bound(settings.host, settings.port, is_shared=is_shared, choice="--port"))
        apart = {
            "GATEWAY_METRICS_PORT": (settings.metrics_host, settings.metrics_port),
            "GATEWAY_ADMIN_PORT": (settings.admin_host, settings.admin_port),
        }
        inside, admin = (
            None if port is None else stack.enter_context(_bound(host, port, is_shared=is_shared, choice=choice))
            for choice, (host, port) in apart.items()
        )
        yield Sockets(hooks, inside, admin)


@contextmanager
def _bound(host: str, port: int, *, is_shared: bool, choice: str) -> Iterator[Socket]:
    family = AF_INET6 if ":" in host else AF_INET
    with Socket(family, SOCK_STREAM) as socket:
        socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        if is_shared:
            socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
        try:
            socket.bind((host, port))
        except OSError as error:
            raise GatewayError(f"cannot listen on {host}:{port}: {error.strerror}; choose another {choice}") from error
        yield socket


def announce(settings: Settings, url: str, welcome: Callable[[], None] | None = None) -> None:
    """One line of JSON on standard output; what a new gateway says to people comes after it, on standard error."""
    database = "embedded" if settings.database_url is None else "external"
    line = {"listening": url, "database": database, "data": str(settings.data)}
    if sys.stdout is not None:
        with contextlib.suppress(OSError):  # who reads it may be gone, or its disk full: we serve all the same
            os.write(sys.stdout.fileno(), json.dumps(line).encode() + b"\n")
    logger().info(LogEvent.SERVER_STARTED, **line)
    if welcome is not None:
        welcome()


def run(main: Coroutine[object, object, int]) -> int:
    try:
        import uvloop  # noqa: PLC0415 - not on Windows
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


async def serve_here(
    settings: Settings,
    dsn: str,
    sockets: Sockets,
    embedded: EmbeddedServer | None,
    ready: Callable[[], None],
    *,
    reloading: Reloading,
    demo_url: str | None = None,
    together: Path | None = None,
) -> int:
    clock = DatabaseClock()
    load_plans()
    async with AsyncExitStack() as stack:
        stop = await stack.enter_async_context(_stopping())
        provider = mails = people = None
        if demo_url is not None:
            provider = await stack.enter_async_context(open_provider(clock))
            settings = demo_settings(settings, provider)
            if (mails := await stack.enter_async_context(open_mail_sink(settings))) is not None:
                settings = mails.settings(settings)
            people = await build_world(dsn, clock, provider.connections[SIGNED])
            reloading.brought = provider.connections
        process = await stack.enter_async_context(running(settings, dsn, clock, together=together))
        _heed_hangup(reloading, process)
        application = build_web(process)
        if sockets.inside is not None:
            inside = listening(build_inside(application), sockets.inside, places=_PLACES_INSIDE)
            await stack.enter_async_context(inside)
        if sockets.admin is not None:
            await stack.enter_async_context(listening(build_admin(process), sockets.admin))
        await stack.enter_async_context(listening(application, sockets.hooks))
        # What there is now stays for good: the collector need not look through it again and again.
        gc.collect()
        gc.freeze()
        ready()
        if provider is not None and people is not None and demo_url is not None:
            world = World(pool=process.context.pool, clock=clock, anna=people.anna, boris=people.boris)
            await stack.enter_async_context(run_demo(settings, world, provider, mails, url=demo_url))
        return await _until(stop, process, embedded)


async def work_here(settings: Settings, dsn: str, embedded: EmbeddedServer | None, *, reloading: Reloading) -> int:
    async with _stopping() as stop, running(settings, dsn, DatabaseClock()) as process:
        _heed_hangup(reloading, process)
        logger().info(LogEvent.SERVER_STARTED, role="work")
        return await _until(stop, process, embedded)


@asynccontextmanager
async def _stopping() -> AsyncIterator[asyncio.Event]:
    """An event that SIGTERM and SIGINT set."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    yield stop
    logger().info(LogEvent.SERVER_STOPPED)


def _heed_hangup(reloading: Reloading, process: Running) -> None:
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, partial(reloading.reload, process))


async def _until(stop: asyncio.Event, process: Running, embedded: EmbeddedServer | None) -> int:
    """0 when asked to stop; 1 when a part of the process died, or the embedded database for good."""
    asked, died = asyncio.create_task(stop.wait()), process.died
    either: set[asyncio.Future[Any]] = {asked, died}
    try:
        while True:
            done, _ = await asyncio.wait(either, timeout=_WATCH_S, return_when=asyncio.FIRST_COMPLETED)
            if died in done:
                logger().error(LogEvent.PROCESS_DIED, exc_info=died.exception())
                return 1
            if asked in done:
                logger().info(LogEvent.SERVER_STOPPING)
                return 0
            if embedded is not None and embedded.failed.is_set():
                logger().error(LogEvent.DATABASE_FAILED)
                return 1
    finally:
        process.stop.begin()
        asked.cancel()
