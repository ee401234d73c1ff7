"""Figures never stop what they count: the files of several processes have their room, or there are none."""

import os
import resource
from pathlib import Path

import prometheus_client.values as storage
import pytest

from gateway import metrics


@pytest.fixture
def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(metrics.MULTIPROCESS_VARIABLE, str(tmp_path))
    monkeypatch.setattr(storage, "ValueClass", storage.MultiProcessValue())
    return tmp_path


def test_the_files_have_room_on_the_disk_before_they_are_mapped(directory: Path) -> None:
    metrics.take_room()

    reserved = {path.name: path.stat().st_blocks * 512 for path in directory.iterdir()}
    figures = metrics.Metrics()
    figures.hooks.labels("pbx", "start", "connect").inc()

    assert set(reserved) == {path.name for path in directory.iterdir()}
    assert min(reserved.values()) >= 2 << 20
    assert b'gateway_hooks_total{connection="pbx",kind="start",outcome="connect"} 1.0' in figures.render()


def test_without_room_the_figures_stay_in_memory(directory: Path) -> None:
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, before[1]))
    try:
        metrics.take_room()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    figures = metrics.Metrics()
    figures.spool_writes.inc()

    assert metrics.MULTIPROCESS_VARIABLE not in os.environ
    assert b"gateway_spool_writes_total 1.0" in figures.render()
