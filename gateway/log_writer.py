"""Writes the lines of the log so that nobody ever waits for it: its stream may be slow, full, or gone.

A thread writes. Who logs only hands a line over; what cannot be written, and what comes while too many wait, is lost
and counted. The next line that can be written is preceded by one that says how many were lost.
"""

import atexit
import os
import select
import stat
import threading
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from typing import Final

# Some seconds of a busy process; more of them wait only where nobody reads.
LINES_MAX: Final = 16_384
# How long the end of a process waits for its last lines to be written.
FAREWELL_S: Final = 1.0
# Processes share a stream: no more than this is written into a pipe in one piece.
_PIPE_BYTES: Final = select.PIPE_BUF
_FILE_BYTES: Final = 1 << 16
_RETRY_MS: Final = 100
# Lines that come together are written together: to wake up for each costs the event loop more than the line itself.
_TOGETHER_MS: Final = 5


class LostLines:
    """How many lines of this process were not written, whatever the cause."""

    def __init__(self) -> None:
        self.count = 0
        self._lock = threading.Lock()

    def add(self, count: int) -> None:
        with self._lock:
            self.count += count


class LogWriter:
    """What a logger takes for a file: the stream of a descriptor, None where the process was given none."""

    def __init__(self, descriptor: int | None, *, lost: LostLines, say_lost: Callable[[int], bytes]) -> None:
        self._descriptor = descriptor
        self._piece_bytes = _PIPE_BYTES if descriptor is None or _is_pipe(descriptor) else _FILE_BYTES
        self._lost = lost
        self._said = 0
        self._say_lost = say_lost
        self._is_torn = False
        self._waiting: SimpleQueue[bytes | threading.Event] = SimpleQueue()
        # Of nothing, as `time.sleep` waits for an instant, which a clock that is set moves away.
        self._pause = select.poll()
        threading.Thread(target=self._run, name="log", daemon=True).start()
        atexit.register(self.drain)

    def write(self, line: bytes) -> None:
        """Hand over a whole line."""
        if self._waiting.qsize() < LINES_MAX:
            self._waiting.put(line)
        else:
            self._lost.add(1)

    def flush(self) -> None:
        """Nothing to do: the thread writes at once what it is given."""

    def drain(self, within_s: float = FAREWELL_S) -> None:
        """Wait until what was handed over is written, and no longer than one may."""
        written = threading.Event()
        self._waiting.put(written)
        written.wait(within_s)

    def _run(self) -> None:
        while True:
            lines, drained = self._gather()
            for piece in _pieces(lines, self._piece_bytes):
                self._write(piece)
            for event in drained:
                event.set()

    def _gather(self) -> tuple[list[bytes], list[threading.Event]]:
        """All that waits, a moment after something does."""
        lines: list[bytes] = []
        drained: list[threading.Event] = []
        each = self._waiting.get()
        if isinstance(each, bytes):
            self._pause.poll(_TOGETHER_MS)
        try:
            while True:
                if isinstance(each, bytes):
                    lines.append(each)
                else:
                    drained.append(each)
                each = self._waiting.get_nowait()
        except Empty:
            return lines, drained

    def _write(self, piece: bytes) -> None:
        lost = self._lost.count
        before = b"\n" if self._is_torn else b""
        if lost > self._said:
            before += self._say_lost(lost - self._said)
        rest = before + piece
        try:
            while rest:
                taken = self._write_some(rest)
                self._is_torn = rest[taken - 1] != ord("\n")
                rest = rest[taken:]
        except OSError:
            self._lost.add(min(rest.count(b"\n"), piece.count(b"\n")))
        else:
            self._said = lost

    def _write_some(self, data: bytes) -> int:
        """Write what is taken at once. Somebody who shares the stream may have set it not to block."""
        if self._descriptor is None:
            raise OSError("there is no stream")
        while True:
            try:
                return os.write(self._descriptor, data)
            except BlockingIOError:
                writable = select.poll()
                writable.register(self._descriptor, select.POLLOUT)
                writable.poll(_RETRY_MS)


def _is_pipe(descriptor: int) -> bool:
    """Whether lines of several writers mix where they are longer than the system takes at once."""
    return not stat.S_ISREG(os.fstat(descriptor).st_mode)


def _pieces(lines: list[bytes], bytes_max: int) -> Iterator[bytes]:
    """Whole lines together, as many as fit; one that is longer goes alone."""
    piece: list[bytes] = []
    size = 0
    for line in lines:
        if piece and size + len(line) > bytes_max:
            yield b"".join(piece)
            piece, size = [], 0
        piece.append(line)
        size += len(line)
    if piece:
        yield b"".join(piece)
