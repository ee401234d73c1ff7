"""Call events kept on disk while the database is away (R34).

One file for each process, locked by it, a JSON record a line. A record is acknowledged when it is synced to disk; a
line that a crash tore was never acknowledged, and is passed over. What a dead process left behind is taken over by any
other. Records stay until the database has them: a crash in the middle of a replay repeats it, which changes nothing.
"""

import asyncio
import fcntl
import os
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted

SUFFIX: Final = ".spool"
REJECTED_SUFFIX: Final = ".rejected"
UNREADABLE_SUFFIX: Final = ".unreadable"
# The name of a file until it is locked, so that no other process takes it for one that is left behind.
_UNLOCKED_SUFFIX: Final = ".new"


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


_encoder = msgspec.json.Encoder(decimal_format="string")
_decoder = msgspec.json.Decoder(Record)


@dataclass(slots=True)
class _Pending:
    """A record that wants to be written; `behind`: only if others wait before it."""

    line: bytes
    behind: bool
    written: "asyncio.Future[bool]"


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

    def appended(self, size: int, count: int) -> None:
        """What was appended is acknowledged, and may be replayed."""
        self.size += size
        self.count += count

    def read(self, count_max: int) -> list[bytes]:
        """The next lines that are not in the database yet."""
        return list(islice(read_lines(self.path, self.done, self.size), count_max))

    def applied(self, lines: Sequence[bytes]) -> None:
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


def files(directory: Path) -> list[Path]:
    """All spool files, whoever holds them, those first that were written to longest ago."""
    return sorted(directory.glob(f"*{SUFFIX}"), key=_written_at)


def _written_at(path: Path) -> tuple[int, str]:
    try:
        return path.stat().st_mtime_ns, path.name
    except FileNotFoundError:
        return 0, path.name


class Spool:
    """The spool of this process, and what dead processes left to it. Appends that come together are synced together."""

    def __init__(self, directory: Path, file: SpoolFile) -> None:
        self.directory = directory
        self.file = file
        self.left_behind: list[SpoolFile] = []
        self.turn = asyncio.Lock()
        self._pending: list[_Pending] = []
        self._writer: asyncio.Task[None] | None = None

    @property
    def count(self) -> int:
        """How many records wait for the database."""
        return self.file.count + sum(file.count for file in self.left_behind)

    async def append(self, record: Record) -> None:
        """Return when the record is on disk."""
        await self._submit(record, behind=False)

    async def append_behind(self, record: Record) -> bool:
        """Put a record behind those that wait; False: meanwhile none waits, so that it need not either.

        Under load somebody always comes while the last records are replayed, and the spool would never be empty.
        """
        return await self._submit(record, behind=True)

    async def _submit(self, record: Record, *, behind: bool) -> bool:
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pending.append(_Pending(_encoder.encode(record) + b"\n", behind, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await written

    async def _write(self) -> None:
        while self._pending:
            async with self.turn:
                batch, self._pending = self._pending, []
                if not self.count and all(item.behind for item in batch):
                    _tell(batch, is_written=False)
                    continue
                lines = b"".join(item.line for item in batch)
                try:
                    await asyncio.to_thread(self.file.append, lines)
                except Exception as error:  # noqa: BLE001 - whatever it was, those who wait are told
                    _tell(batch, error=error)
                else:
                    self.file.appended(len(lines), len(batch))
                    _tell(batch, is_written=True)

    def take_left_behind(self) -> None:
        """Take over the files of processes that are no more."""
        held = {self.file.path, *(file.path for file in self.left_behind)}
        for path in files(self.directory):
            file = SpoolFile.take(path) if path not in held else None
            if file is not None:
                self.left_behind.append(file)


def _tell(batch: Sequence[_Pending], *, is_written: bool = False, error: Exception | None = None) -> None:
    for item in batch:
        if item.written.done():
            continue
        if error is None:
            item.written.set_result(is_written)
        else:
            item.written.set_exception(error)


@asynccontextmanager
async def open_spool(data: Path) -> AsyncIterator[Spool]:
    """The spool of this process; its file is deleted at the end if it is empty, else left for the next."""
    directory = spool_directory(data)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    spool = Spool(directory, SpoolFile.create(directory))
    try:
        yield spool
    finally:
        for file in (spool.file, *spool.left_behind):
            file.close()
