"""What can be seen without the database: the settings, the disk, and what waits on it."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from gateway.domain.problems import Problem, ProblemCode, problem_of
from gateway.settings import Settings
from gateway.spool.file import REJECTED_SUFFIX, UNREADABLE_SUFFIX, read_records, spool_directory, spool_files

DISK_FREE_MIN: Final = 1 << 30
# A process that lives applies its own within a second of the database's return.
WAITS_FROM: Final = timedelta(minutes=1)


def examine_machine(settings: Settings, *, free_bytes: int, now: datetime) -> list[Problem]:
    """`free_bytes` are those of the data directory's disk."""
    return [*_disk(settings.data, free_bytes), *_spool(settings.data, now), *_rejected(settings.data), *_told(settings)]


def _disk(data: Path, free_bytes: int) -> list[Problem]:
    if free_bytes >= DISK_FREE_MIN:
        return []
    return [problem_of(ProblemCode.DISK_LOW, f"the disk of {data} has {free_bytes >> 20} MiB left")]


def _spool(data: Path, now: datetime) -> list[Problem]:
    records = (record for path in spool_files(spool_directory(data)) for record in read_records(path))
    waiting = [record.received_at for record in records if record.received_at <= now - WAITS_FROM]
    if not waiting:
        return []
    said = f"{len(waiting)} call events wait in {spool_directory(data)}"
    return [problem_of(ProblemCode.SPOOL_WAITS, said, since=min(waiting))]


def _rejected(data: Path) -> list[Problem]:
    files = [
        path.name
        for suffix in (REJECTED_SUFFIX, UNREADABLE_SUFFIX)
        for path in sorted(spool_directory(data).glob(f"*{suffix}"))
    ]
    if not files:
        return []
    return [problem_of(ProblemCode.SPOOL_REJECTED, f"{spool_directory(data)} has {', '.join(files)}")]


def _told(settings: Settings) -> list[Problem]:
    if settings.operator_email is not None:
        return []
    return [
        problem_of(ProblemCode.NO_OPERATOR_EMAIL, "no operator's address is set, so nobody gets the operator's mails")
    ]
