"""What was put aside is not lost: it is shown, counted, and taken up again once its cause is mended (R34)."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.events import CallEnded, Cause
from gateway.postgres.types import Pool
from gateway.spool.file import SUFFIX, SpoolFile, spool_directory
from gateway.spool.record import Record, line_of
from gateway.spool.set_aside import (
    REJECTED_SUFFIX,
    UNREADABLE_SUFFIX,
    count_set_aside,
    files_set_aside,
    put_aside,
    read_set_aside,
    reject,
    take_back,
)
from gateway.usecases.calls.shown.mail_set_aside import mail_set_aside
from tests.support.command_line import CONFIG, Gateway, undone
from tests.support.running import Gateway as InProcess
from tests.support.world import NOON

# As a version with more kinds of events, or of causes, may have written them.
OF_ANOTHER_VERSION = (
    b'{"connection":"pbx","received_at":"2026-03-11T12:00:00Z","transferred":{"call_id":"a","to":"+442079460000"}}\n',
    b'{"connection":"pbx","received_at":"2026-03-11T12:00:00Z","ended":{"call_id":"b","cause":"transferred"}}\n',
)


def end(name: str, connection: str = "pbx") -> Record:
    return Record(connection=connection, received_at=NOON, ended=CallEnded(call_id=name, cause=Cause.NORMAL, seconds=1))


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = spool_directory(tmp_path)
    made.mkdir()
    return made


@pytest.fixture
def cli(directory: Path, dsn: str) -> Gateway:
    config = directory.parent / "gateway.toml"
    config.write_text(CONFIG)
    return Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_CONFIG": str(config), "GATEWAY_DATA": str(directory.parent)})


async def printed(cli: Gateway, *arguments: str) -> Any:
    """What a command prints; what it logs stands on standard error."""
    with undone():
        result = await cli.run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def leave_behind(directory: Path, *lines: bytes) -> Path:
    file = SpoolFile.create(directory)
    file.append(b"".join(lines))
    file.acknowledge(1, [end("any")])
    file.close()
    return file.path


async def test_events_of_another_kind_of_version_are_put_aside_as_they_are(cli: Gateway, directory: Path) -> None:
    path = leave_behind(directory, *OF_ANOTHER_VERSION, line_of(end("c")))

    told = await printed(cli, "spool", "replay")
    shown = await printed(cli, "spool", "show")
    again = await printed(cli, "spool", "replay", "--set-aside")

    assert told == {"replayed": 3, "waiting": 0, "set_aside": 2}
    assert path.with_suffix(UNREADABLE_SUFFIX).read_bytes() == b"".join(OF_ANOTHER_VERSION)
    assert [each["state"] for each in shown] == ["set aside: this version does not understand it"] * 2
    assert again == {"replayed": 0, "waiting": 0, "set_aside": 2}
    assert path.with_suffix(UNREADABLE_SUFFIX).read_bytes() == b"".join(OF_ANOTHER_VERSION)


async def test_what_is_put_aside_is_taken_up_again_when_its_cause_is_mended(
    cli: Gateway, directory: Path, pool: Pool
) -> None:
    reject(directory / f"x{SUFFIX}", line_of(end("a")), "no connection 'pbx' is configured")
    put_aside(directory / f"y{SUFFIX}", line_of(end("b")))
    assert count_set_aside(directory) == 2

    told = await printed(cli, "spool", "replay", "--set-aside")

    assert told == {"replayed": 2, "waiting": 0, "set_aside": 0}
    assert files_set_aside(directory) == []
    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM call WHERE provider_call_id IN ('a', 'b')") == 2


async def test_a_record_is_put_aside_word_by_word(directory: Path) -> None:
    line = line_of(end("a")).replace(b'"seconds":1', b'"seconds":1,"of_a_newer_version":[7]')

    reject(directory / f"x{SUFFIX}", line, "too large")

    (path,) = files_set_aside(directory)
    assert line.strip() in path.read_bytes()
    assert list(read_set_aside(path)) == [("too large", end("a"))]


async def test_while_one_takes_them_back_others_put_aside_beside(directory: Path) -> None:
    """A file that was taken away between its opening and its locking gets nothing more."""
    spool_file = directory / f"x{SUFFIX}"
    reject(spool_file, line_of(end("a")), "why")
    taken: list[Record] = []

    take_back(spool_file.with_suffix(REJECTED_SUFFIX), taken.extend)
    reject(spool_file, line_of(end("b")), "why")

    assert taken == [end("a")]
    assert [record for path in files_set_aside(directory) for _, record in read_set_aside(path)] == [end("b")]


async def test_what_cannot_be_kept_stays_put_aside(directory: Path) -> None:
    spool_file = directory / f"x{SUFFIX}"
    reject(spool_file, line_of(end("a")), "why")

    def keep(_records: object) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        take_back(spool_file.with_suffix(REJECTED_SUFFIX), keep)

    assert count_set_aside(directory) == 1


async def test_the_operator_has_a_mail_a_day_as_long_as_something_lies_aside(
    gateway: InProcess, pool: Pool, tmp_path: Path
) -> None:
    context = gateway.process.context
    told = replace(context, settings=replace(context.settings, operator_email="op@gw.example"))
    await mail_set_aside(told)
    reject(context.spool.file.path, line_of(end("a")), "why")

    await mail_set_aside(context)
    for _ in range(2):
        await mail_set_aside(told)
    gateway.clock.advance(86_400)
    await mail_set_aside(told)

    rows = await pool.fetch("SELECT recipient, kind, facts::text AS facts FROM mail")
    assert [(row["recipient"], row["kind"]) for row in rows] == [("op@gw.example", "events_set_aside")] * 2
    assert '"events": 1' in rows[0]["facts"]
