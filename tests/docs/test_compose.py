"""The compose file of the docs is one that the image and the gateway can be run by."""

import re
from typing import Any

import pytest
import yaml

from gateway.settings.source import CONFIG
from gateway.settings.table import SETTINGS
from tests.docs.pages import ROOT, page

DOCKERFILE = (ROOT / "Dockerfile").read_text()


@pytest.fixture
def compose() -> Any:
    [block] = [each for each in page("how-to/run-in-containers.md").blocks() if each.file == "compose.yaml"]
    return yaml.safe_load(block.text)


def said(instruction: str) -> str:
    """What the Dockerfile says by an instruction that stands in it once."""
    [found] = re.findall(rf"^{instruction} (.+)$", DOCKERFILE, re.MULTILINE)
    return found


def test_each_setting_is_one_that_there_is(compose: Any) -> None:
    variables = {setting.variable for setting in SETTINGS} | {CONFIG}
    named = {name.removesuffix("_FILE") for name in compose["services"]["gateway"]["environment"]}

    assert named - variables == set()


def test_what_is_run_is_what_the_dockerfile_builds(compose: Any) -> None:
    gateway = compose["services"]["gateway"]

    assert gateway["build"] == "."
    assert [port.rpartition(":")[2] for port in gateway["ports"]] == [said("EXPOSE")]
    assert said("VOLUME") in {volume.split(":")[1] for volume in gateway["volumes"]}


def test_each_file_and_volume_that_is_used_is_declared(compose: Any) -> None:
    for service in compose["services"].values():
        files = {value for value in service["environment"].values() if value.startswith("/run/secrets/")}
        volumes = {volume.split(":")[0] for volume in service["volumes"]}

        assert (
            {path.removeprefix("/run/secrets/") for path in files} == set(service["secrets"]) <= set(compose["secrets"])
        )
        assert {name for name in volumes if not name.startswith("./")} <= set(compose["volumes"])


def test_the_configuration_is_where_the_gateway_looks_for_it(compose: Any) -> None:
    gateway = compose["services"]["gateway"]

    assert gateway["environment"][CONFIG] in {volume.split(":")[1] for volume in gateway["volumes"]}


def test_the_gateway_waits_for_a_database_that_can_say_when_it_is_there(compose: Any) -> None:
    for name, waited in compose["services"]["gateway"]["depends_on"].items():
        assert waited["condition"] == "service_healthy"
        assert "healthcheck" in compose["services"][name]
