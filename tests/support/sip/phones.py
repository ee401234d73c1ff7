"""SIPp as a telephone on loopback. Each process ends with its test, and with the test process if that is killed."""

import asyncio
import itertools
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.support.processes import until

SBIN = "/usr/sbin:/usr/bin:/sbin:/bin"
SIPP = shutil.which("sipp", path=SBIN)
SCENARIOS = Path(__file__).parents[2] / "providers" / "kamailio" / "sip" / "scenarios"
LOOPBACK = "127.0.0.1"
_numbers = itertools.count(1)


def udp_port(host: str = LOOPBACK) -> int:
    """A free one on loopback."""
    return _free_port(socket.SOCK_DGRAM, host)


def tcp_port() -> int:
    return _free_port(socket.SOCK_STREAM, LOOPBACK)


def _free_port(kind: socket.SocketKind, host: str) -> int:
    with socket.socket(type=kind) as free:
        free.bind((host, 0))
        port: int = free.getsockname()[1]
        return port


def spawn(command: Sequence[str], output: Path, directory: Path, **environment: str) -> "subprocess.Popen[bytes]":
    """A process in a session of its own, which ends if we do."""
    with output.open("ab") as file:
        return subprocess.Popen(
            ["setpriv", "--pdeathsig", "TERM", "--", *command],
            cwd=directory,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(process: "subprocess.Popen[bytes]") -> None:
    """The whole session: a Kamailio that is killed leaves its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@dataclass(slots=True)
class Phone:
    """A SIPp on one side: what it logs, and whether all its calls went as its scenario says."""

    popen: "subprocess.Popen[bytes]"
    log: Path
    errors: Path

    async def done(self, limit_s: float = 40) -> None:
        """Wait for all its calls; they must have gone well."""
        code = await asyncio.to_thread(self.popen.wait, limit_s)
        errors = self.errors.read_text() if self.errors.exists() else ""
        assert code == 0, f"SIPp ended with {code}: {errors[-3000:]}"

    def said(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@dataclass(frozen=True, slots=True, kw_only=True)
class Phones:
    """Makes telephones that end with `stack`."""

    directory: Path
    proxy: int
    stack: AsyncExitStack

    async def takes(self, scenario: str, port: int, calls: int = 1, *, host: str = LOOPBACK) -> Phone:
        """One that is called at this port, and listens."""
        phone = self._sipp(scenario, host, port, calls, [])
        await until(lambda: _is_bound(port))
        return phone

    def calls(
        self,
        scenario: str,
        port: int,
        callee: str,
        *,
        caller: str,
        talk_s: float = 1.0,
        calls: int = 1,
        call_id: str = "%u-%p@%s",
        more: str = "X-Nothing: more",
        host: str = LOOPBACK,
    ) -> Phone:
        """One that calls from this port; `more` are header lines."""
        options = ["-s", callee, "-key", "caller", caller, "-key", "more", more, "-d", str(int(talk_s * 1000))]
        options += ["-cid_str", call_id, "-r", "20", f"127.0.0.1:{self.proxy}"]
        return self._sipp(scenario, host, port, calls, options)

    def _sipp(self, scenario: str, host: str, port: int, calls: int, options: Sequence[str]) -> Phone:
        assert SIPP is not None
        stem = self.directory / f"{next(_numbers)}-{scenario}"
        log, errors = stem.with_suffix(".log"), stem.with_suffix(".errors")
        command = [SIPP, "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", host, "-p", str(port)]
        command += ["-m", str(calls), "-cp", str(udp_port()), "-mi", host, "-mp", str(udp_port(host)), "-nostdin"]
        command += ["-skip_rlimit", "-pause_msg_ign", "-timeout", "60s", "-timeout_error"]
        command += ["-trace_logs", "-log_file", str(log), "-trace_err", "-error_file", str(errors), *options]
        process = spawn(command, stem.with_suffix(".out"), self.directory)
        self.stack.callback(end, process)
        return Phone(process, log, errors)


def _is_bound(port: int) -> bool:
    sockets = Path("/proc/net/udp").read_text().splitlines()[1:]
    return any(line.split()[1].endswith(f":{port:04X}") for line in sockets)
