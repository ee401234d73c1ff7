"""The embedded database: a PostgreSQL server of our own, started and stopped with the gateway.

For evaluation and small installations. One process owns a data directory (a lock on `owner.lock`); others
attach to its server through the socket while it runs. All of it is synchronous and comes before the event loop.
"""

import contextlib
import fcntl
import os
import signal
import threading
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import Future
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from gateway.embedded import postmaster
from gateway.embedded.binaries import EmbeddedError, database_account, find_binaries, require_reachable
from gateway.embedded.data_directory import (
    OwnedError,
    cluster_directory,
    clusters,
    is_owned,
    lock_owner,
    lock_within,
    log_file,
    make_data_directory,
    open_lock,
    socket_directory,
)
from gateway.embedded.postmaster import DATABASE, PORT, Cluster
from gateway.log import logger
from gateway.log_events import LogEvent

__all__ = ["EmbeddedError", "EmbeddedServer", "embedded_dsn", "running_dsn", "start_embedded"]

RESTARTS_MAX = 3
RESTARTS_WITHIN_S = 60.0
ATTACH_S_MAX = 30.0
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


class EmbeddedServer:
    """A running server that this process owns. A thread starts it again when it dies by itself.

    `failed` is set when it died too often (more than 3 times in 60 s) or did not come up again: whoever serves
    must then end with an error, since nothing can be decided without the database.
    """

    def __init__(self, data: Path, cluster: Cluster, owner_lock: int) -> None:
        self.data = data
        self.failed = threading.Event()
        self._cluster = cluster
        self._owner_lock = owner_lock
        self._stopping = threading.Event()
        self._turn = threading.Lock()
        self._started: Future[None] = Future()
        # The kernel ends the server together with the thread that started it, so one thread starts and watches.
        self._watcher = threading.Thread(target=self._run, name="embedded-database", daemon=True)
        self._watcher.start()
        self._started.result()

    @property
    def dsn(self) -> str:
        """A URL for asyncpg, by the socket."""
        return _dsn(self._cluster.sockets)

    @property
    def bindir(self) -> Path:
        """The directory of PostgreSQL's programs (psql, pg_dump) of the server's version."""
        return self._cluster.binaries.directory

    @property
    def version(self) -> str:
        return self._cluster.binaries.version

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> None:
        """Stop the server, cleanly if it can be done in 30 s, and give the directory free. Twice is once."""
        with self._turn:
            if self._stopping.is_set():
                return
            self._stopping.set()
        for ending in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
            self._process.send_signal(ending)
            self._watcher.join(postmaster.STOP_S_MAX)
            if not self._watcher.is_alive():
                break
        if self._cluster.sockets.parent != self.data:
            with contextlib.suppress(OSError):
                self._cluster.sockets.rmdir()
        os.close(self._owner_lock)

    def _spawn(self) -> postmaster.Process:
        with self._turn:
            if self._stopping.is_set():
                raise EmbeddedError("the database is being stopped")
            self._process = postmaster.spawn(self._cluster)
            return self._process

    def _run(self) -> None:
        try:
            postmaster.start(self._cluster, self._spawn)
        except BaseException as error:  # noqa: BLE001 - it is raised where the result is waited for
            self._started.set_exception(error)
        else:
            self._started.set_result(None)
            self._watch()

    def _watch(self) -> None:
        """Wait for the postmaster's end; start it again unless we ended it or it dies too often."""
        restarts: list[float] = []
        while True:
            status = self._process.wait()
            if self._stopping.is_set():
                return
            now = time.monotonic()
            restarts = [at for at in restarts if now - at < RESTARTS_WITHIN_S]
            logger().error(LogEvent.DATABASE_DIED, exit_status=status, restarts=len(restarts))
            if len(restarts) >= RESTARTS_MAX:
                self.failed.set()
                return
            restarts.append(now)
            try:
                postmaster.start(self._cluster, self._spawn)
            except (EmbeddedError, OSError) as error:
                if not self._stopping.is_set():
                    logger().error(LogEvent.DATABASE_FAILED, reason=str(error))
                    self.failed.set()
                return
            logger().warning(LogEvent.DATABASE_RESTARTED)


def start_embedded(
    data: Path,
    *,
    bindir: Path | None = None,
    os_user: str | None = None,
    extra_settings: Mapping[str, str] = NO_SETTINGS,
) -> EmbeddedServer:
    """Own the directory and start its server, made on first use. EmbeddedError says in one line why not."""
    data = data.absolute()
    account = database_account(os_user)
    make_data_directory(data, account)
    owner_lock = lock_owner(data)
    try:
        require_reachable(data, account)
        binaries = find_binaries(bindir, account, copies=data / "programs")
        directory = cluster_directory(data, binaries)
        if not (directory / "PG_VERSION").exists():
            postmaster.make_cluster(binaries, account, directory)
        postmaster.end_leftover(directory)
        cluster = Cluster(
            binaries=binaries,
            account=account,
            directory=directory,
            sockets=socket_directory(data, account),
            log=log_file(data, account),
            settings=extra_settings,
        )
        return EmbeddedServer(data, cluster, owner_lock)
    except BaseException as error:
        os.close(owner_lock)
        if isinstance(error, OSError):
            raise EmbeddedError(f"the embedded database in {data} cannot be used: {error}") from error
        raise


def running_dsn(data: Path) -> str | None:
    """The URL of the server that another process owns and runs in this directory, if there is one."""
    data = data.absolute()
    if not is_owned(data):
        return None
    for directory in clusters(data):
        if running := postmaster.running_postmaster(directory):
            return _dsn(running.sockets)
    return None


@contextlib.contextmanager
def embedded_dsn(
    data: Path,
    *,
    bindir: Path | None = None,
    os_user: str | None = None,
    extra_settings: Mapping[str, str] = NO_SETTINGS,
) -> Iterator[str]:
    """For a single command: attach to the server if somebody runs it, else run it for as long as this lasts.

    A command that runs the server for itself waits, before it stops it, for those that attached meanwhile.
    """
    data = data.absolute()
    make_data_directory(data, database_account(os_user))
    with os.fdopen(open_lock(data / "users.lock")) as users:
        give_up_at = time.monotonic() + ATTACH_S_MAX
        while True:
            fcntl.flock(users, fcntl.LOCK_SH)
            if dsn := running_dsn(data):
                yield dsn
                return
            try:
                server = start_embedded(data, bindir=bindir, os_user=os_user, extra_settings=extra_settings)
            except OwnedError:
                # Its owner is still starting it, or just stopping it.
                fcntl.flock(users, fcntl.LOCK_UN)
                if time.monotonic() > give_up_at:
                    raise
                time.sleep(postmaster.REFUSAL_PAUSE_S)
                continue
            try:
                yield server.dsn
            finally:
                lock_within(users.fileno(), fcntl.LOCK_EX, ATTACH_S_MAX)
                server.stop()
            return


def _dsn(sockets: Path) -> str:
    return f"postgresql://postgres@/{DATABASE}?host={quote(str(sockets), safe='')}&port={PORT}"
