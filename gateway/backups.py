"""A backup of an installation with the embedded database: one file with the database and the spool.

The spool is read before the database. What is applied in between is in both, and applying it again changes nothing.
"""

import asyncio
import io
import shutil
import tarfile
import tempfile
import uuid
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

import msgspec

from gateway.domain.errors import Conflict, InvalidInput
from gateway.embedded.data_directory import is_owned
from gateway.embedded.dump import dump, has_cluster, staged
from gateway.embedded.server import embedded_dsn
from gateway.postgres.migrate import migrate
from gateway.settings import Settings
from gateway.spool.file import SUFFIX, read_lines, spool_directory
from gateway.spool.set_aside import REJECTED_SUFFIX, UNREADABLE_SUFFIX

_FORMAT: Final = 1
_MANIFEST: Final = "backup.json"
_DUMP: Final = "database.dump"
_SPOOL: Final = "spool"
_SUFFIXES: Final = (SUFFIX, REJECTED_SUFFIX, UNREADABLE_SUFFIX)


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """`made_at` is when it was begun: what came later is not in it."""

    file: str
    made_at: datetime
    spool_records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A backup that is the data of an installation again; `migrated` is what brought it to this version's schema."""

    file: str
    made_at: datetime
    spool_records: int
    migrated: list[str]


class _Manifest(msgspec.Struct, frozen=True, kw_only=True):
    format: int
    made_at: datetime


def back_up(settings: Settings, file: Path, *, now: datetime) -> Backup:
    """Write a backup, whether or not a gateway runs; Conflict where the file is there already."""
    if file.exists():
        raise Conflict(f"{file} is there already: choose another name")
    if not has_cluster(settings.data):
        raise Conflict(f"{settings.data} has no database to back up: is it the right GATEWAY_DATA?")
    with (
        tempfile.TemporaryDirectory(dir=file.absolute().parent, prefix=".backup-") as directory,
        embedded_dsn(settings.data, bindir=settings.pg_bindir, os_user=settings.pg_os_user) as dsn,
    ):
        archived, dumped = Path(directory, file.name), Path(directory, _DUMP)
        with tarfile.open(archived, "w") as archive:
            _add(archive, _MANIFEST, msgspec.json.encode(_Manifest(format=_FORMAT, made_at=now)))
            records = _add_spool(archive, spool_directory(settings.data))
            dump(dsn, dumped, data=settings.data, bindir=settings.pg_bindir, os_user=settings.pg_os_user)
            archive.add(dumped, arcname=_DUMP)
        # Customers' calls are in it.
        archived.chmod(0o600)
        archived.rename(file)
    return Backup(file=str(file), made_at=now, spool_records=records)


def restore(settings: Settings, file: Path, *, replaces: bool) -> Restored:
    """Make a backup the data of this installation; only where there is none, unless it replaces what there is.

    What waits in the spool stays, and that of the backup is put beside it. Nothing is changed until all is ready.
    """
    if is_owned(settings.data.absolute()):
        raise Conflict(f"a gateway runs on {settings.data}: stop it first")
    if has_cluster(settings.data) and not replaces:
        raise Conflict(f"{settings.data} has a database: give another GATEWAY_DATA, or --replace to lose that one")
    migrated: list[str] = []
    with staged(settings.data, bindir=settings.pg_bindir, os_user=settings.pg_os_user) as stage:
        manifest = _unpack(file, stage.directory)
        stage.load(stage.directory / _DUMP, lambda dsn: migrated.extend(asyncio.run(migrate(dsn))))
        stage.take_place()
        records = _put_spool(stage.directory / _SPOOL, spool_directory(settings.data))
    return Restored(file=str(file), made_at=manifest.made_at, spool_records=records, migrated=migrated)


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    archive.addfile(entry, io.BytesIO(content))


def _add_spool(archive: tarfile.TarFile, directory: Path) -> int:
    """Add what waits, in whole lines; how many events there are."""
    records = 0
    for path in sorted(path for suffix in _SUFFIXES for path in directory.glob(f"*{suffix}")):
        lines = list(read_lines(path))
        if lines:
            _add(archive, f"{_SPOOL}/{path.name}", b"".join(lines))
            records += len(lines) if path.suffix == SUFFIX else 0
    return records


def _unpack(file: Path, directory: Path) -> _Manifest:
    """Put the parts of a backup into a directory; InvalidInput where it is none, or not a whole one."""
    (directory / _SPOOL).mkdir()
    try:
        with tarfile.open(file, "r:") as archive:
            _extract(archive, _MANIFEST, directory / _MANIFEST)
            manifest = msgspec.json.decode((directory / _MANIFEST).read_bytes(), type=_Manifest)
            if manifest.format != _FORMAT:
                raise InvalidInput(f"{file} was written by a version that this one cannot read")
            for name in (_DUMP, *filter(_is_of_spool, archive.getnames())):
                _extract(archive, name, directory / name)
    except OSError as error:
        raise InvalidInput(f"{file} cannot be unpacked: {error.strerror or error}") from error
    except (tarfile.TarError, KeyError, msgspec.MsgspecError) as error:
        raise InvalidInput(f"{file} is no backup of a gateway, or not a whole one: {error}") from error
    return manifest


def _is_of_spool(name: str) -> bool:
    path = PurePosixPath(name)
    return path.parent == PurePosixPath(_SPOOL) and path.suffix in _SUFFIXES


def _extract(archive: tarfile.TarFile, name: str, to: Path) -> None:
    content = archive.extractfile(name)
    if content is None:
        raise KeyError(f"{name} is no file")
    with content, to.open("xb") as file:
        shutil.copyfileobj(content, file)


def _put_spool(unpacked: Path, directory: Path) -> int:
    """Put the spool of a backup beside what waits, under names of its own; how many events there are."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    records = 0
    for path in sorted(unpacked.iterdir()):
        records += sum(1 for _ in read_lines(path)) if path.suffix == SUFFIX else 0
        path.chmod(0o600)
        path.rename(directory / f"{uuid.uuid4().hex}{path.suffix}")
    return records
