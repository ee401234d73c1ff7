"""Takes HTTP connections from a listening socket: as many as there is room for; the others wait in the system's queue.

An event loop by itself takes all, and when the descriptors are used up it closes newcomers without a word.
"""

import asyncio
from collections.abc import Callable
from socket import socket as Socket  # noqa: N812 - a type
from typing import Final

from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.web.crowd import Crowd
from gateway.web.http_connection import HttpConnection

_QUEUE: Final = 1024
# How many are taken before those who are there already are looked after again.
_AT_ONCE: Final = 8
_PAUSE_S: Final = 0.05
# It is said once in a while that newcomers wait.
_SAID_S: Final = 60.0


class Acceptor:
    """Accepts until it is stopped; newcomers for whom there is no place and no descriptor are left to wait."""

    def __init__(self, socket: Socket, crowd: Crowd, connection: Callable[[], HttpConnection]) -> None:
        self._socket = socket
        self._crowd = crowd
        self._connection = connection
        self._loop = asyncio.get_running_loop()
        self._welcomes: set[asyncio.Task[None]] = set()
        self._pause: asyncio.TimerHandle | None = None
        self._said_at = -_SAID_S

    def start(self) -> None:
        self._socket.settimeout(0)
        self._socket.listen(_QUEUE)
        self._listen()

    async def stop(self) -> None:
        """Take no more; those that were taken are welcomed."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._socket)
        await asyncio.gather(*self._welcomes)

    def _listen(self) -> None:
        self._loop.add_reader(self._socket, self._accept)

    def _accept(self) -> None:
        """Somebody is at the door; whoever makes room for the next goes only when the next is there."""
        if not self._crowd.make_room():
            self._let_wait("every place is taken by a request")
            return
        for _ in range(_AT_ONCE):
            try:
                accepted, _ = self._socket.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                self._let_wait(str(error))
                return
            self._begin(accepted)
            if not self._crowd.has_room():
                return

    def _begin(self, accepted: Socket) -> None:
        accepted.settimeout(0)
        connection = self._connection()
        self._crowd.join(connection)
        welcome = self._loop.create_task(self._welcome(accepted, connection))
        self._welcomes.add(welcome)
        welcome.add_done_callback(self._welcomes.discard)

    async def _welcome(self, accepted: Socket, connection: HttpConnection) -> None:
        try:
            await self._loop.connect_accepted_socket(lambda: connection, accepted)
        except OSError:  # it is gone already
            self._crowd.leave(connection)
            accepted.close()

    def _let_wait(self, why: str) -> None:
        """For a moment, in the system's queue; said once a minute at most."""
        self._loop.remove_reader(self._socket)
        self._pause = self._loop.call_later(_PAUSE_S, self._listen)
        if self._loop.time() - self._said_at >= _SAID_S:
            self._said_at = self._loop.time()
            logger().warning(LogEvent.HTTP_CROWDED, connections=len(self._crowd), why=why)
