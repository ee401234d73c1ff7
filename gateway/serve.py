"""Processes: `gateway serve` and `gateway work`. The database comes first and goes last."""

import asyncio
import ctypes
import gc
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import replace
from functools import partial
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait as wait_for_any
from multiprocessing.process import BaseProcess
from socket import AF_INET, AF_INET6, SO_REUSEADDR, SO_REUSEPORT, SOCK_STREAM, SOL_SOCKET
from socket import socket as Socket  # noqa: N812 - a type
from typing import Any, Final

from gateway.app import Running, build_web, listening, running
from gateway.clock import SystemClock
from gateway.demo import World, build_world, demo_settings, open_mail_sink, open_provider, run_demo
from gateway.domain.errors import GatewayError, InvalidInput
from gateway.embedded.server import EmbeddedServer, start_embedded
from gateway.log import configure, logger
from gateway.log_events import LogEvent
from gateway.metrics import MULTIPROCESS_VARIABLE
from gateway.postgres.migrate import migrate
from gateway.postgres.session import translated_errors
from gateway.settings import Settings

_PR_SET_PDEATHSIG: Final = 1
_WATCH_S: Final = 0.5
# A child that takes longer to stop is killed: what it leaves half-done another process does.
_STOP_S_MAX: Final = 10.0


def serve(settings: Settings, *, demo: bool = False) -> int:
    """Serve until told to stop; the exit code. Prints one line of JSON once it listens."""
    configure(settings.log)
    if demo and settings.processes > 1:
        raise InvalidInput("--demo runs in one process: leave --processes and GATEWAY_PROCESSES out")
    with _database(settings) as (dsn, embedded):
        asyncio.run(_prepare(dsn))
        with _bound(settings) as socket:
            host, port = settings.host, socket.getsockname()[1]
            if port != settings.port:
                address = settings.public_url
                if address.endswith(":0"):
                    address = f"{address[:-1]}{port}"
                settings = replace(settings, port=port, public_url=address)
            url = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
            if settings.processes > 1:
                return _serve_many(settings, dsn, embedded, url)
            announce = partial(_announce, settings, url)
            return _run(_serve_here(settings, dsn, socket, embedded, announce, demo_url=url if demo else None))


def work(settings: Settings) -> int:
    """Run the workers alone until told to stop; the exit code."""
    configure(settings.log)
    with _database(settings) as (dsn, embedded):
        asyncio.run(_prepare(dsn))
        return _run(_work_here(settings, dsn, embedded))


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


@contextmanager
def _bound(settings: Settings) -> Iterator[Socket]:
    """The listening address, taken before anything is promised."""
    family = AF_INET6 if ":" in settings.host else AF_INET
    with Socket(family, SOCK_STREAM) as socket:
        socket.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
        if settings.processes > 1:
            socket.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
        try:
            socket.bind((settings.host, settings.port))
        except OSError as error:
            raise GatewayError(
                f"cannot listen on {settings.host}:{settings.port}: {error.strerror}; choose another --port"
            ) from error
        yield socket


def _announce(settings: Settings, url: str) -> None:
    database = "embedded" if settings.database_url is None else "external"
    line = {"listening": url, "database": database, "data": str(settings.data)}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()
    logger().info(LogEvent.SERVER_STARTED, **line)


def _run(main: Coroutine[object, object, int]) -> int:
    try:
        import uvloop  # noqa: PLC0415 - not on Windows
    except ImportError:
        return asyncio.run(main)
    return uvloop.run(main)


async def _serve_here(
    settings: Settings,
    dsn: str,
    socket: Socket,
    embedded: EmbeddedServer | None,
    announce: Callable[[], None],
    *,
    demo_url: str | None = None,
) -> int:
    clock = SystemClock()
    async with AsyncExitStack() as stack:
        stop = await stack.enter_async_context(_stopping())
        provider = mails = people = None
        if demo_url is not None:
            provider = await stack.enter_async_context(open_provider(clock))
            settings = demo_settings(settings, provider)
            if (mails := await stack.enter_async_context(open_mail_sink(settings))) is not None:
                settings = mails.settings(settings)
            people = await build_world(dsn, clock)
        process = await stack.enter_async_context(running(settings, dsn, clock))
        await stack.enter_async_context(listening(build_web(process), socket))
        # What there is now stays for good: the collector need not look through it again and again.
        gc.collect()
        gc.freeze()
        announce()
        if provider is not None and people is not None and demo_url is not None:
            world = World(pool=process.context.pool, clock=clock, anna=people.anna, boris=people.boris)
            await stack.enter_async_context(run_demo(settings, world, provider, mails, url=demo_url))
        return await _until(stop, process, embedded)


async def _work_here(settings: Settings, dsn: str, embedded: EmbeddedServer | None) -> int:
    async with _stopping() as stop, running(settings, dsn, SystemClock()) as process:
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


def _serve_many(settings: Settings, dsn: str, embedded: EmbeddedServer | None, url: str) -> int:
    """Several processes on one address; the first that dies ends all, so that whoever supervises starts them anew."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="gateway-metrics-") as figures:
        os.environ[MULTIPROCESS_VARIABLE] = figures
        children: list[tuple[BaseProcess, Pipe]] = []
        stopped = _signal_flag()
        for _ in range(settings.processes):
            ours, theirs = context.Pipe()
            child: BaseProcess = context.Process(target=_child, args=(settings, dsn, theirs, os.getpid()))
            child.start()
            children.append((child, ours))
        try:
            for child, pipe in children:
                waited: list[Pipe | int] = [pipe, child.sentinel]
                while not stopped() and not wait_for_any(waited, timeout=_WATCH_S):
                    pass
            if all(child.is_alive() for child, _ in children) and not stopped():
                _announce(settings, url)
            sentinels = [child.sentinel for child, _ in children]
            while not stopped() and not wait_for_any(sentinels, timeout=_WATCH_S):
                if embedded is not None and embedded.failed.is_set():
                    return 1
            return 0 if stopped() else 1
        finally:
            _end(children)


def _end(children: "list[tuple[BaseProcess, Pipe]]") -> None:
    for child, _ in children:
        if child.is_alive():
            child.terminate()
    give_up_at = time.monotonic() + _STOP_S_MAX
    for child, _ in children:
        child.join(max(0.0, give_up_at - time.monotonic()))
        if child.is_alive():
            child.kill()
            child.join()


def _signal_flag() -> Callable[[], bool]:
    """Whether SIGTERM or SIGINT has come since this was called."""
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: received.append(number))
    return lambda: bool(received)


def _child(settings: Settings, dsn: str, ready: Pipe, parent: int) -> None:
    """One of several serving processes; it ends with its parent."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the line above
            sys.exit(1)
    configure(settings.log)
    with _bound(settings) as socket:
        sys.exit(_run(_serve_here(settings, dsn, socket, None, lambda: ready.send(None))))
