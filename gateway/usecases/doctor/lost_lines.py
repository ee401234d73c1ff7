"""A mark on disk of when lines of the log were lost last. It needs no room: only its time changes."""

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path


def _mark(data: Path) -> Path:
    return data / "log-lost"


def mark_lost_lines(data: Path, *, at: datetime) -> None:
    """Remember the instant, where that can be."""
    with contextlib.suppress(OSError):
        _mark(data).touch()
        os.utime(_mark(data), (at.timestamp(), at.timestamp()))


def lost_lines_at(data: Path) -> datetime | None:
    """When a process of this data directory last noticed that lines were lost."""
    try:
        return datetime.fromtimestamp(_mark(data).stat().st_mtime, UTC)
    except OSError:
        return None
