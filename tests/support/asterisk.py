"""Real SIP on loopback: Debian's Asterisk with the kit's dialplan, and SIPp as PBX and carrier."""

import asyncio
import itertools
import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
import pytest

from gateway.domain.connection import Connection
from gateway.providers.asterisk import Asterisk
from gateway.providers.sip_server import basic
from tests.support.processes import until
from tests.support.sip import SBIN, SCENARIOS, SIPP, Phone, end, spawn

ASTERISK = shutil.which("asterisk", path=SBIN)
MODULES = [*Path("/usr/lib").glob("asterisk/modules"), *Path("/usr/lib").glob("*/asterisk/modules")]
ETC = Path(__file__).parents[1] / "e2e" / "asterisk" / "etc"
SECRET = "asteriskSecret0123456789"
NAME = "asterisk"
CARRIER, PBX = "127.0.0.2", "127.0.0.3"
_numbers = itertools.count(1)


def require_asterisk() -> None:
    """Skip without the programs: Debian 12 has no Asterisk, so CI may have none."""
    if ASTERISK is None or SIPP is None or not MODULES:
        pytest.skip("needs Debian's asterisk (11, or 13 and later) and sip-tester: the dialplan was not run")


def free_port(kind: socket.SocketKind, host: str = "127.0.0.1") -> int:
    with socket.socket(type=kind) as free:
        free.bind((host, 0))
        port: int = free.getsockname()[1]
        return port


def _udp(host: str = "127.0.0.1") -> int:
    return free_port(socket.SOCK_DGRAM, host)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskPorts:
    """Where everybody listens; the gateway comes back on its own after a restart."""

    gateway: int = field(default_factory=lambda: free_port(socket.SOCK_STREAM))
    http: int = field(default_factory=lambda: free_port(socket.SOCK_STREAM))
    sip: int = field(default_factory=_udp)
    pbx: int = field(default_factory=lambda: _udp(PBX))
    carrier: int = field(default_factory=lambda: _udp(CARRIER))

    @property
    def gateway_url(self) -> str:
        return f"http://127.0.0.1:{self.gateway}"

    def connection(self, inbound_to: str | None) -> Connection:
        options = {
            "outbound_to": f"PJSIP/trunk/sip:{{callee}}@{CARRIER}:{self.carrier}",
            "inbound_to": inbound_to or f"PJSIP/pbx/sip:{{digits}}@{PBX}:{self.pbx}",
            "ari_password": "ari-secret",
        }
        control_url = f"http://127.0.0.1:{self.http}/ari"
        return Connection(name=NAME, kind="asterisk", secrets=(SECRET,), control_url=control_url, options=options)


def toml(connection: Connection) -> str:
    """The connection as the gateway's configuration has it."""
    settings = {"kind": connection.kind, "control_url": connection.control_url, **connection.options}
    lines = [f'{name} = "{value}"' for name, value in settings.items()]
    return "\n".join([f"[connections.{NAME}]", f'secrets = ["{SECRET}"]', *lines, ""])


@dataclass(slots=True, kw_only=True)
class AsteriskNetwork:
    """An Asterisk between a PBX and a carrier."""

    directory: Path
    ports: AsteriskPorts
    lost: Path
    _stack: AsyncExitStack

    def pbx_calls(self, scenario: str, callee: str, **more: object) -> Phone:
        return self._calls(scenario, PBX, callee, **more)

    def carrier_calls(self, scenario: str, callee: str, **more: object) -> Phone:
        return self._calls(scenario, CARRIER, callee, **more)

    async def carrier_takes(self, scenario: str = "callee_answers") -> Phone:
        return await self._takes(scenario, CARRIER, self.ports.carrier)

    async def pbx_takes(self, scenario: str = "callee_answers") -> Phone:
        return await self._takes(scenario, PBX, self.ports.pbx)

    async def cron(self) -> int:
        """Run what the kit says about lost ends, with the directories of this test."""
        netrc = self.directory / "gateway.netrc"
        _write(netrc, f"default login {NAME} password {SECRET}")
        kit = (self.directory / "gateway.conf").read_text()
        lines = re.findall(r"^;     ((?:cd|while|  curl|done) .*)$", kit, re.MULTILINE)
        script = "\n".join(lines).replace("/etc/asterisk/gateway.netrc", str(netrc))
        script = script.replace("/var/spool/asterisk", str(self.directory))
        process = await asyncio.create_subprocess_exec("sh", "-c", script)
        return await process.wait()

    async def _takes(self, scenario: str, host: str, port: int) -> Phone:
        phone = self._sipp(scenario, host, port, [])
        await asyncio.sleep(0)
        await until(lambda: f":{port:04X} " in Path("/proc/net/udp").read_text())
        return phone

    def _calls(self, scenario: str, host: str, callee: str, *, caller: str = "1001", talk_s: float = 1.0) -> Phone:
        options = ["-s", callee, "-key", "caller", caller, "-key", "more", "X-Nothing: more"]
        options += ["-d", str(int(talk_s * 1000)), f"127.0.0.1:{self.ports.sip}"]
        return self._sipp(scenario, host, _udp(host), options)

    def _sipp(self, scenario: str, host: str, port: int, options: list[str]) -> Phone:
        assert SIPP is not None
        stem = self.directory / f"{next(_numbers)}-{scenario}"
        log, errors = stem.with_suffix(".log"), stem.with_suffix(".errors")
        command = [SIPP, "-sf", str(SCENARIOS / f"{scenario}.xml"), "-i", host, "-p", str(port), "-m", "1"]
        command += ["-cp", str(_udp()), "-mi", host, "-mp", str(_udp(host)), "-nostdin", "-skip_rlimit"]
        command += ["-pause_msg_ign", "-timeout", "60s", "-timeout_error", "-trace_logs", "-log_file", str(log)]
        command += ["-trace_err", "-error_file", str(errors), *options]
        process = spawn(command, stem.with_suffix(".out"), self.directory)
        self._stack.callback(end, process)
        return Phone(process, log, errors)


@asynccontextmanager
async def asterisk_on(
    ports: AsteriskPorts, directory: Path, *, line: str, inbound_to: str | None = None
) -> AsyncIterator[AsteriskNetwork]:
    """Asterisk with the kit as the gateway prints it, and its secret written in."""
    lost = directory / "gateway-lost"
    connection = ports.connection(inbound_to)
    _write_etc(ports, directory, line)
    kit = Asterisk().kit(connection, public_url=ports.gateway_url)
    kit = kit.replace("THE_SECRET", SECRET).replace("GW_LOST = /var/spool/asterisk/gateway-lost", f"GW_LOST = {lost}")
    _write(directory / "gateway.conf", kit)
    async with AsyncExitStack() as stack:
        assert ASTERISK is not None
        command = [ASTERISK, "-C", str(directory / "asterisk.conf"), "-f", "-T"]
        process = spawn(command, directory / "asterisk.out", directory)
        stack.callback(end, process)
        await _until_it_listens(process, connection, directory)
        yield AsteriskNetwork(directory=directory, ports=ports, lost=lost, _stack=stack)
        os.killpg(process.pid, signal.SIGTERM)


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _write_etc(ports: AsteriskPorts, directory: Path, line: str) -> None:
    (directory / "lib").mkdir(parents=True)
    rtp = _udp() // 2 * 2
    values: Mapping[str, object] = {
        "work": directory,
        "modules": MODULES[0],
        "sip": ports.sip,
        "http": ports.http,
        "line": line,
        "rtp": min(rtp, 60_000),
        "rtp_end": min(rtp, 60_000) + 100,
    }
    for path in ETC.glob("*.conf"):
        text = path.read_text()
        for name, value in values.items():
            text = text.replace(f"@{name}@", str(value))
        _write(directory / path.name, text)
    for name in ("cel", "features", "acl", "udptl", "pjproject", "indications", "ccss", "stasis"):
        (directory / f"{name}.conf").touch()


async def _until_it_listens(process: "subprocess.Popen[bytes]", connection: Connection, directory: Path) -> None:
    async with aiohttp.ClientSession(headers={"Authorization": basic("gateway", "ari-secret")}) as session:

        async def listens() -> bool:
            assert process.poll() is None, (directory / "asterisk.out").read_text()[-3000:]
            try:
                async with session.get(f"{connection.control_url}/channels") as response:
                    return response.status == 200
            except aiohttp.ClientError:
                return False

        await until(listens)
