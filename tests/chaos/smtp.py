"""A mail server that counts what it takes, and behaves as badly as it is told."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import StrEnum

MESSAGE_ID = re.compile(rb"^message-id:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
END_OF_DATA = b"\r\n.\r\n"


class Mood(StrEnum):
    """How it takes a mail."""

    WELL = "takes it and says so"
    SILENT = "takes it and goes away without a word"
    DEFERS = "asks for it to be sent later"
    AWAY = "hangs up on everybody"


class MailServer:
    """What was taken is counted by its Message-ID, and so is what was taken without an answer."""

    def __init__(self) -> None:
        self.mood = Mood.WELL
        self.taken: Counter[str] = Counter()
        self.unanswered: Counter[str] = Counter()
        self.port = 0

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self.mood is not Mood.AWAY:
                await self._talk(reader, writer)
        except (OSError, EOFError, ValueError):
            pass  # whoever it was is gone
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 chaos\r\n")
        while (line := await reader.readline()) and self.mood is not Mood.AWAY:
            match line[:4].upper():
                case b"DATA":
                    writer.write(b"354 go on\r\n")
                    answer = self._take(await reader.readuntil(END_OF_DATA))
                case b"QUIT":
                    answer = b""
                case b"EHLO":
                    answer = b"250-chaos\r\n250 8BITMIME\r\n"
                case _:
                    answer = b"250 yes\r\n"
            if not answer:
                return
            writer.write(answer)
            await writer.drain()

    def _take(self, content: bytes) -> bytes:
        """The answer to a mail; none where the connection is to be lost instead."""
        if self.mood in {Mood.DEFERS, Mood.AWAY}:
            return b"451 later\r\n"
        found = MESSAGE_ID.search(content)
        message_id = "" if found is None else found[1].decode()
        self.taken[message_id] += 1
        if self.mood is Mood.SILENT:
            self.unanswered[message_id] += 1
            return b""
        return b"250 taken\r\n"


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    running = MailServer()
    listening = await asyncio.start_server(running.accept, "127.0.0.1", 0)
    running.port = listening.sockets[0].getsockname()[1]
    try:
        yield running
    finally:
        listening.close()
