"""Each command of every page, typed by a reader who has done all that stands before it, prints what the page says."""

import doctest

import pytest

from tests.docs.console import Typed, steps
from tests.docs.pages import README, Page, page, pages
from tests.docs.reader import Reader, reader_in
from tests.support.command_line import undone

START = "start.md"
TYPED = [README, *(each for each in pages() if any(isinstance(step, Typed) for step in steps(each)))]


@pytest.fixture
async def reader(dsn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with undone():
        async with reader_in(tmp_path, dsn) as opened:
            yield opened


@pytest.mark.parametrize("each", TYPED, ids=lambda each: each.name)
async def test_each_command_of_a_page_prints_what_the_page_says(each: Page, reader: Reader) -> None:
    if each.name.startswith("how-to/"):
        await _begin(reader)
    wrong = []
    for step in steps(each):
        printed = await reader.take(step)

        if isinstance(step, Typed) and not _matches(step.printed, printed):
            wrong.append(f"$ {step.command}\n{printed}")
    assert not wrong, "\n".join(wrong)


async def _begin(reader: Reader) -> None:
    """Who reads how to do something has done the first ten minutes."""
    for step in steps(page(START)):
        await reader.take(step)


def _matches(expected: str, printed: str) -> bool:
    """As doctest compares: `...` stands for anything, and one space for any number of them."""
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    return doctest.OutputChecker().check_output(expected.rstrip() + "\n", printed.rstrip() + "\n", flags)
