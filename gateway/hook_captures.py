"""Webhooks as they came, since a process last wrote some down: so many at most, so that they cost a webhook nothing.

Where more come than are written down, the rest is dropped and counted: people look at one or another, not at all.
"""

from datetime import datetime
from typing import Final, NamedTuple

# As much of a body as is kept, and so much more that a secret at its end is found whole.
BODY_KEPT: Final = 8 * 1024
_MARGIN: Final = 1024
MOST: Final = 64


class CapturedHook(NamedTuple):
    """A webhook and its reply as they were, with what is secret; `size` is that of the whole body."""

    connection: str
    at: datetime
    kind: str
    outcome: str
    provider_call_id: str | None
    method: str
    path: str
    content_type: str
    size: int
    body: bytes
    status: int
    reply_type: str
    reply: bytes
    seconds: float
    why: str | None


class HookCaptures:
    """Those that wait to be written. `most` 0: none is kept."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._waiting: list[CapturedHook] = []
        self.dropped = 0

    def has_room(self) -> bool:
        """Whether one more is kept; one that is not is counted."""
        if len(self._waiting) < self._most:
            return True
        self.dropped += bool(self._most)
        return False

    def keep(self, captured: CapturedHook) -> None:
        self._waiting.append(captured)

    def take(self) -> list[CapturedHook]:
        """Those that wait, which are forgotten here."""
        waiting, self._waiting = self._waiting, []
        return waiting


def beginning(body: bytes) -> bytes:
    return body[: BODY_KEPT + _MARGIN]
