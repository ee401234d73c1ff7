"""The files of the spool: a JSON record a line, each file locked by the process that writes it.

A record is acknowledged when it is synced to disk; a line that a crash tore was never acknowledged, and is passed over.
Which records the database has is known of each, whatever their order.
"""

import contextlib
import fcntl
import os
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from gateway.spool.record import Call, Record, read_record

SUFFIX: Final = ".spool"
# The name of a file until it is locked, so that no other process takes it for one that is left behind.
_UNLOCKED_SUFFIX: Final = ".new"
_READ_BYTES: Final = 1 << 16


@dataclass(frozen=True, slots=True)
class SpoolLine:
    """A line of a file, from `start` to `end`; its record is None where this version does not understand it."""

    start: int
    line: bytes
    record: Record | None

    @property
    def end(self) -> int:
        return self.start + len(self.line)


class SpoolFile:
    """One file of records, held by a lock. `count` of them are not in the database yet.

    What stands before `done` is in the database, and what `_applied` has; nothing behind `size` is acknowledged.
    """

    def __init__(self, path: Path, descriptor: int | None = None) -> None:
        self.path = path
        self.size = 0 if descriptor is None else os.fstat(descriptor).st_size
        self.done = 0
        self.count = 0
        self._applied: dict[int, int] = {}
        # By their hashes, as there may be a million; two calls that have one only wait for each other.
        self._calls: Counter[int] = Counter()
        self._descriptor = descriptor
        for entry in self._entries(0):
            self._expect(entry.record)

    @classmethod
    def create(cls, directory: Path) -> "SpoolFile":
        """A file of this process; on the disk it is once it is prepared, or has a first record."""
        return cls(directory / f"{uuid.uuid4().hex}{SUFFIX}")

    @classmethod
    def take(cls, path: Path, flags: int = 0) -> "SpoolFile | None":
        """Lock a file; None where a living process has it, or it is gone."""
        descriptor = _locked(path, flags)
        if descriptor is None:
            return None
        try:
            return cls(path, descriptor)
        except BaseException:
            os.close(descriptor)
            raise

    def prepare(self) -> int:
        """Have the file on the disk and locked; its descriptor."""
        if self._descriptor is None:
            unlocked = self.path.with_suffix(_UNLOCKED_SUFFIX)
            descriptor = _locked(unlocked, os.O_CREAT)
            if descriptor is None:
                raise OSError(f"{unlocked} cannot be locked")
            try:
                unlocked.rename(self.path)
                _sync_directory(self.path.parent)
            except OSError:
                os.close(descriptor)
                raise
            self._descriptor = descriptor
        return self._descriptor

    def append(self, lines: bytes) -> None:
        """Write whole lines and sync them; what a failure leaves of them is cut off, now or by the next."""
        descriptor = self.prepare()
        if os.fstat(descriptor).st_size != self.size:
            os.ftruncate(descriptor, self.size)
        try:
            written = 0
            while written < len(lines):
                written += os.write(descriptor, lines[written:])
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, self.size)
            raise

    def acknowledge(self, size: int, records: Iterable[Record]) -> None:
        """Count what was appended, which may be replayed from now on."""
        self.size += size
        for record in records:
            self._expect(record)

    def _expect(self, record: Record | None) -> None:
        self.count += 1
        self._calls.update(map(hash, () if record is None else record.calls))

    def has(self, call: Call) -> bool:
        """Whether something of a call waits."""
        return hash(call) in self._calls

    def read(self, start: int, count_max: int) -> list[SpoolLine]:
        """The next entries from a position that are not in the database yet."""
        return list(islice(self._entries(max(start, self.done)), count_max))

    def _entries(self, start: int) -> Iterator[SpoolLine]:
        for line in self._lines(start):
            if start not in self._applied:
                yield SpoolLine(start, line, read_record(line))
            start += len(line)

    def _lines(self, start: int) -> Iterator[bytes]:
        """Whole lines up to `size`; a torn last one is passed over."""
        rest = b""
        while self._descriptor is not None and start < self.size:
            read = os.pread(self._descriptor, min(_READ_BYTES, self.size - start), start)
            if not read:
                return
            start += len(read)
            *lines, rest = (rest + read).split(b"\n")
            yield from (line + b"\n" for line in lines)

    def mark_applied(self, entry: SpoolLine) -> None:
        """This one is in the database."""
        self._applied[entry.start] = entry.end
        while self.done in self._applied:
            self.done = self._applied.pop(self.done)
        self.count -= 1
        for call in map(hash, () if entry.record is None else entry.record.calls):
            self._calls[call] -= 1
            if not self._calls[call]:
                del self._calls[call]

    def empty(self) -> None:
        """Forget what is in the database, if that is all."""
        if self.count or not self.size or self._descriptor is None:
            return
        os.ftruncate(self._descriptor, 0)
        os.fsync(self._descriptor)
        self.size = self.done = 0

    def close(self) -> None:
        """Delete the file if nothing of it waits, else leave it to the next process."""
        if self._descriptor is None:
            return
        if not self.count:
            with contextlib.suppress(OSError):  # what is applied again changes nothing
                self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


def _locked(path: Path, flags: int) -> int | None:
    """Open and lock a file; None where a living process has it, or it is gone."""
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
    return descriptor


def _sync_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_lines(path: Path) -> Iterator[bytes]:
    """The whole lines of a file; a torn last one is passed over."""
    with path.open("rb") as file:
        yield from (line for line in file if line.endswith(b"\n"))


def read_records(path: Path) -> Iterator[Record]:
    """The records of a file in their order."""
    for line in read_lines(path):
        record = read_record(line)
        if record is not None:
            yield record


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
