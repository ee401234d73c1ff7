"""Real SIP on loopback: a FreeSWITCH with the kit's files, and SIPp as PBX and carrier."""

import asyncio
import os
import re
import shutil
import subprocess
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from gateway.clock import SystemClock
from gateway.domain.connection import Connection
from gateway.providers.base import CallRef, CallStatus, ProviderResponse
from gateway.providers.freeswitch.adapter import Freeswitch
from gateway.providers.freeswitch.api import USER
from gateway.providers.wire.sip_server import basic
from tests.support.processes import until
from tests.support.sip.phones import SBIN, SIPP, end, spawn, udp_port
from tests.support.sip.server import CARRIER, PBX, Ports

# A built one stands in a directory of its own; GATEWAY_TEST_FREESWITCH names any other.
FREESWITCH = os.environ.get("GATEWAY_TEST_FREESWITCH") or shutil.which(
    "freeswitch", path=f"{SBIN}:/usr/local/bin:/usr/local/freeswitch/bin"
)
CONF = Path(__file__).with_name("freeswitch.xml")
START_S_MAX = 60.0
NAME, SECRET, PASSWORD = "fs", "freeswitchSecret0123456789", "xml-rpc-secret"


def require_freeswitch() -> None:
    """Skip without the programs: no Debian has a FreeSWITCH, so CI has none."""
    if FREESWITCH is None or SIPP is None:
        pytest.skip("needs a FreeSWITCH (its path in GATEWAY_TEST_FREESWITCH) and sip-tester: the kit was not run")


def _connection(ports: Ports, inbound_to: str | None) -> Connection:
    options = {
        "outbound_to": "sofia/gateway/trunk/{callee}",
        "inbound_to": inbound_to or f"sofia/internal/{{digits}}@{PBX}:{ports.pbx}",
        "api_password": PASSWORD,
    }
    control_url = f"http://127.0.0.1:{ports.http}"
    return Connection(name=NAME, kind="freeswitch", secrets=(SECRET,), control_url=control_url, options=options)


@dataclass(slots=True, kw_only=True)
class RunningFreeswitch:
    """A FreeSWITCH between a PBX and a carrier."""

    directory: Path
    ports: Ports
    connection: Connection
    kit: str
    process: "subprocess.Popen[bytes]"

    @property
    def lost(self) -> Path:
        return self.directory / "lost"

    async def cron(self) -> int:
        """Run what the kit says about records that were left on disk, with the directories of this test."""
        netrc = self.directory / "gateway.netrc"
        _write(netrc, f"default login {NAME} password {SECRET}")
        [script] = re.findall(r"^for leg in .*?^done; done$", self.kit, re.MULTILINE | re.DOTALL)
        script = script.replace("/etc/freeswitch/gateway.netrc", str(netrc))
        process = await asyncio.create_subprocess_exec("sh", "-c", script)
        return await process.wait()

    async def status(self, call_id: str) -> CallStatus:
        """What the adapter reads of a call when it asks for it now."""
        adapter, call = Freeswitch(), CallRef(call_id=call_id)
        request = adapter.ask_status(self.connection, call, SystemClock().now())
        assert request is not None
        async with (
            aiohttp.ClientSession(headers=request.headers) as session,
            session.request(request.method, request.url) as response,
        ):
            return adapter.read_status(ProviderResponse(status=response.status, body=await response.read()), call)

    async def profiles(self) -> str:
        """What mod_xml_rpc says of mod_sofia."""
        headers = {"Authorization": basic(USER, PASSWORD)}
        url = f"{self.connection.control_url}/txtapi/sofia?status"
        async with aiohttp.ClientSession(headers=headers) as session, session.get(url) as response:
            return await response.text()


def _kit(connection: Connection, public_url: str, directory: Path) -> str:
    """As the gateway prints it, but for its directory."""
    kit = Freeswitch().kit(connection, public_url=public_url)
    return kit.replace("/var/lib/freeswitch/gateway", str(directory / "lost"))


def _snippets(kit: str) -> Mapping[str, str]:
    """The files that the kit tells of, by their names there; a user's variable and extension have none."""
    files = dict(re.findall(r"^\d\. (\S+\.xml)[.:] .*?\n\n(<.*?)\n(?=\n\d\. )", kit, re.MULTILINE | re.DOTALL))
    [files["outside.xml"]] = re.findall(r"^<extension.*?^</extension>$", kit, re.MULTILINE | re.DOTALL)
    [files["line.xml"]] = re.findall(r"^<variable .*$", kit, re.MULTILINE)
    return {
        name: text if text.startswith("<include>") else f"<include>\n{text}\n</include>" for name, text in files.items()
    }


@asynccontextmanager
async def freeswitch_on(
    directory: Path, *, line: str, inbound_to: str | None = None
) -> AsyncIterator[RunningFreeswitch]:
    ports = Ports()
    connection = _connection(ports, inbound_to)
    _write(directory / "freeswitch.xml", _conf(ports, directory))
    kit = _kit(connection, ports.gateway_url, directory)
    for name, snippet in _snippets(kit.replace("THE SECRET", SECRET).replace("+15550100001", line)).items():
        _write(directory / "kit" / name, snippet)
    process = spawn(_command(directory), directory / "freeswitch.out", directory)
    running = RunningFreeswitch(directory=directory, ports=ports, connection=connection, kit=kit, process=process)
    try:
        await _until_it_listens(running)
        yield running
    finally:
        end(process)


def _command(directory: Path) -> list[str]:
    """As the kit says; `-nc` to `-nonat` only spare it work."""
    assert FREESWITCH is not None
    command = [FREESWITCH, "-nf", "-elegant-term", "-nc", "-np", "-nocal", "-nonat", "-conf", str(directory)]
    directories = {what: directory / what for what in ("log", "db", "run", "temp", "storage", "cache")}
    directories |= {what: directory / what for what in ("scripts", "htdocs", "grammar", "recordings")}
    # It makes itself certificates, which takes seconds: once for all tests.
    directories["certs"] = directory.parents[1] / "freeswitch-certs"
    for what, where in directories.items():
        where.mkdir(exist_ok=True)
        command += [f"-{what}", str(where)]
    return command


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _conf(ports: Ports, directory: Path) -> str:
    rtp = min(udp_port() // 2 * 2, 60_000)
    values: Mapping[str, object] = {
        "work": directory,
        "http": ports.http,
        "password": PASSWORD,
        "inside": ports.inside,
        "outside": ports.outside,
        "carrier": f"{CARRIER}:{ports.carrier}",
        "rtp": rtp,
        "rtp_end": rtp + 100,
    }
    text = CONF.read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", str(value))
    return text


async def _until_it_listens(running: RunningFreeswitch) -> None:
    async def listens() -> bool:
        assert running.process.poll() is None, (running.directory / "freeswitch.out").read_text()[-3000:]
        try:
            return (await running.profiles()).count("RUNNING") == 2
        except aiohttp.ClientError:
            return False

    await until(listens, START_S_MAX)
