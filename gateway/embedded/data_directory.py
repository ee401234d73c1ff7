"""The data directory: who owns it, and where the cluster, its sockets and its log lie in it."""

import fcntl
import os
import tempfile
import time
from pathlib import Path

from gateway.embedded import postmaster
from gateway.embedded.binaries import Binaries, EmbeddedError, SystemUser

# sun_path holds 108 bytes on Linux and 104 on macOS, the closing zero among them.
SOCKET_PATH_BYTES_MAX = 103
# Long enough for somebody's look at the lock (is_owned), short enough to seem immediate.
OWNER_LOCK_S = 0.5
LOG_BYTES_MAX = 10_000_000


class OwnedError(EmbeddedError):
    """Another process owns this data directory."""


def make_data_directory(data: Path, account: SystemUser | None) -> None:
    """Root's is open to enter, since the database's account works below it; another user's is private."""
    try:
        data.mkdir(parents=True, mode=0o755)
        data.chmod(0o700 if account is None else 0o755)
    except FileExistsError:
        return
    except OSError as error:
        raise EmbeddedError(f"the data directory {data} cannot be made ({error.strerror}): set GATEWAY_DATA") from error


def lock_within(descriptor: int, operation: int, limit_s: float) -> bool:
    give_up_at = time.monotonic() + limit_s
    while True:
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > give_up_at:
                return False
            time.sleep(postmaster.POLL_S)
        else:
            return True


def open_lock(path: Path) -> int:
    """Open a lock file, made if need be. No child inherits it, so the kernel frees the lock with this process."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise EmbeddedError(f"{path} cannot be opened: {error.strerror}") from error


def lock_owner(data: Path) -> int:
    """Take the owner's lock, which lasts until it is closed or this process ends, however it ends."""
    descriptor = open_lock(data / "owner.lock")
    if not lock_within(descriptor, fcntl.LOCK_EX, OWNER_LOCK_S):
        owner = os.pread(descriptor, 32, 0).decode(errors="replace").strip()
        os.close(descriptor)
        raise OwnedError(f"another gateway (process {owner or 'unknown'}) owns the data directory {data}")
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    return descriptor


def is_owned(data: Path) -> bool:
    if not (data / "owner.lock").exists():
        return False
    descriptor = open_lock(data / "owner.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    else:
        return False
    finally:
        os.close(descriptor)


def clusters(data: Path) -> list[Path]:
    """The complete clusters, each named by its major version."""
    return [path for path in data.glob("pg[0-9]*") if path.name[2:].isdigit() and (path / "PG_VERSION").exists()]


def cluster_directory(data: Path, binaries: Binaries) -> Path:
    """The directory named by the major version, since another one's files cannot be opened."""
    directory = data / f"pg{binaries.major}"
    others = [path.name for path in clusters(data)]
    if others and directory.name not in others:
        raise EmbeddedError(
            f"the data in {data} is of {', '.join(sorted(others))}, and {binaries.directory} holds PostgreSQL"
            f" {binaries.version}: set GATEWAY_PG_BINDIR to the programs of that version, then dump and load",
        )
    return directory


def socket_directory(data: Path, account: SystemUser | None) -> Path:
    """`run` in the data directory, or one in the temporary directory when that path is too long for a socket."""
    sockets = data / "run"
    path = os.fsencode(sockets / f".s.PGSQL.{postmaster.PORT}")
    if len(path) > SOCKET_PATH_BYTES_MAX or b"," in path or b'"' in path:  # both have a meaning in that setting
        # Not in TMPDIR, which may be as long.
        sockets = Path(tempfile.mkdtemp(prefix="gateway-", dir="/tmp"))
    postmaster.own_directory(sockets, account)
    return sockets


def log_file(data: Path, account: SystemUser | None) -> Path:
    """The server's log, its account's own: whoever was root starts the server again as that account."""
    path = data / "postgres.log"
    if path.exists() and path.stat().st_size > LOG_BYTES_MAX:
        path.replace(data / "postgres.log.1")
    path.touch(mode=0o600)  # the server's complaints may quote rows
    if account is not None:
        os.chown(path, account.uid, account.gid)
    return path
