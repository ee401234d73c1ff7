"""How the web listens: from a bound socket to the last reply."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from functools import partial
from socket import socket as Socket  # noqa: N812 - a type
from typing import Any, Final

from aiohttp import StreamReader, web

from gateway.descriptors import room_for_connections
from gateway.metrics import Metrics
from gateway.web.acceptor import Acceptor
from gateway.web.crowd import PATIENCE_S, Crowd, Phase
from gateway.web.hook_door import put_hooks_first
from gateway.web.http_connection import HttpConnection
from gateway.web.keys import CONTEXT, TRAFFIC, Traffic

# A process that is told to stop is gone within ten seconds: webhooks under way have their replies within 1.5 s.
DRAIN_S: Final = 4.0
STOP_S: Final = 1.5
_SWEEP_S: Final = 1.0


@asynccontextmanager
async def listening(
    application: web.Application,
    socket: Socket,
    *,
    places: int | None = None,
    patience_s: Mapping[Phase, float] = PATIENCE_S,
    sweep_s: float = _SWEEP_S,
) -> AsyncIterator[None]:
    """Serve on a bound socket. At the end new webhooks are refused with 503 while those under way are finished.

    `places`: how many connections may be open; None: as many as the descriptors allow.
    """
    metrics = application[CONTEXT].metrics
    runner = web.AppRunner(application, access_log=None, handle_signals=False, shutdown_timeout=STOP_S)
    await runner.setup()
    crowd = Crowd(metrics, places=room_for_connections() if places is None else places, patience_s=patience_s)
    acceptor = Acceptor(socket, crowd, _connections(runner, crowd, metrics))
    sweep = asyncio.create_task(_sweep(crowd, sweep_s))
    try:
        acceptor.start()
        yield
    finally:
        await _drain(application[TRAFFIC])
        await acceptor.stop()
        sweep.cancel()
        with suppress(asyncio.CancelledError):
            await sweep
        await runner.cleanup()


def _connections(runner: web.AppRunner, crowd: Crowd, metrics: Metrics) -> "partial[HttpConnection]":
    """What makes a connection of this application; each is told when a request of it begins."""
    server = runner.server
    assert server is not None, "it is set up"  # noqa: S101
    put_hooks_first(server, runner.app)
    make = server.request_factory

    def make_request(message: Any, body: StreamReader, protocol: web.RequestHandler, *more: Any) -> web.BaseRequest:
        if isinstance(protocol, HttpConnection):
            protocol.begin(body)
        return make(message, body, protocol, *more)

    server.request_factory = make_request
    return partial(HttpConnection, server, crowd, metrics)


async def _sweep(crowd: Crowd, every_s: float) -> None:
    while True:
        await asyncio.sleep(every_s)
        crowd.send_late_away()


async def _drain(traffic: Traffic) -> None:
    """Wait until the webhooks under way have their replies, in vain for DRAIN_S at most."""
    traffic.draining = True
    until = asyncio.get_running_loop().time() + DRAIN_S
    while traffic.in_flight and asyncio.get_running_loop().time() < until:  # noqa: ASYNC110 - once, for milliseconds
        await asyncio.sleep(0.01)
