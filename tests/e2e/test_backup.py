"""An installation with the embedded database is one file, and is itself again: money, calls, and what waits on disk."""

import json
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from gateway.clock import SystemClock
from gateway.domain.events import CallEnded, Cause
from gateway.spool.file import SpoolFile, spool_directory, spool_files
from gateway.spool.record import Record, line_of
from tests.support.postgres import throwaway_directory
from tests.support.processes import Installation, provider

RATES = """kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency
outbound,,,44,0.0270,0,60,60,2026-01-01,USD
"""


def typed(data: Path, *arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environment = kept | {"GATEWAY_DATA": str(data), "GATEWAY_LOG": "json"} | more
    command = [sys.executable, "-m", "gateway", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment)


def told(data: Path, *arguments: str) -> Any:
    result = typed(data, *arguments, "--json")
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def refused(data: Path, *arguments: str, **more: str) -> str:
    result = typed(data, *arguments, **more)
    assert (result.returncode, result.stdout) == (1, "")
    return result.stderr


def wait_on_disk(data: Path) -> None:
    """The end of a call waits for the database, of a process that is no more."""
    spool_directory(data).mkdir(exist_ok=True)
    end = CallEnded(call_id="a2", seconds=61, cause=Cause.NORMAL)
    at = SystemClock().now() - timedelta(minutes=5)
    SpoolFile.create(spool_directory(data)).append(line_of(Record(connection="trunk", received_at=at, ended=end)))


@pytest.fixture
def directory() -> Iterator[Path]:
    with throwaway_directory(memory=True) as made:
        yield made


def open_account(data: Path) -> None:
    data.parent.joinpath("rates.csv").write_text(RATES)
    told(data, "account", "create", "Acme", "--currency", "USD", "--email", "a@b.example")
    told(data, "topup", "1", "10", "--external-id", "x1")
    told(data, "number", "add", "1", "+15550100001")
    told(data, "rates", "import", str(data.parent / "rates.csv"))


async def test_money_calls_and_spool_are_back(directory: Path) -> None:
    data, file = directory / "data", directory / "monday.backup"
    open_account(data)
    installation = Installation(data=data)
    async with provider() as pbx, installation.serve() as gateway:
        await pbx.start(gateway.url, "a1", caller="+15550100001")
        await pbx.answer(gateway.url, "a1")
        await pbx.end(gateway.url, "a1", seconds=60)
        written = told(data, "backup", str(file))
        assert await gateway.stop() == 0
    wait_on_disk(data)
    later = told(data, "backup", str(directory / "tuesday.backup"))

    assert (written["spool_records"], later["spool_records"]) == (0, 1)
    assert file.stat().st_mode & 0o777 == 0o600
    restored = told(directory / "other", "restore", str(directory / "tuesday.backup"))

    assert (restored["spool_records"], restored["migrated"]) == (1, [])
    for shown in (("account", "show", "1"), ("calls", "list"), ("ledger", "show", "1")):
        assert told(directory / "other", *shown) == told(data, *shown)
    assert [path.read_bytes() for path in spool_files(spool_directory(directory / "other"))] == [
        path.read_bytes() for path in spool_files(spool_directory(data))
    ]
    assert told(directory / "other", "check")["ok"]


async def test_a_running_gateway_is_left_alone(directory: Path) -> None:
    data, file = directory / "data", directory / "a.backup"
    told(data, "migrate")
    told(data, "backup", str(file))

    async with Installation(data=data).serve() as gateway:
        assert "a gateway runs on" in refused(data, "restore", str(file), "--replace")
        assert await gateway.stop() == 0


def test_a_database_that_is_there_is_only_replaced_when_asked_to_and_what_waits_stays(directory: Path) -> None:
    data, file = directory / "data", directory / "a.backup"
    open_account(data)
    wait_on_disk(data)
    told(data, "backup", str(file))
    told(data, "topup", "1", "5", "--external-id", "x2")

    assert "--replace" in refused(data, "restore", str(file))
    assert told(data, "account", "show", "1")["balance"] == "15.000000"
    told(data, "restore", str(file), "--replace")

    assert told(data, "account", "show", "1")["balance"] == "10.000000"
    assert len(spool_files(spool_directory(data))) == 2
    assert not [path.name for path in data.iterdir() if "restor" in path.name or "replaced" in path.name]


def test_what_is_no_whole_backup_changes_nothing(directory: Path) -> None:
    data, file = directory / "data", directory / "a.backup"
    open_account(data)
    told(data, "backup", str(file))
    half, other, newer = directory / "half", directory / "other", directory / "newer"
    half.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    other.write_text("a shopping list")
    with tarfile.open(newer, "w") as archive:
        content = directory / "backup.json"
        content.write_text('{"format": 2, "made_at": "2026-06-01T10:00:00Z"}')
        archive.add(content, arcname="backup.json")

    said = [refused(data, "restore", str(path), "--replace") for path in (half, other, newer, directory / "none")]

    assert ["is no backup" in said[0], "is no backup" in said[1]] == [True, True]
    assert "a version that this one cannot read" in said[2]
    assert "cannot be unpacked: No such file" in said[3]
    assert told(data, "account", "show", "1")["balance"] == "10.000000"


def test_a_file_that_is_there_is_not_overwritten(directory: Path) -> None:
    file = directory / "a.backup"
    file.write_text("dear")

    assert "is there already" in refused(directory / "data", "backup", str(file))
    assert file.read_text() == "dear"


def test_where_there_is_no_database_nothing_is_backed_up(directory: Path) -> None:
    assert "has no database to back up" in refused(directory / "data", "backup", str(directory / "a.backup"))
    assert not (directory / "a.backup").exists()


async def test_the_doctor_looks_at_an_embedded_database_whether_or_not_a_gateway_runs(directory: Path) -> None:
    data = directory / "data"
    environment = {"GATEWAY_OPERATOR_EMAIL": "op@gw.example"}
    told(data, "migrate")
    stopped = typed(data, "doctor", **environment)

    async with Installation(data=data).serve() as gateway:
        serving = typed(data, "doctor", **environment)
        assert await gateway.stop() == 0

    assert (stopped.stdout, serving.stdout) == ("nothing is wrong\n", "nothing is wrong\n")


@pytest.mark.parametrize(("command", "program"), [("backup", "pg_dump"), ("restore", "pg_restore")])
def test_of_an_external_database_the_programs_to_use_are_named(directory: Path, command: str, program: str) -> None:
    said = refused(directory, command, "a.backup", GATEWAY_DATABASE_URL="postgresql://gateway@db.example/gateway")

    assert program in said
    assert str(directory / "spool") in said
