"""Frames over a local socket: four bytes that say how long one is, and what is in it."""

import asyncio
from collections.abc import Callable
from typing import Any, Final, cast

import msgspec

from gateway.together.wire import encode

_HEAD: Final = 4


class Frames(asyncio.Protocol):
    """One end of a connection. What is said in one turn of the event loop goes into one frame."""

    def __init__(self, heard: Callable[["Frames", bytes], None], lost: Callable[["Frames"], None]) -> None:
        self._heard = heard
        self._lost = lost
        self._transport: asyncio.Transport | None = None
        self._received = bytearray()
        self._unsaid: list[msgspec.Raw] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # as a stream has it, whatever its class

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - as asyncio calls it
        self._transport = None
        self._lost(self)

    def data_received(self, data: bytes) -> None:
        received = self._received
        received += data
        start = 0
        while len(received) >= start + _HEAD:
            end = start + _HEAD + int.from_bytes(received[start : start + _HEAD])
            if len(received) < end:
                break
            self._heard(self, bytes(received[start + _HEAD : end]))
            start = end
        del received[:start]

    def say(self, part: Any) -> None:
        """Put something into the frame of this turn; it goes nowhere once the connection is lost.

        What cannot be put into words fails here, and keeps nothing else of the frame back.
        """
        said = msgspec.Raw(encode(part))
        if not self._unsaid:
            asyncio.get_running_loop().call_soon(self._send)
        self._unsaid.append(said)

    def ask_whether_anybody_is_there(self) -> None:
        """Send a frame with nothing in it; events that were said meanwhile have one of their own."""
        self._write(encode([]))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def _send(self) -> None:
        unsaid, self._unsaid = self._unsaid, []
        self._write(encode(unsaid))

    def _write(self, said: bytes) -> None:
        if self._transport is not None:
            self._transport.write(len(said).to_bytes(_HEAD) + said)
