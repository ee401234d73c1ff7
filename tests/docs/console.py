"""What a page has its reader write and type, in its order, and what it says they will see."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from tests.docs.pages import Page

ZONE = ZoneInfo("Europe/Berlin")
# What a block is that does not say which file it is.
_FILES = {"toml": "gateway.toml", "csv": "rates.csv"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file of the reader's."""

    name: str
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A new time: `# 1 June 2026, 10:00`, in Berlin."""

    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One command, and what it prints."""

    command: str
    printed: str


Step = Written | Passed | Typed


def steps(page: Page) -> Iterator[Step]:
    """All that a page's blocks of TOML, CSV and console say; the reader is told what the others are for."""
    for block in page.blocks():
        if block.language in _FILES:
            yield Written(name=block.file or _FILES[block.language], content=block.text)
        elif block.language == "console":
            yield from _typed(block.text)


def _typed(text: str) -> Iterator[Step]:
    for part in re.split(r"^(?=# \d|\$ )", text, flags=re.MULTILINE)[1:]:
        # A command goes on behind a backslash at the end of its line.
        first, _, rest = part.replace("\\\n", " ").partition("\n")
        if first.startswith("# "):
            at = datetime.strptime(first, "# %d %B %Y, %H:%M").replace(tzinfo=ZONE).astimezone(UTC)
            yield Passed(at=at)
        else:
            yield Typed(command=first.removeprefix("$ "), printed=rest)
