"""Real SIP on loopback: Debian's Asterisk with the kit's dialplan, and SIPp as PBX and carrier."""

import asyncio
import os
import re
import shutil
import signal
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from gateway.domain.connection import Connection
from gateway.providers.asterisk.adapter import Asterisk
from gateway.providers.wire.sip_server import basic
from tests.support.processes import until
from tests.support.sip.phones import SBIN, SIPP, end, spawn, udp_port
from tests.support.sip.server import CARRIER, PBX, Ports

ASTERISK = shutil.which("asterisk", path=SBIN)
MODULES = [*Path("/usr/lib").glob("asterisk/modules"), *Path("/usr/lib").glob("*/asterisk/modules")]
ETC = Path(__file__).parent / "etc"
SECRET = "asteriskSecret0123456789"
NAME = "asterisk"


def require_asterisk() -> None:
    """Skip without the programs: Debian 12 has no Asterisk, so CI may have got none."""
    if ASTERISK is None or SIPP is None or not MODULES:
        pytest.skip("needs asterisk, as by .ci/install-asterisk, and sip-tester: the dialplan was not run")


def _connection(ports: Ports, inbound_to: str | None) -> Connection:
    options = {
        "outbound_to": f"PJSIP/trunk/sip:{{callee}}@{CARRIER}:{ports.carrier}",
        "inbound_to": inbound_to or f"PJSIP/pbx/sip:{{digits}}@{PBX}:{ports.pbx}",
        "ari_password": "ari-secret",
    }
    control_url = f"http://127.0.0.1:{ports.http}/ari"
    return Connection(name=NAME, kind="asterisk", secrets=(SECRET,), control_url=control_url, options=options)


@dataclass(slots=True, kw_only=True)
class RunningAsterisk:
    """An Asterisk between a PBX and a carrier."""

    directory: Path
    ports: Ports
    connection: Connection

    @property
    def lost(self) -> Path:
        return self.directory / "gateway-lost"

    async def cron(self) -> int:
        """Run what the kit says about lost ends, with the directories of this test."""
        netrc = self.directory / "gateway.netrc"
        _write(netrc, f"default login {NAME} password {SECRET}")
        kit = (self.directory / "gateway.conf").read_text()
        [block] = re.findall(r"(?:^;     .*\n)*^;     done .*$", kit, re.MULTILINE)
        lines = block.replace(";     ", "").splitlines()
        script = "\n".join(lines).replace("/etc/asterisk/gateway.netrc", str(netrc))
        script = script.replace("/var/spool/asterisk", str(self.directory))
        process = await asyncio.create_subprocess_exec("sh", "-c", script)
        return await process.wait()


@asynccontextmanager
async def asterisk_on(directory: Path, *, line: str, inbound_to: str | None = None) -> AsyncIterator[RunningAsterisk]:
    """Asterisk with the kit as the gateway prints it, and its secret written in."""
    sip = udp_port()
    ports = Ports(inside=sip, outside=sip)
    running = RunningAsterisk(directory=directory, ports=ports, connection=_connection(ports, inbound_to))
    _write_etc(ports, directory, line)
    kit = Asterisk().kit(running.connection, public_url=ports.gateway_url)
    kit = kit.replace("THE_SECRET", SECRET).replace(
        "GW_LOST = /var/spool/asterisk/gateway-lost", f"GW_LOST = {running.lost}"
    )
    _write(directory / "gateway.conf", kit)
    assert ASTERISK is not None
    command = [ASTERISK, "-C", str(directory / "asterisk.conf"), "-f", "-T"]
    process = spawn(command, directory / "asterisk.out", directory)
    try:
        await _until_it_listens(process, running.connection, directory)
        yield running
        os.killpg(process.pid, signal.SIGTERM)
    finally:
        end(process)


def _write(path: Path, text: str) -> None:
    path.write_text(text)


def _write_etc(ports: Ports, directory: Path, line: str) -> None:
    (directory / "lib").mkdir(parents=True)
    rtp = udp_port() // 2 * 2
    values: Mapping[str, object] = {
        "work": directory,
        "modules": MODULES[0],
        "sip": ports.inside,
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
