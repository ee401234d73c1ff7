"""A disk that is full has no byte left, and has its room again afterwards."""

import errno
import multiprocessing
import os
from pathlib import Path

import pytest

from tests.chaos import needs
from tests.chaos.fault_kinds import FaultKind
from tests.chaos.small_disk import filled, hide_mounts, may_mount, small_disk


def _see_a_full_disk(directory: Path) -> None:
    hide_mounts()
    with small_disk(directory):
        with filled(directory), pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
            (directory / "more").write_bytes(b"x")
        (directory / "more").write_bytes(b"x")


@pytest.mark.skipif(not may_mount(), reason="no disk can be mounted here, which only root may")
def test_a_full_disk_takes_nothing_and_nobody_else_sees_it(tmp_path: Path) -> None:
    trying = multiprocessing.get_context("fork").Process(target=_see_a_full_disk, args=(tmp_path / "disk",))
    trying.start()
    trying.join()

    assert trying.exitcode == 0
    assert list((tmp_path / "disk").iterdir()) == []


def test_what_cannot_be_had_is_left_out_with_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(needs, "find_faketime", lambda: None)
    monkeypatch.setattr(needs, "may_mount", lambda: False)

    lacking = needs.left_out.__wrapped__()

    assert set(lacking) == {FaultKind.CLOCK_AHEAD, FaultKind.CLOCK_BEHIND, FaultKind.DISK_WITHOUT_ROOM}
    assert "faketime" in lacking[FaultKind.CLOCK_AHEAD]
