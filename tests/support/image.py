"""The Dockerfile's image, built and run by Debian's buildah: no registry, no daemon, all of it thrown away.

The base that the Dockerfile asks for is made of Debian's packages under that name: the release of Debian that the
official image is made of too.
"""

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
DOCKERFILE: Final = ROOT / "Dockerfile"
TAG: Final = "localhost/gateway"
DATA: Final = "/var/lib/gateway"
STOP_S_MAX: Final = 20
START_S_MAX: Final = 60
_RELEASE: Final = "trixie"
_PACKAGES: Final = "passwd,ca-certificates,python3,python3-venv,python-is-python3"
_CERTIFICATES: Final = "/etc/ssl/certs"
_PROGRAMS: Final = ("buildah", "mmdebstrap")


def missing() -> list[str]:
    """What this machine lacks to build the image."""
    lacking = [program for program in _PROGRAMS if shutil.which(program) is None]
    return lacking if os.geteuid() == 0 else [*lacking, "root"]


def base_name() -> str:
    """The one image that the Dockerfile begins with, as python:3.13-slim."""
    [name] = set(re.findall(r"^FROM (\S+)", DOCKERFILE.read_text(), re.MULTILINE))
    return name


@dataclass(frozen=True, slots=True)
class Store:
    """Where images and containers lie."""

    directory: Path

    @property
    def command(self) -> list[str]:
        return ["buildah", "--root", str(self.directory / "root"), "--runroot", str(self.directory / "run")]

    def buildah(self, *arguments: str) -> str:
        done = subprocess.run([*self.command, *arguments], capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{' '.join(arguments)}\n{done.stdout[-2000:]}{done.stderr[-2000:]}"
        return done.stdout.strip()

    @contextmanager
    def container(self, image: str) -> Iterator["Container"]:
        name = self.buildah("from", "--pull-never", image)
        try:
            yield Container(self, name)
        finally:
            self.buildah("rm", name)


@contextmanager
def built(directory: Path) -> Iterator[Store]:
    """The store with the image, tagged TAG."""
    store = Store(directory)
    try:
        _make_base(store)
        _build(store)
        yield store
    finally:
        # What is mounted cannot be deleted.
        subprocess.run([*store.command, "rm", "--all"], capture_output=True, check=False)


def _make_base(store: Store) -> None:
    with store.container("scratch") as base:
        command = ["mmdebstrap", "--quiet", "--variant=essential", "--format=directory", f"--include={_PACKAGES}"]
        subprocess.run([*command, _RELEASE, str(base.mounted())], check=True)
        version = base.run("python3", "--version").removeprefix("Python ")
        assert base_name().startswith(f"python:{'.'.join(version.split('.')[:2])}-"), f"{_RELEASE} has Python {version}"
        store.buildah("commit", "--quiet", base.name, f"docker.io/library/{base_name()}")


def _build(store: Store) -> None:
    """With the machine's own settings of pip and its certificates, of which nothing stays in the image."""
    settings = store.directory / "pip.conf"
    settings.write_text(_pip_settings())
    volumes = (f"{settings}:/etc/pip.conf:ro", f"{_CERTIFICATES}:{_CERTIFICATES}:ro")
    mounts = [f"--volume={volume}" for volume in volumes]
    options = ("--isolation=chroot", "--format=docker", "--pull-never", f"--tag={TAG}")
    store.buildah("build", *options, *mounts, str(ROOT))


def _pip_settings() -> str:
    """What this machine's files and variables tell pip, in the words of one file."""
    listed = subprocess.run(["pip", "config", "list"], capture_output=True, text=True, check=True).stdout
    settings: dict[str, str] = {}
    for source in ("global", ":env:"):
        settings.update(re.findall(rf"^{source}\.([\w-]+)='(.*)'$", listed, re.MULTILINE))
    return "\n".join(["[global]", *(f"{name} = {value}" for name, value in settings.items())])


@dataclass(frozen=True, slots=True)
class Container:
    store: Store
    name: str

    def mounted(self) -> Path:
        return Path(self.store.buildah("mount", self.name))

    def run(self, *command: str) -> str:
        return self.store.buildah("run", "--isolation=chroot", self.name, "--", *command)

    def is_healthy(self, served: "Served") -> bool:
        """By the image's own check, run beside what serves."""
        how, *check = self.config()["Healthcheck"]["Test"]
        assert how == "CMD"
        command = [*self.store.command, "run", "--isolation=chroot", f"--env=GATEWAY_PORT={served.port}", self.name]
        return subprocess.run([*command, "--", *check], capture_output=True, check=False).returncode == 0

    def config(self) -> dict[str, Any]:
        """What the image says of how it is run."""
        config: dict[str, Any] = json.loads(self.store.buildah("inspect", self.name))["Docker"]["config"]
        return config

    @asynccontextmanager
    async def serve(self, data: Path, environment: Mapping[str, str]) -> AsyncIterator["Served"]:
        """Run what the image runs by itself, with a volume at DATA; killed unless it has ended."""
        config = self.config()
        port = _free_port()
        options = [f"--env={name}={value}" for name, value in {**environment, "GATEWAY_PORT": str(port)}.items()]
        command = ["run", "--isolation=chroot", f"--volume={data}:{DATA}", *options, self.name, "--"]
        command += [*config["Entrypoint"], *config["Cmd"]]
        served = Served(self._spawn(command), port)
        try:
            yield served
        finally:
            served.kill()

    def _spawn(self, command: Sequence[str]) -> "subprocess.Popen[bytes]":
        with (self.store.directory / "log").open("wb") as log:
            return subprocess.Popen(
                [*self.store.command, *command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )


@dataclass(frozen=True, slots=True)
class Served:
    popen: "subprocess.Popen[bytes]"
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def first_line(self) -> dict[str, str]:
        assert self.popen.stdout is not None
        async with asyncio.timeout(START_S_MAX):
            line: dict[str, str] = json.loads(await asyncio.to_thread(self.popen.stdout.readline))
        return line

    def programs(self) -> dict[int, int]:
        """The processes of what runs inside, the gateway's first, and the accounts (uid) of each."""
        uids: dict[int, int] = {}
        for pid in _descendants(self.popen.pid):
            with contextlib.suppress(FileNotFoundError):
                if b"buildah" not in Path(f"/proc/{pid}/cmdline").read_bytes():
                    uids[pid] = Path(f"/proc/{pid}").stat().st_uid
        return uids

    async def stop(self) -> int:
        """As `docker stop` does: SIGTERM to the first process."""
        os.kill(next(iter(self.programs())), signal.SIGTERM)
        return await asyncio.to_thread(self.popen.wait, STOP_S_MAX)

    def kill(self) -> None:
        for pid in self.programs():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.popen.wait()
        assert self.popen.stdout is not None
        self.popen.stdout.close()


def _descendants(pid: int) -> Iterator[int]:
    try:
        tasks = list(Path(f"/proc/{pid}/task").iterdir())
        children = [int(each) for task in tasks for each in (task / "children").read_text().split()]
    except FileNotFoundError:
        return
    for child in children:
        yield child
        yield from _descendants(child)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
