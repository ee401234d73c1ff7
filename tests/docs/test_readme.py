"""The door: short, whole, and with every provider on it. Its commands are typed by `test_console_blocks`."""

import re

import pytest

from gateway.providers.registry import providers
from tests.docs.pages import README, ROOT

WORDS_MAX = 1000


def test_it_is_read_in_five_minutes() -> None:
    assert len(README.prose().split()) < WORDS_MAX


@pytest.mark.parametrize("title", ["Run it", "Test it", "A call by curl"])
def test_what_others_look_for_is_there(title: str) -> None:
    assert re.search(rf"^## {title}$", README.prose(), re.MULTILINE)


@pytest.mark.parametrize(
    "command",
    [
        "python3 -m venv .venv && .venv/bin/pip install -q '.[embedded]' && .venv/bin/gateway serve --demo",
        "python3 -m venv .venv && .venv/bin/pip install -q -e '.[dev]' && .venv/bin/python -m pytest",
    ],
)
def test_its_two_commands_are_one_line_each(command: str) -> None:
    assert f"{command}\n" in [block.text for block in README.blocks()]


def test_each_link_leads_to_a_file() -> None:
    for link in README.links():
        assert (ROOT / link).is_file(), link


def test_each_provider_is_on_it_as_it_describes_itself() -> None:
    rows = [line for line in README.text.splitlines() if line.startswith("| [")]

    assert rows == [
        f"| [{kind.title}](gateway/providers/{each.name}/connect.md)"
        f" | {kind.features.call_start} | {kind.features.signature} | {kind.features.verified_with} |"
        for each in providers()
        for kind in each.kinds
    ]
