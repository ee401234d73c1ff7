"""The embedded database as one file, and back: by the server's own programs."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway.embedded.binaries import EmbeddedError, database_account, find_binaries, run_program
from gateway.embedded.data_directory import clusters, lock_owner, make_data_directory
from gateway.embedded.postmaster import end_leftover
from gateway.embedded.server import start_embedded

_STAGE = "restoring-"
_REPLACED = ".replaced"


def dump(dsn: str, to: Path, *, data: Path, bindir: Path | None, os_user: str | None) -> None:
    """Write all of a running server's database, as it is at one instant, whatever is done to it meanwhile."""
    programs = find_binaries(bindir, database_account(os_user), copies=data.absolute() / "programs").directory
    _run([str(programs / "pg_dump"), "--format=custom", "--no-owner", f"--file={to}", dsn])


def has_cluster(data: Path) -> bool:
    return bool(clusters(data))


@contextlib.contextmanager
def staged(data: Path, *, bindir: Path | None, os_user: str | None) -> "Iterator[DumpStage]":
    """A database beside the one of a data directory, gone at the end but for what was put in its place."""
    data = data.absolute()
    make_data_directory(data, database_account(os_user))
    directory = Path(tempfile.mkdtemp(prefix=_STAGE, dir=data))
    # The database's account must pass through it.
    directory.chmod(0o711)
    try:
        yield DumpStage(data, directory, bindir=bindir, os_user=os_user)
    finally:
        shutil.rmtree(directory, ignore_errors=True)


class DumpStage:
    """Where a dump becomes a database before that takes the place of another."""

    def __init__(self, data: Path, directory: Path, *, bindir: Path | None, os_user: str | None) -> None:
        self.directory = directory
        self._data = data
        self._bindir = bindir
        self._os_user = os_user

    def load(self, dumped: Path, finish: Callable[[str], None]) -> None:
        """Make a database of a dump; `finish` is handed its URL, and may refuse it by raising."""
        server = start_embedded(self.directory, bindir=self._bindir, os_user=self._os_user)
        try:
            restore = [str(server.bindir / "pg_restore"), "--no-owner", "--exit-on-error", "--single-transaction"]
            _run([*restore, f"--dbname={server.dsn}", str(dumped)])
            finish(server.dsn)
        finally:
            server.stop()

    def take_place(self) -> None:
        """Put the database where a gateway finds it, and delete the one that was there; none may run meanwhile."""
        lock = lock_owner(self._data)
        try:
            for before in clusters(self._data):
                end_leftover(before)
                before.rename(before.with_name(before.name + _REPLACED))
            for made in clusters(self.directory):
                made.rename(self._data / made.name)
        finally:
            os.close(lock)
        for before in self._data.glob(f"pg*{_REPLACED}"):
            shutil.rmtree(before, ignore_errors=True)


def _run(command: list[str]) -> None:
    try:
        result: subprocess.CompletedProcess[str] = run_program(command, None)
    except OSError as error:
        raise EmbeddedError(f"{command[0]} cannot be run: {error.strerror}") from error
    if result.returncode != 0:
        lines = [line for line in result.stderr.splitlines() if line.strip()]
        raise EmbeddedError(f"{Path(command[0]).name} failed: {' / '.join(lines[-3:])}")
