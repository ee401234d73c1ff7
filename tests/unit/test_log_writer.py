"""The writer of the log never keeps anybody waiting, and knows what it lost."""

import fcntl
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gateway import log_writer
from gateway.log_writer import LogWriter, LostLines


@pytest.fixture
def lost() -> LostLines:
    return LostLines()


def writer_to(descriptor: int | None, lost: LostLines) -> LogWriter:
    return LogWriter(descriptor, lost=lost, say_lost=lambda lines: b"lost %d\n" % lines)


@contextmanager
def a_pipe() -> Iterator[tuple[int, int]]:
    reader, writer = os.pipe()
    fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 4096)
    try:
        yield reader, writer
    finally:
        os.close(reader)
        os.close(writer)


def test_lines_come_whole_and_in_their_order(tmp_path: Path, lost: LostLines) -> None:
    lines = [b"%d %s\n" % (number, b"x" * (number % 700)) for number in range(2000)]
    with (tmp_path / "log").open("wb") as file:
        writer = writer_to(file.fileno(), lost)
        for line in lines:
            writer.write(line)
        writer.drain()

    assert (tmp_path / "log").read_bytes() == b"".join(lines)
    assert lost.count == 0


def test_what_a_full_disk_does_not_take_is_counted(lost: LostLines) -> None:
    with Path("/dev/full").open("wb", buffering=0) as file:
        writer = writer_to(file.fileno(), lost)
        for _ in range(3):
            writer.write(b"a line\n")
        writer.drain()

    assert lost.count == 3


def test_without_a_stream_all_is_counted(lost: LostLines) -> None:
    writer = writer_to(None, lost)

    writer.write(b"a line\n")
    writer.drain()

    assert lost.count == 1


def test_while_nobody_reads_only_so_many_lines_wait(lost: LostLines, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_writer, "LINES_MAX", 20)
    with a_pipe() as (reader, descriptor):
        writer = writer_to(descriptor, lost)
        for _ in range(200):
            writer.write(b"x" * 99 + b"\n")
        writer.drain(within_s=0.01)

        missing = lost.count
        assert 100 < missing < 200
        # Once somebody reads again, all that waited comes, and how many lines are missing.
        while writer._waiting.qsize():
            os.read(reader, 4096)
        writer.write(b"later\n")
        threading.Thread(target=writer.drain).start()
        read = b""
        while not read.endswith(b"later\n"):
            read += os.read(reader, 4096)
        lines = read.splitlines()
        assert sum(int(line.split()[1]) for line in lines if line.startswith(b"lost ")) == missing
        assert sum(line == b"x" * 99 for line in lines) == 200 - missing


def test_a_line_that_was_torn_does_not_spoil_the_next(
    tmp_path: Path, lost: LostLines, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, answers = os.write, iter([4, OSError(28, "No space left on device")])

    def fail(descriptor: int, data: bytes) -> int:
        match next(answers, None):
            case int(taken):
                return write(descriptor, data[:taken])
            case OSError() as error:
                raise error
            case _:
                return write(descriptor, data)

    with (tmp_path / "log").open("wb") as file:
        monkeypatch.setattr(log_writer.os, "write", fail)
        writer = writer_to(file.fileno(), lost)
        writer.write(b"a line\n")
        writer.drain()
        writer.write(b"another\n")
        writer.drain()

    assert (tmp_path / "log").read_bytes() == b"a li\nlost 1\nanother\n"


def test_a_stream_that_others_have_set_not_to_block_is_waited_for_by_the_thread_alone(lost: LostLines) -> None:
    with a_pipe() as (reader, descriptor):
        os.set_blocking(descriptor, False)
        writer = writer_to(descriptor, lost)
        for _ in range(100):
            writer.write(b"x" * 99 + b"\n")

        read = b""
        while len(read) < 10_000:
            read += os.read(reader, 4096)
    assert lost.count == 0
