"""The processes under test, and what each used of processor and memory."""

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from tests.bench.hooks import SECRET
from tests.bench.world import CONNECTION

ROOT: Final = Path(__file__).parents[2]
_TICK: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A process that listens; its processor time is that of its children too."""

    url: str
    pid: int
    log: Path

    @property
    def port(self) -> int:
        return int(self.url.rsplit(":", 1)[1])

    def cpu_s(self) -> float:
        return tree_cpu_s(self.pid)

    def rss_mb(self) -> float:
        status = Path(f"/proc/{self.pid}/status").read_text()
        kilobytes = re.search(r"VmRSS:\s+(\d+) kB", status)
        return int(kilobytes[1]) / 1024 if kilobytes else 0.0

    def batches(self) -> dict[str, tuple[float, float]]:
        """(events, batches) so far, by lane."""
        with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as response:  # noqa: S310 - our own address
            text = response.read().decode()
        found = re.findall(r'gateway_batch_size_(sum|count)\{lane="(\w+)"\} (\S+)', text)
        figures = {(lane, which): float(value) for which, lane, value in found}
        return {lane: (figures[lane, "sum"], figures[lane, "count"]) for lane, which in figures if which == "sum"}


def tree_cpu_s(pid: int) -> float:
    """Seconds of processor that a process and its children have used, those that have ended included."""
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    children = [int(child) for task in tasks for child in task.read_text().split()]
    return _cpu_s(pid) + sum(map(_cpu_s, children))


def _cpu_s(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / _TICK


def machine_s() -> float:
    """Seconds of processor that everybody has used or the host has taken, on all cores together."""
    fields = [int(field) / _TICK for field in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    user, nice, system, _idle, _waiting, interrupts, soft, stolen = fields
    return user + nice + system + interrupts + soft + stolen


@contextmanager
def _server(command: list[str], log: Path, environ: dict[str, str]) -> Iterator[Server]:
    with log.open("ab") as file:
        process = subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, stderr=file)
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{command} did not start: {log.read_text()[-2000:]}")
        yield Server(url=json.loads(line)["listening"], pid=process.pid, log=log)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def gateway(
    directory: Path,
    dsn: str,
    *,
    name: str,
    control_url: str,
    processes: int = 1,
    environment: Mapping[str, str] = MappingProxyType({}),
    connections: str = "",
) -> Iterator[Server]:
    """`gateway serve` as an operator runs it, its log as JSON in a file on disk.

    Ends tell of a minute that nobody waits for, so the bound on seconds is off; it is reckoned all the same.
    """
    home = directory / name
    home.mkdir()
    config = home / "gateway.toml"
    config.write_text(
        "[limits]\nseconds_tolerance = 3600\n"
        f'[connections.{CONNECTION}]\nkind = "native"\nsecrets = ["{SECRET}"]\ncontrol_url = "{control_url}"\n'
        f"{connections}"
    )
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GATEWAY_")}
    environ |= {"GATEWAY_DATABASE_URL": dsn, "GATEWAY_DATA": str(home / "data"), "GATEWAY_LOG": "json"}
    environ |= {"GATEWAY_PROCESSES": str(processes), **environment}
    command = [sys.executable, "-m", "gateway", "--config", str(config), "serve", "--port", "0"]
    with _server(command, home / "log.json", environ) as server:
        yield server


@contextmanager
def module(directory: Path, name: str) -> Iterator[Server]:
    """One of the programs of this folder that listen: `empty`, `sink` or `scenarios.mail_sink`."""
    command = [sys.executable, "-m", f"tests.bench.{name}"]
    with _server(command, directory / f"{name}.log", dict(os.environ)) as server:
        yield server
