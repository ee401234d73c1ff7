"""Every command that a page names, without having it typed, is one that there is, with the options that it has."""

import re
from collections.abc import Iterator

import click
import pytest

from gateway.cli import cli
from tests.docs.pages import Page, pages

PAGES = pages()


@pytest.mark.parametrize("each", PAGES, ids=lambda each: each.name)
def test_every_command_that_a_page_names_is_there(each: Page) -> None:
    assert [text for text in _named(each) if not _is_there(text.split()[1:])] == []


def _named(page: Page) -> Iterator[str]:
    yield from re.findall(r"`(gateway [a-z][^`\n]*)`", page.prose())
    for block in page.blocks():
        if block.language == "sh":
            yield from re.findall(r"^gateway [a-z].*$", block.text, re.MULTILINE)


def _is_there(words: list[str]) -> bool:
    command: click.Command = cli
    options = _options(cli)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name, *words = words
        subcommand = command.get_command(click.Context(command), name)
        if subcommand is None:
            return False
        command = subcommand
        options |= _options(command)
    return {word for word in words if word.startswith("--")} <= options


def _options(command: click.Command) -> set[str]:
    return {"--help", *(name for parameter in command.params for name in parameter.opts)}
