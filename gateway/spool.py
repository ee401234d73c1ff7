"""Call events kept on disk while the database is away (R34).

One file for each process, locked by it, a JSON record a line. A record is acknowledged when it is synced to disk; a
line that a crash tore was never acknowledged, and is passed over. What a dead process left behind is replayed by any
other. Records stay until the database has them: a crash in the middle of a replay repeats it, which changes nothing.
"""

import asyncio
import fcntl
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import msgspec

from gateway.domain.events import CallAnswered, CallEnded, CallHinted, CallStarted

SUFFIX: Final = ".spool"
REJECTED_SUFFIX: Final = ".rejected"


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
    line: bytes
    written: "asyncio.Future[None]"


class SpoolFile:
    """One file of records, held by a lock."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor

    @classmethod
    def create(cls, directory: Path) -> "SpoolFile":
        path = directory / f"{uuid.uuid4().hex}{SUFFIX}"
        file = cls.take(path, os.O_CREAT | os.O_EXCL)
        if file is None:
            raise OSError(f"{path} cannot be locked")
        parent = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(parent)
        finally:
            os.close(parent)
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
        return cls(path, descriptor)

    def append(self, lines: bytes) -> None:
        """Write whole lines and sync them; on failure nothing of them stays."""
        before = os.fstat(self._descriptor).st_size
        try:
            written = 0
            while written < len(lines):
                written += os.write(self._descriptor, lines[written:])
            os.fsync(self._descriptor)
        except OSError:
            os.ftruncate(self._descriptor, before)
            raise

    def empty(self) -> None:
        os.ftruncate(self._descriptor, 0)
        os.fsync(self._descriptor)

    def close(self, *, delete: bool) -> None:
        if delete:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


def read_records(path: Path) -> Iterator[Record]:
    """The records of a file in their order; a torn last line is passed over."""
    with path.open("rb") as file:
        for line in file:
            if line.endswith(b"\n"):
                yield _decoder.decode(line)


def reject(path: Path, record: Record, why: str) -> None:
    """Put aside a record that the database will not take, for an operator to see: `gateway spool show`."""
    with path.with_suffix(REJECTED_SUFFIX).open("ab") as file:
        file.write(_encoder.encode({"why": why, "record": record}) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def spool_directory(data: Path) -> Path:
    return data / "spool"


def files(directory: Path) -> list[Path]:
    """All spool files, whoever holds them."""
    return sorted(directory.glob(f"*{SUFFIX}"))


class Spool:
    """The spool of this process. Appends that come together are synced together."""

    def __init__(self, directory: Path, file: SpoolFile) -> None:
        self.directory = directory
        self.file = file
        self.count = 0
        self.turn = asyncio.Lock()
        self._pending: list[_Pending] = []
        self._writer: asyncio.Task[None] | None = None

    async def append(self, record: Record) -> None:
        """Return when the record is on disk."""
        written = asyncio.get_running_loop().create_future()
        self._pending.append(_Pending(_encoder.encode(record) + b"\n", written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        await written

    async def _write(self) -> None:
        while self._pending:
            async with self.turn:
                batch, self._pending = self._pending, []
                try:
                    await asyncio.to_thread(self.file.append, b"".join(item.line for item in batch))
                except OSError as error:
                    for item in batch:
                        item.written.set_exception(error)
                    continue
                self.count += len(batch)
                for item in batch:
                    if not item.written.done():
                        item.written.set_result(None)

    def take_left_behind(self) -> list[SpoolFile]:
        """Lock the files of processes that are no more."""
        others = (SpoolFile.take(path) for path in files(self.directory) if path != self.file.path)
        return [file for file in others if file is not None]


@asynccontextmanager
async def open_spool(data: Path) -> AsyncIterator[Spool]:
    """The spool of this process; its file is deleted at the end if it is empty, else left for the next."""
    directory = spool_directory(data)
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    spool = Spool(directory, SpoolFile.create(directory))
    try:
        yield spool
    finally:
        spool.file.close(delete=spool.count == 0)
