"""Debian's Kamailio with our kit between a PBX and a carrier, on free ports and in a directory of its own."""

import asyncio
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from gateway.domain.connection import Connection
from gateway.providers.kamailio.adapter import Kamailio
from tests.support.processes import until
from tests.support.sip.phones import SBIN, SIPP, Phone, Phones, end, spawn, tcp_port, udp_port

KAMAILIO = shutil.which("kamailio", path=SBIN)
SQLITE = shutil.which("sqlite3", path=SBIN)
NAME, SECRET = "sip", "sipSecret0123456789"


def require_kamailio() -> None:
    """Skip without the programs, but never in CI."""
    if KAMAILIO is None or SIPP is None or SQLITE is None:
        assert not os.environ.get("CI"), ".ci/run installs Kamailio, SQLite and SIPp"
        pytest.skip("needs what the kit names of Debian, and sip-tester")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where everybody listens; the gateway comes back on its own after a restart."""

    gateway: int = field(default_factory=tcp_port)
    control: int = field(default_factory=tcp_port)
    proxy: int = field(default_factory=udp_port)
    pbx: int = field(default_factory=udp_port)
    carrier: int = field(default_factory=udp_port)
    # Of somebody who is neither, unless the configuration says more.
    other: int = field(default_factory=udp_port)

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.gateway}"

    @property
    def control_url(self) -> str:
        return f"http://127.0.0.1:{self.control}/control"

    @property
    def options(self) -> dict[str, str]:
        ports = {"listen": self.proxy, "pbx": self.pbx, "carrier": self.carrier}
        return {name: f"127.0.0.1:{port}" for name, port in ports.items()}

    def connection(self) -> Connection:
        return Connection(
            name=NAME, kind="kamailio", secrets=(SECRET,), control_url=self.control_url, options=self.options
        )

    def toml(self, *secrets: str) -> str:
        """The connection as the gateway's configuration has it."""
        settings = {"kind": "kamailio", "control_url": self.control_url, **self.options}
        lines = [f'{name} = "{value}"' for name, value in settings.items()]
        return "\n".join([f"[connections.{NAME}]", f"secrets = {list(secrets or [SECRET])}", *lines, ""])


@dataclass(slots=True, kw_only=True)
class Network:
    """A Kamailio that runs, and the telephones on its two sides."""

    directory: Path
    ports: Ports
    secrets: Mapping[str, str]
    phones: Phones
    proxy: "subprocess.Popen[bytes]" = field(init=False)

    async def start(self) -> None:
        """Kamailio, for the first time or again."""
        assert KAMAILIO is not None
        name = str(self.directory)
        command = [KAMAILIO, "-f", f"{name}/kamailio.cfg", "-DD", "-E", "-m", "256", "-M", "8", "-w", name, "-Y", name]
        self.proxy = spawn(
            [*command, "-P", f"{name}/kamailio.pid"], self.directory / "kamailio.out", self.directory, **self.secrets
        )
        await _until_it_listens(self)

    async def stop(self, how: signal.Signals) -> None:
        """As systemd does it: SIGTERM is for the first process, SIGKILL for all."""
        if how is signal.SIGKILL:
            os.killpg(self.proxy.pid, how)
        else:
            self.proxy.send_signal(how)
        await asyncio.to_thread(self.proxy.wait, 20)

    def kept(self, table: str) -> int:
        """The rows of a table of the kit's database."""
        with closing(sqlite3.connect(self.directory / "calls.sqlite")) as database:
            count: int = database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - ours
            return count

    def log(self) -> str:
        """What Kamailio says."""
        return (self.directory / "kamailio.out").read_text()

    def pbx_calls(self, scenario: str, callee: str, *, caller: str, **more: Any) -> Phone:
        return self.phones.calls(scenario, self.ports.pbx, callee, caller=caller, **more)

    def carrier_calls(self, scenario: str, callee: str, *, caller: str, **more: Any) -> Phone:
        return self.phones.calls(scenario, self.ports.carrier, callee, caller=caller, **more)

    def other_calls(self, scenario: str, callee: str, *, caller: str, **more: Any) -> Phone:
        return self.phones.calls(scenario, self.ports.other, callee, caller=caller, **more)

    async def carrier_takes(self, scenario: str = "callee_answers", *, calls: int = 1) -> Phone:
        return await self.phones.takes(scenario, self.ports.carrier, calls)

    async def pbx_takes(self, scenario: str = "callee_answers", *, calls: int = 1) -> Phone:
        return await self.phones.takes(scenario, self.ports.pbx, calls)


@asynccontextmanager
async def network(
    ports: Ports,
    change: Callable[[str], str] = lambda kit: kit,
    *,
    next_secret: str | None = None,
    may_complain: bool = False,
) -> AsyncIterator[Network]:
    """Kamailio with the kit as the gateway prints it; `change` is what an operator does to it."""
    secrets = {"GATEWAY_SECRET": SECRET}
    if next_secret is not None:
        secrets["GATEWAY_SECRET_NEXT"] = next_secret
    with tempfile.TemporaryDirectory(prefix="gateway-sip-") as name:
        directory = Path(name)
        config = directory / "kamailio.cfg"
        kit = Kamailio().kit(ports.connection(), public_url=ports.gateway_url)
        config.write_text(change(changed("/var/lib/kamailio/", f"{name}/")(kit)))
        _make_database(kit, config)
        async with AsyncExitStack() as stack:
            phones = Phones(directory=directory, proxy=ports.proxy, stack=stack)
            running = Network(directory=directory, ports=ports, secrets=secrets, phones=phones)
            stack.callback(lambda: end(running.proxy))
            await running.start()
            yield running
            assert may_complain or _faults(running.log()) == []


def _make_database(kit: str, config: Path) -> None:
    """As the kit says, without what needs root."""
    [command] = re.findall(r"^# +(sed .*)$", kit, re.MULTILINE)
    own = command.replace("runuser -u kamailio -- ", "").replace("FILE", str(config))
    own = own.replace("/var/lib/kamailio/", f"{config.parent}/")
    subprocess.run(["sh", "-euc", own], check=True, stdout=subprocess.DEVNULL, timeout=30)


async def _until_it_listens(running: Network) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {SECRET}"}) as session:

        async def listens() -> bool:
            assert running.proxy.poll() is None, running.log()[-3000:]
            try:
                async with session.post(running.ports.control_url, data=b'{"type": "nothing"}') as response:
                    return response.status == 501
            except aiohttp.ClientError:
                return False

        await until(listens)


def _faults(log: str) -> list[str]:
    """What Kamailio says of the configuration; what it says of a gateway that is away, or as it ends, is expected."""
    expected = r"http_client|dialog|<script>|<core> \[core/pass_fd"
    return [line for line in log.splitlines() if re.search(rf"(ERROR|CRITICAL): (?!{expected})", line)]


def second_pbx(ports: Ports) -> Callable[[str], str]:
    """A kit that believes `ports.other` too, as one SIPp cannot be called and call."""
    peer = '$var(peer) != "PBX"'
    return changed(peer, f'{peer} && $var(peer) != "127.0.0.1:{ports.other}"')


def changed(old: str, new: str) -> Callable[[str], str]:
    """What an operator, or a fault, makes of the kit."""

    def change(kit: str) -> str:
        assert old in kit
        return kit.replace(old, new)

    return change
