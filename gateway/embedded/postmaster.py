"""One postmaster process: made, started, recognised, ended. Knows nothing of who owns it."""

import ctypes
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from gateway.embedded.binaries import Binaries, EmbeddedError, SystemUser, clean_environment, run_program

PORT = 5432
DATABASE = "gateway"

# A lock left by a process that is dead but not yet reaped, or a backend that outlives its postmaster: both
# pass within seconds, and deleting postmaster.pid instead would let two servers write to one directory.
PASSING_REFUSALS = ('lock file "postmaster.pid" already exists', "pre-existing shared memory block")
REFUSALS_END_AFTER_S = 30.0
REFUSAL_PAUSE_S = 0.2

# Recovery after a crash may have to replay a lot; a server that fails exits and is noticed at once.
START_S_MAX = 300.0
STOP_S_MAX = 30.0
POLL_S = 0.005

Process = subprocess.Popen[bytes]

SETTINGS = {
    "listen_addresses": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "max_wal_size": "256MB",
    # A plain fsync does not flush the drive's own cache on a Mac.
    **({"wal_sync_method": "fsync_writethrough"} if sys.platform == "darwin" else {}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A data directory, with all that is needed to start a postmaster on it."""

    binaries: Binaries
    account: SystemUser | None
    directory: Path
    sockets: Path
    log: Path
    settings: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PidFile:
    """What a postmaster writes about itself: its process, its sockets' directory, its status."""

    pid: int
    sockets: Path
    status: str

    @classmethod
    def read(cls, cluster: Path) -> "PidFile | None":
        """None if there is none, or none that is complete yet."""
        try:
            lines = (cluster / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return None
        if len(lines) < 8 or not lines[0].isdigit():  # the status is the eighth
            return None
        return cls(pid=int(lines[0]), sockets=Path(lines[4]), status=lines[7].strip())


def make_cluster(binaries: Binaries, account: SystemUser | None, directory: Path) -> None:
    """Make a data directory with our database in it; it appears under its name only when it is complete."""
    half_way = directory.with_name(f"{directory.name}.init")
    shutil.rmtree(half_way, ignore_errors=True)
    own_directory(half_way, account)
    new_locale = 17
    locale = ["--locale=C"]
    if binaries.major >= new_locale:
        locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    trust = ["--auth-local=trust", "--auth-host=scram-sha-256"]  # the sockets' directory is ours alone
    initdb = [str(binaries.directory / "initdb"), "-D", str(half_way), "-U", "postgres", "-E", "UTF8"]
    _require_success(run_program([*initdb, *locale, *trust, "--data-checksums"], account), "initdb")
    single = [str(binaries.directory / "postgres"), "--single", "-D", str(half_way), "postgres"]
    create = f"CREATE DATABASE {DATABASE}\n"
    _require_success(run_program(single, account, stdin=create), "postgres --single")
    half_way.rename(directory)
    _flush_directory(directory.parent)


def own_directory(directory: Path, account: SystemUser | None) -> None:
    """A directory that only the database's account may enter."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if account is not None:
        os.chown(directory, account.uid, account.gid)
    directory.chmod(0o700)


def _flush_directory(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _require_success(result: "subprocess.CompletedProcess[str]", program: str) -> None:
    lines = [line for line in (result.stderr or result.stdout).splitlines() if line.strip()]
    errors = [line for line in lines if re.search(r"\b(error|ERROR|FATAL|PANIC)\b", line)]
    if result.returncode != 0 or errors:
        raise EmbeddedError(f"{program} failed: {' / '.join((errors or lines)[-3:]) or result.returncode}")


def _end_with_parent() -> Callable[[], None] | None:
    """On Linux the kernel stops the postmaster when the thread that started it dies, by kill -9 too."""
    if sys.platform != "linux":
        return None
    parent = os.getpid()
    prctl = ctypes.CDLL(None).prctl
    set_parent_death_signal = 1

    def after_fork() -> None:
        prctl(set_parent_death_signal, int(signal.SIGINT))
        if os.getppid() != parent:  # it died before the line above
            os._exit(1)

    return after_fork


def spawn(cluster: Cluster) -> Process:
    """Start a postmaster, in a session of its own: Ctrl-C is for the gateway, which still drains."""
    command = [str(cluster.binaries.directory / "postgres"), "-D", str(cluster.directory)]
    command += ["-k", str(cluster.sockets), "-p", str(PORT)]
    for name, value in {**SETTINGS, **cluster.settings}.items():
        command += ["-c", f"{name}={value}"]
    account = cluster.account if os.geteuid() == 0 else None
    with cluster.log.open("ab") as log:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd="/",
            env=clean_environment(),
            start_new_session=True,
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 - bound before the fork, the child only calls it
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )


def start(cluster: Cluster, spawned: Callable[[], Process]) -> None:
    """Bring a postmaster up until it is ready, waiting out refusals that pass; `spawned` starts one."""
    give_up_at = time.monotonic() + REFUSALS_END_AFTER_S
    while True:
        logged = cluster.log.stat().st_size
        process = spawned()
        if _ready(process, cluster.directory):
            return
        log = _tail(cluster.log, logged)
        if not any(refusal in log for refusal in PASSING_REFUSALS) or time.monotonic() > give_up_at:
            errors = [line for line in log.splitlines() if re.search("FATAL|PANIC|ERROR", line)]
            reason = " / ".join((errors or log.splitlines())[-2:])
            raise EmbeddedError(f"the database does not start: {reason} (see {cluster.log})")
        time.sleep(REFUSAL_PAUSE_S)


def _ready(process: Process, directory: Path) -> bool:
    """Wait until the postmaster says it is ready, or False when it has exited."""
    give_up_at = time.monotonic() + START_S_MAX
    while process.poll() is None:
        state = PidFile.read(directory)
        if state is not None and state.pid == process.pid and state.status == "ready":
            return True
        if time.monotonic() > give_up_at:
            process.send_signal(signal.SIGQUIT)
            raise EmbeddedError(f"the database was not ready after {START_S_MAX:.0f} s")
        time.sleep(POLL_S)
    return False


def _tail(log: Path, start_at: int) -> str:
    with log.open("rb") as file:
        file.seek(start_at)
        return file.read(65536).decode(errors="replace")


def is_postmaster(pid: int, directory: Path) -> bool:
    """Whether this process is alive and serves this directory. A zombie is dead, and ids are reused."""
    if sys.platform == "linux":
        try:
            stat = Path(f"/proc/{pid}/stat").read_text()
            command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except OSError:
            return False
        return stat.rpartition(")")[2].split()[0] not in "ZX" and os.fsencode(directory) in command
    listed = subprocess.run(
        ["ps", "-o", "stat=,command=", "-p", str(pid)],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    return bool(listed.strip()) and not listed.startswith("Z") and f"-D {directory} " in listed


def running_postmaster(directory: Path) -> PidFile | None:
    """The live postmaster of this directory that takes connections, if there is one."""
    state = PidFile.read(directory)
    if state is None or state.status != "ready" or not is_postmaster(state.pid, directory):
        return None
    return state


def end_leftover(directory: Path) -> None:
    """Stop a postmaster whose owner was killed. The caller holds the owner's lock, so nobody else uses it."""
    try:
        pid = int((directory / "postmaster.pid").read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return
    for ending, patience_s in ((signal.SIGINT, STOP_S_MAX), (signal.SIGQUIT, STOP_S_MAX)):
        if not is_postmaster(pid, directory):
            return
        os.kill(pid, ending)
        give_up_at = time.monotonic() + patience_s
        while is_postmaster(pid, directory) and time.monotonic() < give_up_at:
            time.sleep(POLL_S)
