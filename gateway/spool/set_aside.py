"""What was put aside: records that the database will not take for what they say, and lines that nobody understands.

They wait for an operator: `gateway spool show`. `gateway spool replay --set-aside` moves them back into the spool, once
their cause is mended. Whoever touches such a file locks it, and finds out whether it was taken away meanwhile.
"""

import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import msgspec

from gateway.spool.record import Record, read_record

REJECTED_SUFFIX: Final = ".rejected"
UNREADABLE_SUFFIX: Final = ".unreadable"


class Rejected(msgspec.Struct, frozen=True, kw_only=True):
    """A record as it stood in the spool, and why it was not taken."""

    why: str
    record: msgspec.Raw


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Rejected)


def reject(path: Path, line: bytes, why: str) -> None:
    """Put aside a record of a spool file that the database will not take."""
    rejected = Rejected(why=why, record=msgspec.Raw(line.rstrip(b"\n")))
    _append(path.with_suffix(REJECTED_SUFFIX), _encoder.encode(rejected) + b"\n")


def put_aside(path: Path, line: bytes) -> None:
    """Put aside a line that this version does not understand."""
    _append(path.with_suffix(UNREADABLE_SUFFIX), line)


def files_set_aside(directory: Path) -> list[Path]:
    return sorted([*directory.glob(f"*{REJECTED_SUFFIX}"), *directory.glob(f"*{UNREADABLE_SUFFIX}")])


def count_set_aside(directory: Path) -> int:
    """How many lines were put aside; what cannot be looked into counts as one."""
    return sum(_count(path) for path in files_set_aside(directory))


def read_set_aside(path: Path) -> Iterator[tuple[str, Record | None]]:
    """Why each was put aside, and its record where this version understands it."""
    for line in path.read_bytes().splitlines():
        yield _read(path, line)


def take_back(path: Path, keep: Callable[[Sequence[Record]], None]) -> None:
    """Give the records of a file to who keeps them from now on. What nobody understands stays."""
    with _locked(path):
        records, left = [], []
        for line in path.read_bytes().splitlines(keepends=True):
            _why, record = _read(path, line)
            if record is None:
                left.append(line)
            else:
                records.append(record)
        keep(records)
        if left:
            _replace(path, b"".join(left))
        else:
            path.unlink()


def _read(path: Path, line: bytes) -> tuple[str, Record | None]:
    if path.suffix == UNREADABLE_SUFFIX:
        return "this version does not understand it", read_record(line)
    try:
        rejected = _decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return "it cannot be read", None
    return rejected.why, read_record(bytes(rejected.record))


def _count(path: Path) -> int:
    try:
        return path.read_bytes().count(b"\n")
    except OSError:
        return 1


def _append(path: Path, line: bytes) -> None:
    with _locked(path) as descriptor:
        size = os.fstat(descriptor).st_size
        try:
            written = 0
            while written < len(line):
                written += os.write(descriptor, line[written:])
            os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise


def _replace(path: Path, content: bytes) -> None:
    """Put other content into a file, whole or not at all."""
    fresh = path.with_suffix(f"{path.suffix}.new")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)


@contextmanager
def _locked(path: Path) -> Iterator[int]:
    """The file of this name, which nobody else has; it is created if need be."""
    while True:
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:  # else it was taken back or replaced while we waited
                yield descriptor
                return
        finally:
            os.close(descriptor)
