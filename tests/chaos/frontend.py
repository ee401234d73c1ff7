"""PostgreSQL's frontend protocol, as far as it takes to find a COMMIT in what a client sends."""

import struct
from typing import Final

LENGTH: Final = struct.Struct("!I")
_HEADER: Final = struct.Struct("!cI")
# What a client sends before it says who it is: these two have an answer of one byte, and another first message follows.
ASKS_FOR_TLS: Final = frozenset({80877103, 80877104})
_MAY_COMMIT: Final = frozenset({b"Q", b"P"})


class FrontendReader:
    """Finds the COMMIT in what a client sends, wherever the pieces were cut."""

    def __init__(self) -> None:
        self._unread = b""
        self._is_introduced = False

    def holds_commit(self, piece: bytes) -> bool:
        """Whether a COMMIT is complete with this piece."""
        unread = self._unread + piece if self._unread else piece
        at, found = self._skip_introduction(unread), False
        while self._is_introduced and len(unread) - at >= _HEADER.size:
            kind, length = _HEADER.unpack_from(unread, at)
            end = at + 1 + length
            if end > len(unread):
                break
            found = found or (kind in _MAY_COMMIT and _is_commit(unread[at:end]))
            at = end
        self._unread = unread[at:]
        return found

    def _skip_introduction(self, unread: bytes) -> int:
        """Where the first message begins that has a kind."""
        at = 0
        while not self._is_introduced and len(unread) - at >= LENGTH.size:
            end = at + LENGTH.unpack_from(unread, at)[0]
            if end > len(unread):
                break
            self._is_introduced = LENGTH.unpack_from(unread, at + LENGTH.size)[0] not in ASKS_FOR_TLS
            at = end
        return at


def _is_commit(message: bytes) -> bool:
    """A simple query, or one to be prepared under whatever name."""
    if message[:1] == b"Q":
        return message[5:11].upper() == b"COMMIT"
    return message[:1] == b"P" and message[5:].partition(b"\0")[2][:6].upper() == b"COMMIT"
