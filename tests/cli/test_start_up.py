"""What a command imports and reads before it runs: no more than it needs."""

import subprocess
import sys
from importlib import import_module
from itertools import groupby

import click
import pytest

import gateway
from gateway.cli import COMMANDS, cli
from tests.support.command_line import Gateway, undone

SECRETIVE = """
smtp_url = { env = "ACME_SMTP" }
[connections.pbx]
kind = "native"
auth = "bearer"
secrets = [{ env = "GATEWAY_ACME_SECRET" }]
"""


@pytest.fixture
def secretive(dsn, tmp_path):
    """A gateway whose configuration points at secrets that are not there."""
    (tmp_path / "gateway.toml").write_text(SECRETIVE)
    with undone():
        yield Gateway({"GATEWAY_DATABASE_URL": dsn, "GATEWAY_CONFIG": str(tmp_path / "gateway.toml")})


def test_each_command_is_found_where_the_table_says():
    by_module = groupby(
        sorted(COMMANDS, key=lambda name: (COMMANDS[name].module, name)), key=lambda name: COMMANDS[name].module
    )

    for module, names in by_module:
        commands = import_module(module).COMMANDS
        assert sorted(command.name for command in commands) == list(names)


def test_all_commands_are_listed_in_a_line_each_without_importing_any():
    script = """if True:
        import sys
        from gateway.cli import cli
        cli(["--help"], standalone_mode=False)
        print(*sys.modules)
    """
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout
    listed = said[said.index("Commands:") :].splitlines()[1 : len(COMMANDS) + 1]

    assert [line.split()[0] for line in listed] == sorted(COMMANDS)
    assert all(len(line) < 80 for line in listed)
    assert {command.module for command in COMMANDS.values()}.isdisjoint(said.split())


def test_an_unknown_command_is_none():
    assert cli.get_command(click.Context(cli), "acount") is None


def test_a_command_about_an_account_imports_neither_providers_nor_a_web_server():
    script = "import sys; from gateway.cli import cli; cli.get_command(None, 'account'); print(*sys.modules)"
    imported = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert gateway.__name__ in imported
    assert {"aiohttp", "aiosmtplib", "prometheus_client", "gateway.providers"} & set(imported) == set()
    assert {"phonenumbers", "gateway.embedded", "gateway.usecases.lines.run_due"} & set(imported) == set()


@pytest.mark.parametrize(
    ("names", "not_needed"),
    [
        (("account", "audit", "large-sum", "ledger", "person", "token", "topup", "usage"), {"phonenumbers"}),
        (("calls", "number"), {"gateway.usecases.accounts.large_sums"}),
    ],
)
def test_commands_that_read_and_move_money_import_no_provider(names, not_needed):
    script = f"import sys; from gateway.cli import cli; [cli.get_command(None, each) for each in {names}];"
    imported = subprocess.run(
        [sys.executable, "-c", script + "print(*sys.modules)"], capture_output=True, text=True, check=True
    ).stdout.split()

    assert "gateway.cli.context" in imported
    assert {"aiohttp", "babel", "gateway.providers.registry", "gateway.providers.twilio", *not_needed}.isdisjoint(
        imported
    )


@pytest.mark.parametrize("group_name", ["account", "calls", "connection", "connector", "number", "rates"])
def test_each_command_of_a_group_is_found_where_the_group_says(group_name):
    group = cli.get_command(click.Context(cli), group_name)
    within = click.Context(group)

    for name in group.list_commands(within):
        assert group.get_command(within, name).name == name


async def test_a_command_that_needs_no_secret_runs_without_it(secretive):
    await secretive.json("account", "create", "Acme", "--currency", "USD", "--email", "a@b.example")

    assert (await secretive.json("topup", "1", "10", "--external-id", "x1"))["balance_after"] == "10.000000"


async def test_a_quote_is_read_as_its_connection_does_without_a_secret_of_it(secretive):
    await secretive.json("account", "create", "Acme", "--currency", "USD", "--email", "a@b.example")
    await secretive.json("number", "add", "1", "+15550100001")

    quoted = await secretive.json("quote", "+15550100001", "2125551234", "--connection", "pbx")

    assert quoted["callee"] == "+12125551234"


async def test_a_command_that_needs_a_secret_says_which_is_missing(secretive):
    said = await secretive.refused("connection", "list")

    assert "smtp_url" in said
    assert "the environment variable ACME_SMTP is not set" in said
    assert "connections.pbx" in said
    assert "the environment variable GATEWAY_ACME_SECRET is not set" in said


async def test_a_secret_in_a_variable_of_the_gateways_prefix_is_no_unknown_setting(secretive):
    environ = {**secretive.environ, "GATEWAY_ACME_SECRET": "s3cret", "GATEWAY_ACME_SECRT": "s3cret"}

    said = await Gateway(environ).refused("account", "list")

    assert said.strip() == "Error: GATEWAY_ACME_SECRT is no setting of the gateway"
