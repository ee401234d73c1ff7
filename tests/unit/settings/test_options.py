"""What connections of each kind may say: wrong values and wrong combinations are told at load, by their keys."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from gateway.domain.connection import Connection
from gateway.providers.registry import adapters
from tests.providers.specimens import specimens
from tests.support.configured import load, problems_of, write_config
from tests.support.connections import CONNECTIONS, toml_of
from tests.support.http_samples import sample_connection
from tests.support.setting_problems import APPLICATION, RSA, SERVICE_ACCOUNT

WRONG: Final = [(kind, *each) for kind, specimen in specimens().items() for each in specimen.wrong_options]
WRONG_SECRETS: Final = [(kind, *each) for kind, specimen in specimens().items() for each in specimen.wrong_secrets]


def right(kind: str) -> Connection:
    """A connection of the kind with nothing wrong."""
    return next(each for each in CONNECTIONS.values() if each.kind == kind and each.auth == "signature")


def problems(directory: Path, connection: Connection) -> list[str]:
    file = write_config(directory, toml_of(connection))
    return [said.replace(f" in {file}", "") for said in problems_of(toml=file)]


@pytest.mark.parametrize(("kind", "changed", "said"), WRONG)
def test_a_wrong_value_or_combination_is_told_by_its_key(
    kind: str, changed: Mapping[str, str], said: str, tmp_path: Path
) -> None:
    connection = right(kind)

    found = problems(tmp_path, replace(connection, options={**connection.options, **changed}))

    prefixes = [f"connections.{connection.name}.{key}: " for key in changed]
    assert any(problem.startswith(prefix + said) for problem in found for prefix in prefixes), found
    assert all(problem.startswith(tuple(prefixes)) for problem in found)


@pytest.mark.parametrize(
    ("kind", "url"), [("asterisk", "http://10.0.0.6:8088/ari"), ("freeswitch", "http://[::1]:8080")]
)
def test_r18_a_password_is_used_as_it_is(kind: str, url: str, tmp_path: Path) -> None:
    """Else no call could be ended by it."""
    key = {"asterisk": "ari_password", "freeswitch": "api_password"}[kind]
    connection = right(kind)
    changed = replace(connection, control_url=url, options={**connection.options, key: ' p:ä#&"$ '})

    assert load(toml=write_config(tmp_path, toml_of(changed))).connections == {connection.name: changed}


@pytest.mark.parametrize(("kind", "secret", "said"), WRONG_SECRETS)
def test_r33_a_secret_of_the_wrong_shape_is_told_without_it(kind: str, secret: str, said: str, tmp_path: Path) -> None:
    connection = replace(right(kind), secrets=(*right(kind).secrets, secret))

    [problem] = problems(tmp_path, connection)

    assert problem.startswith(f"connections.{connection.name}.secrets[2]: {said}")
    assert secret not in problem


@pytest.mark.parametrize("kind", sorted(adapters()))
def test_no_message_repeats_a_value_as_it_may_be_a_secret_in_the_wrong_place(kind: str, tmp_path: Path) -> None:
    hush = "top secret\x7f"
    connection = replace(right(kind), options=dict.fromkeys(adapters()[kind].options, hush))

    found = problems(tmp_path, connection)

    assert {said.split(": ")[0].rpartition(".")[2] for said in found} == set(connection.options)
    assert not any("top" in said for said in found)


def test_all_that_is_wrong_with_all_connections_is_told_at_once(tmp_path: Path) -> None:
    plivo, telnyx = right("plivo"), right("telnyx")
    wrong = [
        replace(plivo, options={"inbound_to": "office"}),
        replace(telnyx, secrets=("k",), options={**telnyx.options, "inbound_to": "x", "colour": "red"}),
    ]

    found = problems_of(toml=write_config(tmp_path, toml_of(*wrong)))

    assert [said.split(" ")[0] for said in found] == [
        "connections.plivo-1.inbound_to",
        "connections.plivo-1.auth_id",
        "connections.telnyx-1.inbound_to",
        "connections.telnyx-1.colour",
        "connections.telnyx-1.secrets[1]",
    ]


def test_every_connection_of_the_tests_and_their_samples_loads(tmp_path: Path) -> None:
    samples = [replace(each, name=each.kind) for kind in adapters() if (each := sample_connection(kind)) is not None]
    connections = {each.name: each for each in (*CONNECTIONS.values(), *samples)}

    loaded = load(toml=write_config(tmp_path, toml_of(*connections.values()))).connections

    assert loaded == connections


def test_a_connection_with_everything_loads(tmp_path: Path) -> None:
    whole = [
        replace(right("voximplant"), options={**SERVICE_ACCOUNT, "account": "1", "inbound_user": "desk-{line}"}),
        replace(right("bitrix24"), options={**APPLICATION, "rest_url": "https://acme.bitrix24.com/rest"}),
        replace(right("vonage"), options={**right("vonage").options, "private_key": RSA, "refusal": "silent"}),
        replace(right("freeswitch"), options={"outbound_to": "{a=b}sofia/trunk/{callee}", "inbound_to": "${group(x)}"}),
    ]

    loaded = load(toml=write_config(tmp_path, toml_of(*whole))).connections

    assert loaded == {each.name: each for each in whole}


def test_a_number_may_be_written_as_people_write_it(tmp_path: Path) -> None:
    connection = replace(right("voximplant"), options={"outbound_line": "1 (555) 010-0001"})

    loaded = load(toml=write_config(tmp_path, toml_of(connection))).connections

    assert loaded[connection.name].options == {"outbound_line": "+15550100001"}
