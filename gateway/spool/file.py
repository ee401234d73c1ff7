"""The files of the spool: a JSON record a line, each file locked by the process that writes it.

A record is acknowledged when it is synced to disk; a line that a crash tore was never acknowledged, and is passed over.
"""

import fcntl
import os
import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, assert_never

import msgspec

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted

SUFFIX: Final = ".spool"
REJECTED_SUFFIX: Final = ".rejected"
UNREADABLE_SUFFIX: Final = ".unreadable"
# The name of a file until it is locked, so that no other process takes it for one that is left behind.
_UNLOCKED_SUFFIX: Final = ".new"


RecordedEvent = CallStarted | CallAnswered | CallEnded | CallHinted


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One event. `allowed_s` and `replied`: how a start was connected without the database."""

    connection: str
    received_at: datetime
    started: CallStarted | None = None
    answered: CallAnswered | None = None
    ended: CallEnded | None = None
    hinted: CallHinted | None = None
    allowed_s: int | None = None
    replied: bytes | None = None

    @property
    def event(self) -> RecordedEvent | None:
        """The event; None where a version that knows more kinds of them wrote it."""
        return self.started or self.answered or self.ended or self.hinted


def record_of(connection: str, event: CallAnswered | CallEnded | CallHinted, received_at: datetime) -> Record:
    """The record of an event that follows a start."""
    match event:
        case CallAnswered():
            return Record(connection=connection, received_at=received_at, answered=event)
        case CallEnded():
            return Record(connection=connection, received_at=received_at, ended=event)
        case CallHinted():
            return Record(connection=connection, received_at=received_at, hinted=event)
        case _ as never:
            assert_never(never)


_encoder = msgspec.json.Encoder(decimal_format="string")
_decoder = msgspec.json.Decoder(Record)


class SpoolFile:
    """One file of records, held by a lock. `count` of them are not in the database yet: those from `done` to `size`."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self.size = os.fstat(descriptor).st_size
        self.done = 0
        self.count = sum(1 for _ in read_lines(path)) if self.size else 0
        self._descriptor = descriptor

    @classmethod
    def create(cls, directory: Path) -> "SpoolFile":
        path = directory / f"{uuid.uuid4().hex}{SUFFIX}"
        unlocked = path.with_suffix(_UNLOCKED_SUFFIX)
        file = cls.take(unlocked, os.O_CREAT | os.O_EXCL)
        if file is None:
            raise OSError(f"{unlocked} cannot be locked")
        unlocked.rename(path)
        file.path = path
        _sync_directory(directory)
        return file

    @classmethod
    def take(cls, path: Path, flags: int = 0) -> "SpoolFile | None":
        """Lock a file; None where a living process has it, or it is gone."""
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | flags, 0o600)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return None
        if not os.fstat(descriptor).st_nlink:  # replayed and deleted between our opening and our locking it
            os.close(descriptor)
            return None
        return cls(path, descriptor)

    def append(self, lines: bytes) -> None:
        """Write whole lines and sync them; what a failure leaves of them is cut off, now or by the next."""
        if os.fstat(self._descriptor).st_size != self.size:
            os.ftruncate(self._descriptor, self.size)
        try:
            written = 0
            while written < len(lines):
                written += os.write(self._descriptor, lines[written:])
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, self.size)
            raise

    def acknowledge(self, size: int, count: int) -> None:
        """Count what was appended, which may be replayed from now on."""
        self.size += size
        self.count += count

    def read(self, count_max: int) -> list[bytes]:
        """The next lines that are not in the database yet."""
        return list(islice(read_lines(self.path, self.done, self.size), count_max))

    def mark_applied(self, lines: Sequence[bytes]) -> None:
        """These next lines are in the database."""
        self.done += sum(map(len, lines))
        self.count -= len(lines)

    def empty(self) -> None:
        """Forget what is in the database, which must be all."""
        os.ftruncate(self._descriptor, 0)
        os.fsync(self._descriptor)
        self.size = self.done = self.count = 0

    def close(self) -> None:
        """Delete the file if nothing of it waits, else leave it to the next process."""
        if not self.count:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def line_of(record: Record) -> bytes:
    return _encoder.encode(record) + b"\n"


def read_lines(path: Path, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The whole lines of a file between two positions; a torn last one is passed over."""
    with path.open("rb") as file:
        file.seek(start)
        for line in file:
            start += len(line)
            if not line.endswith(b"\n") or (end is not None and start > end):
                return
            yield line


def read_record(line: bytes) -> Record | None:
    """The record of a line; None if it is none."""
    try:
        return _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def read_records(path: Path) -> Iterator[Record]:
    """The records of a file in their order."""
    for line in read_lines(path):
        record = read_record(line)
        if record is not None:
            yield record


def reject(path: Path, record: Record, why: str) -> None:
    """Put aside a record that the database will not take, for an operator to see: `gateway spool show`."""
    _append_to(path.with_suffix(REJECTED_SUFFIX), _encoder.encode({"why": why, "record": record}) + b"\n")


def put_aside(path: Path, line: bytes) -> None:
    """Put aside a line that cannot be read."""
    _append_to(path.with_suffix(UNREADABLE_SUFFIX), line)


def _append_to(path: Path, line: bytes) -> None:
    with path.open("ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())


def spool_directory(data: Path) -> Path:
    return data / "spool"


def spool_files(directory: Path) -> list[Path]:
    """All spool files, whoever holds them, those first that were written to longest ago."""
    return sorted(directory.glob(f"*{SUFFIX}"), key=_written_at)


def _written_at(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except FileNotFoundError:
        return 0, path.name
