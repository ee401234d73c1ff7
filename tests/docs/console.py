"""Blocks of README.md: what it tells people to type, and what it says they will see."""

import re
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

README = Path(__file__).parents[2] / "README.md"
ZONE = ZoneInfo("Europe/Berlin")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """One command, when it is typed, and what it prints."""

    at: datetime
    arguments: list[str]
    printed: str


def section(title: str) -> str:
    """What stands below a heading, up to the next of its kind."""
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", README.read_text(), re.MULTILINE | re.DOTALL)
    assert found is not None, f"README.md has no section {title!r}"
    return found[1]


def block_with(text: str, first_line: str) -> str:
    """The fenced block that begins with a line."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        if block.startswith(first_line):
            return block
    raise AssertionError(f"no block begins with {first_line!r}")


def typed(text: str) -> list[Typed]:
    """The `$ gateway …` commands of all console blocks, each at the time of the `# 1 June 2026, 10:00` above it."""
    at: datetime | None = None
    found: list[Typed] = []
    for block in re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        for part in re.split(r"^(?=# |\$ )", block, flags=re.MULTILINE):
            first, _, rest = part.partition("\n")
            if first.startswith("# "):
                at = datetime.strptime(first, "# %d %B %Y, %H:%M").replace(tzinfo=ZONE).astimezone(UTC)
            elif first.startswith("$ gateway "):
                assert at is not None, f"nobody says when: {first}"
                found.append(Typed(at=at, arguments=shlex.split(first)[2:], printed=rest))
    return found
