"""The least SMTP server that takes mails: it notes when they come and by which Message-ID, and keeps nothing else.

python -m tests.bench.scenarios.mail_sink: prints where it listens. What was noted, FIGURES tells, as JSON on one line.
(aiosmtpd needs longer for a mail than the gateway does, so with it that would be what is measured.)
"""

import asyncio
import json
import re
import sys
import time
from collections import Counter
from typing import cast

import uvloop

_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
_END = b"\r\n.\r\n"


class Noted:
    def __init__(self) -> None:
        self.ids: Counter[bytes] = Counter()
        self.connections = 0
        self.first_at = self.last_at = 0.0

    def mail(self, content: bytes) -> None:
        self.last_at = time.monotonic()
        self.first_at = self.first_at or self.last_at
        found = _MESSAGE_ID.search(content)
        self.ids[found[1] if found else b""] += 1

    def figures(self) -> bytes:
        taken = sum(self.ids.values())
        figures = {
            "taken": taken,
            "twice": taken - len(self.ids),
            "connections": self.connections,
            "seconds": self.last_at - self.first_at,
        }
        return json.dumps(figures).encode()


class Connection(asyncio.Protocol):
    def __init__(self, noted: Noted) -> None:
        self._noted = noted
        self._buffer = b""
        self._is_data = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while True:
            content, found, rest = self._buffer.partition(_END if self._is_data else b"\r\n")
            if not found:
                return
            self._buffer = rest
            self._transport.write(self._take(content) + b"\r\n")

    def _take(self, content: bytes) -> bytes:
        if self._is_data:
            self._is_data = False
            self._noted.mail(content)
            return b"250 2.0.0 taken"
        match content[:4].upper():
            case b"EHLO":
                self._noted.connections += 1
                return b"250-sink\r\n250 8BITMIME"
            case b"DATA":
                self._is_data = True
                return b"354 go on"
            case b"FIGU":
                return self._noted.figures()
            case b"QUIT":
                return b"221 2.0.0 bye"
        return b"250 2.0.0 ok"


async def main() -> None:
    noted = Noted()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(noted), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(json.dumps({"listening": f"smtp://127.0.0.1:{port}"}) + "\n")
    sys.stdout.flush()
    await asyncio.Event().wait()  # until told to stop


if __name__ == "__main__":
    uvloop.run(main())
