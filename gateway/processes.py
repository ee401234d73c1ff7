"""Several processes on one address, and what becomes of all when one of them ends."""

import ctypes
import multiprocessing
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from multiprocessing.connection import Connection as Pipe
from multiprocessing.connection import wait as wait_for_any
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Final

from gateway.embedded.server import EmbeddedServer
from gateway.log import configure
from gateway.metrics import MULTIPROCESS_VARIABLE, take_room
from gateway.privileges import own
from gateway.process import bound, run, serve_here
from gateway.reload import Reloading
from gateway.root import account_of, leave_root
from gateway.settings import Settings

_PR_SET_PDEATHSIG: Final = 1
_WATCH_S: Final = 0.5
# A child that takes longer to stop is killed: what it leaves half-done another process does.
_STOP_S_MAX: Final = 10.0


def serve_many(
    settings: Settings, dsn: str, embedded: EmbeddedServer | None, ready: Callable[[], None], *, reloading: Reloading
) -> int:
    """Several processes on one address; the first that dies ends all, so that whoever supervises starts them anew."""
    context = multiprocessing.get_context("spawn")
    with tempfile.TemporaryDirectory(prefix="gateway-together-") as together:
        os.environ[MULTIPROCESS_VARIABLE] = together
        if (account := account_of(settings)) is not None:
            own(Path(together), account)
        children: list[tuple[BaseProcess, Pipe]] = []
        stopped = _signal_flag()
        for _ in range(settings.processes):
            ours, theirs = context.Pipe()
            among = {"parent": os.getpid(), "together": Path(together)}
            child: BaseProcess = context.Process(
                target=_child, args=(settings, dsn, theirs), kwargs={"reloading": reloading, **among}
            )
            child.start()
            children.append((child, ours))
        try:
            for child, pipe in children:
                waited: list[Pipe | int] = [pipe, child.sentinel]
                while not stopped() and not wait_for_any(waited, timeout=_WATCH_S):
                    pass
            # Whoever reads that it listens may send a SIGHUP at once.
            _pass_on_hangups(children)
            if all(child.is_alive() for child, _ in children) and not stopped():
                leave_root(settings)
                ready()
            sentinels = [child.sentinel for child, _ in children]
            while not stopped() and not wait_for_any(sentinels, timeout=_WATCH_S):
                if embedded is not None and embedded.failed.is_set():
                    return 1
            return 0 if stopped() else 1
        finally:
            _end(children)


def _end(children: "list[tuple[BaseProcess, Pipe]]") -> None:
    for child, _ in children:
        if child.is_alive():
            child.terminate()
    give_up_at = time.monotonic() + _STOP_S_MAX
    for child, _ in children:
        child.join(max(0.0, give_up_at - time.monotonic()))
        if child.is_alive():
            child.kill()
            child.join()


def _pass_on_hangups(children: "list[tuple[BaseProcess, Pipe]]") -> None:
    """A SIGHUP is for the processes that serve: each reads the settings again."""

    def pass_on(number: int, _frame: object) -> None:
        for child, _ in children:
            if child.pid is not None and child.is_alive():
                os.kill(child.pid, number)

    signal.signal(signal.SIGHUP, pass_on)


def _signal_flag() -> Callable[[], bool]:
    """Whether SIGTERM or SIGINT has come since this was called."""
    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _frame: received.append(number))
    return lambda: bool(received)


def _child(settings: Settings, dsn: str, ready: Pipe, *, parent: int, reloading: Reloading, together: Path) -> None:
    """One of several serving processes; it ends with its parent."""
    _end_with(parent)
    configure(settings.log)
    with bound(settings) as sockets:
        leave_root(settings)
        _end_with(parent)  # the kernel has forgotten it, if the account is another
        take_room()
        serving = serve_here(
            settings, dsn, sockets, None, lambda: ready.send(None), reloading=reloading, together=together
        )
        sys.exit(run(serving))


def _end_with(parent: int) -> None:
    """Have the kernel end this process when its parent dies."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
        if os.getppid() != parent:  # it died before the line above
            sys.exit(1)
