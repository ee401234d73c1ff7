"""What can be done to the disk and the settings, until it is undone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from unittest import mock

from gateway.domain.events import CallEnded, Cause
from gateway.spool.file import SpoolFile, spool_directory
from gateway.spool.record import Record, line_of
from gateway.spool.set_aside import files_set_aside, reject
from gateway.usecases.doctor.lost_lines import mark_lost_lines
from tests.support.installation import DAY, Installation


@asynccontextmanager
async def disk_low(its: Installation) -> AsyncIterator[None]:
    with mock.patch("shutil.disk_usage", return_value=mock.Mock(free=300 << 20)):
        yield


def _spooled(its: Installation) -> SpoolFile:
    directory = spool_directory(its.data)
    directory.mkdir(exist_ok=True)
    return SpoolFile.create(directory)


def _record(its: Installation) -> Record:
    return Record(
        connection="pbx", received_at=its.now - DAY, ended=CallEnded(call_id="a1", seconds=1, cause=Cause.NORMAL)
    )


@asynccontextmanager
async def spool_waits(its: Installation) -> AsyncIterator[None]:
    file = _spooled(its)
    file.append(line_of(_record(its)))
    yield
    file.path.unlink()


@asynccontextmanager
async def spool_rejected(its: Installation) -> AsyncIterator[None]:
    reject(_spooled(its).path, line_of(_record(its)), "the database would not have it")
    yield
    for path in files_set_aside(spool_directory(its.data)):
        path.unlink()


@asynccontextmanager
async def spool_unusable(its: Installation) -> AsyncIterator[None]:
    path = _spooled(its).path
    path.mkdir()
    yield
    path.rmdir()


@asynccontextmanager
async def log_lost(its: Installation) -> AsyncIterator[None]:
    mark_lost_lines(its.data, at=its.now)
    yield
    mark_lost_lines(its.data, at=its.now - 2 * DAY)


@asynccontextmanager
async def no_operator_email(its: Installation) -> AsyncIterator[None]:
    config = its.data / "gateway.toml"
    before = config.read_text()
    config.write_text(before.replace('operator_email = "op@gw.example"', ""))
    yield
    config.write_text(before)
