"""The reference is what the program says of itself, and leaves nothing out."""

import re

import click
import pytest

from gateway.cli import cli
from gateway.docs.files import PACKAGE
from gateway.domain.calls.call import Flag
from gateway.domain.calls.refusals import Refusal
from gateway.providers.registry import adapters
from gateway.settings.table import SETTINGS
from tests.support.reference.__main__ import DOCS, written_pages
from tests.support.reference.commands import leaves
from tests.support.reference.pages import all_pages
from tests.support.reference.settings import must_be

COMMANDS = list(leaves(click.Context(cli, info_name="gateway")))


def test_what_is_committed_is_what_the_program_says() -> None:
    expected = {DOCS / name: text for name, text in all_pages()}

    written = {path: path.read_text(encoding="utf-8") for path in written_pages()}

    assert written == expected, "make it again: python -m tests.support.reference"


def test_each_refusal_and_each_flag_has_a_page() -> None:
    names = {name for name, _ in all_pages()}

    assert {f"reference/refusals/{refusal}.md" for refusal in Refusal} <= names
    assert {f"reference/flags/{flag}.md" for flag in Flag} <= names


@pytest.mark.parametrize("context", COMMANDS, ids=lambda context: context.command_path)
def test_each_command_and_each_option_of_it_has_its_words(context: click.Context) -> None:
    assert context.command.help
    for option in context.command.params:
        assert not isinstance(option, click.Option) or option.help, option.name


def test_each_option_of_a_connection_says_what_it_means_and_must_be() -> None:
    for name, adapter in adapters().items():
        for key, option in adapter.options.items():
            assert option.meaning.endswith("."), f"{name}: {key}"
            assert must_be(option.check), f"{name}: {key}"
            assert set(option.needs) <= adapter.options.keys(), f"{name}: {key}"


def test_the_table_of_settings_is_all_that_is_read() -> None:
    read = (PACKAGE / "settings/__init__.py").read_text(encoding="utf-8")

    names = set(re.findall(r"\b(?:table|rules)\.([A-Z_]+)", read))
    assert sorted(names) == sorted(each.name.upper() for each in SETTINGS)
