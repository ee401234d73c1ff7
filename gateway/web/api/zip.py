"""A ZIP of files that are written while they are read: none of them is held, and the whole is in no memory or file."""

import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import datetime


class _Sink:
    """Takes what is written, until it is taken; it cannot go back, so a ZIP says sizes behind its files."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, data: bytes) -> int:
        self._written += data
        return len(data)

    def flush(self) -> None:
        """What is written is there."""

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


async def zipped(files: Sequence[tuple[str, AsyncIterator[bytes]]], *, at: datetime) -> AsyncIterator[bytes]:
    """The ZIP, part by part, of files by their names, which are from `at`."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w") as archive:  # type: ignore[call-overload]  # what it writes to needs no more
        for name, parts in files:
            about = zipfile.ZipInfo(name, date_time=at.timetuple()[:6])
            about.compress_type = zipfile.ZIP_DEFLATED
            with archive.open(about, "w", force_zip64=True) as member:
                async for part in parts:
                    member.write(part)
                    yield sink.take()
    yield sink.take()
