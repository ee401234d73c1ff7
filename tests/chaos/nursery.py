"""Gateways that are forked from a process that has their program in memory already, instead of being started.

Such a gateway runs what `python -m gateway` runs, and is a process as any other: it has an environment, a session and
descriptors of its own, and can be killed and stopped. What it saves is the second that a start takes to read the
program. What has to be there before a program begins, as the library of other clocks, needs a nursery with that in it.

Whoever owns a database of a test's own is born there too.
"""

import atexit
import contextlib
import gc
import json
import os
import select
import selectors
import signal
import socket
import subprocess
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final, NoReturn, Self

from tests.chaos.programs import Program, read_ahead, run

REQUEST_BYTES_MAX: Final = 100_000
NUMBER_BYTES: Final = 4
# A program that ended with an exception ends so.
FAILED: Final = 1


@dataclass(frozen=True, slots=True)
class Born:
    """A gateway of the nursery; the other end of its tether tells its exit code when there is one."""

    pid: int
    stdout: IO[bytes]
    tether: socket.socket

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stdout.close()
        self.tether.close()

    def poll(self) -> int | None:
        """The exit code, if it has ended; asked from several threads, so that nobody takes it away."""
        return self._code_within(0)

    def wait(self, timeout: float | None = None) -> int:
        code = self._code_within(timeout)
        if code is None:
            raise subprocess.TimeoutExpired(["gateway"], timeout or 0)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended just now
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _code_within(self, seconds: float | None) -> int | None:
        if not select.select([self.tether], [], [], seconds)[0]:
            return None
        told = self.tether.recv(NUMBER_BYTES, socket.MSG_PEEK)
        assert told, "the nursery has ended before its gateways"
        return _number_in(told)


@dataclass(frozen=True, slots=True)
class Nursery:
    """Where gateways are asked for."""

    requests: socket.socket

    def launch(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        errors: int,
        *,
        program: Program = Program.GATEWAY,
    ) -> Born:
        """Have a gateway run a command, with standard error at a descriptor; or another program."""
        ours, theirs = _pair()
        reading, writing = os.pipe()
        asked = {"program": program, "command": list(command), "environment": dict(environment)}
        request = json.dumps(asked).encode()
        socket.send_fds(self.requests, [request], [writing, errors, theirs.fileno()])
        os.close(writing)
        theirs.close()
        return Born(_number_in(ours.recv(NUMBER_BYTES)), os.fdopen(reading, "rb"), ours)


@dataclass(frozen=True, slots=True)
class Nurseries:
    """Where gateways come from: the ordinary ones, and those with clocks of their own, if these can be had."""

    ordinary: Nursery
    clocks: Nursery | None


@contextmanager
def open_nursery() -> Iterator[Nursery]:
    """To be opened while the process has one thread and no loop: all that it has is inherited by every gateway."""
    read_ahead()
    ours, theirs = _pair()
    pid = os.fork()
    if pid == 0:
        ours.close()
        _bear_all(theirs)
    theirs.close()
    try:
        yield Nursery(ours)
    finally:
        ours.close()
        os.waitpid(pid, 0)


@contextmanager
def start_nursery(environment: Mapping[str, str]) -> Iterator[Nursery]:
    """One that is a program of its own, for what has to be there before it begins; forked processes may share it."""
    ours, theirs = _pair()
    command = [sys.executable, "-m", __name__, str(theirs.fileno())]
    with subprocess.Popen(command, env={**os.environ, **environment}, pass_fds=[theirs.fileno()]):
        theirs.close()
        with ours:
            yield Nursery(ours)


def _pair() -> tuple[socket.socket, socket.socket]:
    """Two ends of a line on which each message arrives as one."""
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


def _bear_all(requests: socket.socket) -> NoReturn:
    """Fork whoever is asked for, and tell how each ended, until nobody can ask any more."""
    # What is in memory now stays for good, so that the gateways share it.
    gc.freeze()
    with selectors.DefaultSelector() as watched:
        watched.register(requests, selectors.EVENT_READ)
        while True:
            for key, _ in watched.select():
                if key.data is not None:
                    _bury(key.fd, *key.data)
                    watched.unregister(key.fd)
                    os.close(key.fd)
                elif (born := _bear(requests)) is None:
                    os._exit(0)
                else:
                    watched.register(os.pidfd_open(born[0]), selectors.EVENT_READ, born)


def _bear(requests: socket.socket) -> tuple[int, socket.socket] | None:
    """The process that was asked for, and its tether; None: nobody asks any more."""
    request, descriptors, _, _ = socket.recv_fds(requests, REQUEST_BYTES_MAX, 3)
    if not request:
        return None
    output, errors, tether = descriptors
    if (pid := os.fork()) == 0:
        _live(json.loads(request), output, errors)
    os.close(output)
    os.close(errors)
    told = socket.socket(fileno=tether)
    told.send(_bytes_of(pid))
    return pid, told


def _bury(_process: int, pid: int, tether: socket.socket) -> None:
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(OSError), tether:  # whoever asked for it may be gone
        tether.send(_bytes_of(os.waitstatus_to_exitcode(status)))


def _live(request: Mapping[str, Any], output: int, errors: int) -> NoReturn:
    """Be a gateway, with nothing of the nursery's but what is in memory."""
    code: object = FAILED
    atexit._clear()
    try:
        os.setsid()
        _take_descriptors(output, errors)
        os.environ.clear()
        os.environ.update(request["environment"])
        sys.argv = [request["program"], *request["command"]]
        run(Program(request["program"]))
    except SystemExit as ended:
        code = ended.code or 0
    except Exception:  # noqa: BLE001 - as Python does it for a program
        traceback.print_exc()
    finally:
        atexit._run_exitfuncs()  # as the last lines of the log are written by one of them
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else FAILED)


def _take_descriptors(output: int, errors: int) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    for own, standard in ((nothing, 0), (output, 1), (errors, 2)):
        os.dup2(own, standard)
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    sys.stdin, sys.stdout, sys.stderr = (os.fdopen(number, mode, 1) for number, mode in enumerate("rww"))


def _bytes_of(number: int) -> bytes:
    return number.to_bytes(NUMBER_BYTES, "big", signed=True)


def _number_in(told: bytes) -> int:
    return int.from_bytes(told, "big", signed=True)


if __name__ == "__main__":
    read_ahead()
    _bear_all(socket.socket(fileno=int(sys.argv[1])))
