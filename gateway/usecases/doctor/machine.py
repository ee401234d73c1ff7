"""What can be seen without the database: the settings, the disk, and what waits on it."""

import os
import shutil
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from gateway.domain.problems import Problem, ProblemCode
from gateway.settings import Settings
from gateway.spool.file import read_records, spool_directory, spool_files
from gateway.spool.set_aside import count_set_aside
from gateway.usecases.doctor.finding import fact_of, problem_of
from gateway.usecases.doctor.lost_lines import lost_lines_at

DISK_FREE_MIN: Final = 1 << 30
# A process that lives applies its own within a second of the database's return.
WAITS_FROM: Final = timedelta(minutes=1)
LOST_WITHIN: Final = timedelta(days=1)
# A file may still be made on a disk that is full, and not be written to.
_PROBE_BYTES: Final = 4096


def examine_machine(settings: Settings, *, free: int, now: datetime) -> list[Problem]:
    """`free` are the bytes that the data directory's disk has left."""
    return [
        *_disk(settings.data, free),
        *_spool(settings.data, now),
        *_rejected(settings.data),
        *_log(settings.data, now),
        *_told(settings),
    ]


def free_bytes(data: Path) -> int:
    """Of the disk on which the data directory is, or will be."""
    there = next(path for path in (data.absolute(), *data.absolute().parents) if path.exists())
    return shutil.disk_usage(there).free


def _disk(data: Path, free: int) -> list[Problem]:
    if free >= DISK_FREE_MIN:
        return []
    return [problem_of(ProblemCode.DISK_LOW, fact_of("disk_low", data=str(data), free=free >> 20))]


def _spool(data: Path, now: datetime) -> list[Problem]:
    directory = spool_directory(data)
    try:
        if directory.is_dir():
            _try_to_write(directory)
        records = [record for path in spool_files(directory) for record in read_records(path)]
    except OSError as error:
        fact = fact_of("spool_unusable", directory=str(directory), error=error.strerror or str(error))
        return [problem_of(ProblemCode.SPOOL_UNUSABLE, fact)]
    waiting = [record.received_at for record in records if record.received_at <= now - WAITS_FROM]
    if not waiting:
        return []
    fact = fact_of("spool_waits", events=len(waiting), directory=str(directory))
    return [problem_of(ProblemCode.SPOOL_WAITS, fact, since=min(waiting))]


def _try_to_write(directory: Path) -> None:
    with TemporaryFile(dir=directory) as file:
        file.write(b"x" * _PROBE_BYTES)
        file.flush()
        os.fsync(file.fileno())


def _rejected(data: Path) -> list[Problem]:
    directory = spool_directory(data)
    count = count_set_aside(directory)
    if not count:
        return []
    return [problem_of(ProblemCode.SPOOL_REJECTED, fact_of("spool_rejected", events=count, directory=str(directory)))]


def _log(data: Path, now: datetime) -> list[Problem]:
    lost_at = lost_lines_at(data)
    if lost_at is None or lost_at <= now - LOST_WITHIN:
        return []
    return [problem_of(ProblemCode.LOG_LOST, fact_of("log_lost", at=f"{lost_at:%Y-%m-%d %H:%M:%S}"))]


def _told(settings: Settings) -> list[Problem]:
    if settings.operator_email is not None:
        return []
    return [problem_of(ProblemCode.NO_OPERATOR_EMAIL, fact_of("no_operator_email"))]
