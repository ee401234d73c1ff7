"""What a shell is told of when somebody presses the tabulator: commands, options, and what these can be."""

import subprocess
import sys

import pytest
from click.shell_completion import ShellComplete, get_completion_class
from click.testing import CliRunner

from gateway.cli import COMMANDS, cli
from gateway.cli.completion import PROGRAM, SHELLS, VARIABLE
from gateway.domain.calls.call import CallState


def completed(*words: str) -> list[str]:
    """The last word, completed."""
    found = get_completion_class("bash")
    assert found is not None
    shell: ShellComplete = found(cli, {}, PROGRAM, VARIABLE)
    return [each.value for each in shell.get_completions(list(words[:-1]), words[-1])]


def test_commands_are_completed_of_the_program_and_of_groups() -> None:
    assert completed("") == sorted(COMMANDS)
    assert completed("to") == ["token", "topup"]
    assert completed("calls", "cu") == ["cut", "cut-all"]
    assert completed("account", "st") == ["statement", "statements", "stops"]
    assert completed("token", "") == ["create", "list", "revoke"]


def test_options_are_completed() -> None:
    assert completed("calls", "list", "--st") == ["--state"]
    assert completed("--conf") == ["--config"]
    assert set(completed("number", "list", "--")) >= {"--account", "--due-before", "--csv", "--json", "--help"}


def test_choices_are_completed() -> None:
    assert completed("calls", "list", "--state", "") == [each.value for each in CallState]
    assert completed("usage", "--by", "con") == ["connection"]
    assert completed("completion", "") == list(SHELLS)


@pytest.mark.parametrize("shell", SHELLS)
def test_each_shell_is_told_whom_to_ask(shell: str) -> None:
    script = CliRunner().invoke(cli, ["completion", shell]).stdout

    assert f"{VARIABLE}={shell}_complete" in script
    assert PROGRAM in script


def test_a_group_is_completed_without_what_its_commands_need() -> None:
    """It is done at each key."""
    script = (
        "import sys; from click.shell_completion import BashComplete; from gateway.cli import cli;"
        f"print(*BashComplete(cli, {{}}, {PROGRAM!r}, {VARIABLE!r}).get_completions(['account'], ''), file=sys.stderr);"
        "print(*sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()

    assert {"aiohttp", "babel", "phonenumbers", "gateway.usecases.accounts.close"} & set(found) == set()
