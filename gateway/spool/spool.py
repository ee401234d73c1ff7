"""Call events kept on disk while the database is away (R34).

One file for each process. What a dead process left behind is taken over by any other. Records stay until the database
has them: a crash in the middle of a replay repeats it, which changes nothing.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from gateway.spool.file import Record, SpoolFile, line_of, spool_directory, spool_files


@dataclass(slots=True)
class _Pending:
    """A record that wants to be written; `behind`: only if others wait before it. `written` says whether it was."""

    line: bytes
    behind: bool
    written: "asyncio.Future[bool]"


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
        self._pending.append(_Pending(line_of(record), behind, written))
        if self._writer is None or self._writer.done():
            self._writer = asyncio.create_task(self._write())
        return await written

    async def _write(self) -> None:
        while self._pending:
            async with self.turn:
                batch, self._pending = self._pending, []
                if not self.count and all(item.behind for item in batch):
                    _resolve(batch, is_written=False)
                    continue
                lines = b"".join(item.line for item in batch)
                try:
                    await asyncio.to_thread(self.file.append, lines)
                except Exception as error:  # noqa: BLE001 - whatever it was, those who wait are told
                    _resolve(batch, error=error)
                else:
                    self.file.acknowledge(len(lines), len(batch))
                    _resolve(batch, is_written=True)

    def take_left_behind(self) -> None:
        """Take over the files of processes that are no more."""
        held = {self.file.path, *(file.path for file in self.left_behind)}
        for path in spool_files(self.directory):
            file = SpoolFile.take(path) if path not in held else None
            if file is not None:
                self.left_behind.append(file)


def _resolve(batch: Sequence[_Pending], *, is_written: bool = False, error: Exception | None = None) -> None:
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
