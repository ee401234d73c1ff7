"""Call events kept on disk while the database is away (R34).

One file for each process. What a dead process left behind is taken over by any other. Records stay until the database
has them: a crash in the middle of a replay repeats it, which changes nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.domain.errors import GatewayError
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.spool.file import SpoolFile, spool_directory, spool_files
from gateway.spool.record import Call, Record, line_of
from gateway.spool.set_aside import files_set_aside, take_back


@dataclass(slots=True)
class _Pending:
    """A record that wants to be written, unless it is free when its turn comes. `written` says whether it was."""

    record: Record
    is_free: Callable[[], bool] | None
    written: "asyncio.Future[bool]"


class Spool:
    """The spool of this process, and what dead processes left to it. Appends that come together are synced together."""

    def __init__(self, directory: Path, file: SpoolFile) -> None:
        self.directory = directory
        self.file = file
        self.left_behind: list[SpoolFile] = []
        self.turn = asyncio.Lock()
        # Why the last write failed; None after one that did not.
        self.trouble: str | None = None
        self.failures = 0
        self._unusable: set[Path] = set()
        self._pending: list[_Pending] = []
        self._writer: asyncio.Task[None] | None = None

    @property
    def files(self) -> tuple[SpoolFile, ...]:
        """Those of dead processes first: they have waited longest."""
        return (*self.left_behind, self.file)

    @property
    def count(self) -> int:
        """How many records wait for the database."""
        return sum(file.count for file in self.files)

    def has(self, call: Call) -> bool:
        """Whether something of a call waits, so that what comes later has to wait too."""
        return any(file.has(call) for file in self.files)

    async def append(self, record: Record) -> None:
        """Return when the record is on disk."""
        await self._submit(record, is_free=None)

    async def append_unless(self, record: Record, is_free: Callable[[], bool]) -> bool:
        """Put a record behind those that wait; False: when its turn came, it was free to go to the database."""
        return await self._submit(record, is_free=is_free)

    async def _submit(self, record: Record, *, is_free: Callable[[], bool] | None) -> bool:
        written: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._pending.append(_Pending(record, is_free, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await written

    async def _write(self) -> None:
        while self._pending:
            async with self.turn:
                batch, self._pending = self._pending, []
                batch = _without_free(batch)
                records = [item.record for item in batch]
                lines = b"".join(map(line_of, records))
                try:
                    if batch:
                        await asyncio.to_thread(self.file.append, lines)
                except Exception as error:  # noqa: BLE001 - whatever it was, those who wait are told
                    self.note_failure(error)
                    _resolve(batch, error=error)
                else:
                    self.trouble = None
                    self.file.acknowledge(len(lines), records)
                    _resolve(batch)

    def note_failure(self, error: Exception) -> None:
        """Nothing could be written."""
        self.failures += 1
        self.trouble = str(error) or type(error).__name__

    async def take_back(self) -> None:
        """Move what was put aside behind what waits."""
        async with self.turn:
            for path in files_set_aside(self.directory):
                take_back(path, self._keep)

    def _keep(self, records: Sequence[Record]) -> None:
        lines = b"".join(map(line_of, records))
        self.file.append(lines)
        self.file.acknowledge(len(lines), records)

    async def take_left_behind(self) -> None:
        """Take over the files of processes that are no more. One that cannot be used is told of once."""
        held = {file.path for file in self.files}
        with self._told_once(self.directory):
            for path in spool_files(self.directory):
                if path in held:
                    continue
                with self._told_once(path):
                    file = await asyncio.to_thread(SpoolFile.take, path)
                    if file is not None:
                        self.left_behind.append(file)

    @contextmanager
    def _told_once(self, path: Path) -> Iterator[None]:
        """What cannot be read now is passed over; the log has it until it can be read again."""
        try:
            yield
        except OSError as error:
            if path not in self._unusable:
                logger().error(LogEvent.SPOOL_FAILED, file=path.name, why=str(error))
            self._unusable.add(path)
        else:
            self._unusable.discard(path)

    async def forget_applied(self) -> None:
        """Delete the files of dead processes of which nothing waits, and empty one's own."""
        for file in [file for file in self.left_behind if not file.count]:
            self.left_behind.remove(file)
            file.close()
        async with self.turn:
            self.file.empty()


def _without_free(batch: Sequence[_Pending]) -> list[_Pending]:
    """Those that are to be written; what is free is told so, unless something of its call is written before it."""
    to_write: list[_Pending] = []
    calls: set[Call] = set()
    for item in batch:
        if item.is_free is not None and calls.isdisjoint(item.record.calls) and item.is_free():
            if not item.written.done():
                item.written.set_result(False)
        else:
            to_write.append(item)
            calls.update(item.record.calls)
    return to_write


def _resolve(batch: Sequence[_Pending], *, error: Exception | None = None) -> None:
    for item in batch:
        if item.written.done():
            continue
        if error is None:
            item.written.set_result(True)
        else:
            item.written.set_exception(error)


@asynccontextmanager
async def open_spool(data: Path) -> AsyncIterator[Spool]:
    """The spool of this process; its file is deleted at the end if it is empty, else left for the next."""
    directory = spool_directory(data)
    try:
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise GatewayError(f"there can be no spool in {directory}: {error.strerror}") from error
    spool = Spool(directory, SpoolFile.create(directory))
    try:
        spool.file.prepare()
    except OSError as error:  # it is tried again with each record: calls are decided meanwhile
        spool.note_failure(error)
        logger().error(LogEvent.SPOOL_FAILED, directory=str(directory), why=spool.trouble)
    try:
        yield spool
    finally:
        for file in spool.files:
            file.close()
