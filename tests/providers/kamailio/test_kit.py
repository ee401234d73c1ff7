"""The kit for Kamailio as the command prints it, read by Kamailio itself; `tests/e2e/sip` has it run."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from tests.providers.kamailio.server import KAMAILIO, SECRET, Ports, require_kamailio
from tests.support.command_line import Gateway


async def _printed(directory: Path, ports: Ports) -> str:
    config = directory / "gateway.toml"
    config.write_text(ports.toml())
    gateway = Gateway({"GATEWAY_CONFIG": str(config), "GATEWAY_PUBLIC_URL": "https://gw.example.net"})
    result = await gateway.run("kit", "sip")
    assert (result.exit_code, result.stderr) == (0, "")
    return result.stdout


@pytest.mark.parametrize("options", [[], ["-A", "KEEPALIVE"]], ids=["plain", "keepalive"])
async def test_kamailio_takes_the_kit_as_it_is_printed(tmp_path: Path, options: list[str]) -> None:
    require_kamailio()
    ports = Ports()
    kit = tmp_path / "kamailio.cfg"
    kit.write_text(await _printed(tmp_path, ports))

    assert KAMAILIO is not None
    checked = await asyncio.to_thread(
        subprocess.run,
        [KAMAILIO, "-c", "-E", "-f", str(kit), *options],
        env=os.environ | {"GATEWAY_SECRET": SECRET},
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    said = checked.stdout + checked.stderr
    assert (checked.returncode, "config file ok" in said) == (0, True), said
    assert [line for line in said.splitlines() if "ERROR" in line or "WARNING" in line] == []
    assert f"127.0.0.1]:{ports.proxy}" in said


async def test_the_kit_names_no_secret(tmp_path: Path) -> None:
    printed = await _printed(tmp_path, Ports())

    assert SECRET not in printed
    assert "{{" not in printed
    assert "https://gw.example.net/hooks/sip" in printed


async def test_what_was_dialled_is_asked_about_as_it_is_whatever_its_length(tmp_path: Path) -> None:
    printed = await _printed(tmp_path, Ports())

    read = [line.strip() for line in printed.splitlines() if "$rU" in line or "$ru =~" in line]
    # No pattern but that of a service URN, so no emergency number is held back.
    assert read == ['if ($ru =~ "^[uU][rR][nN]:") {', 'jansson_set("string", "callee", $rU, "$var(start)");']
