"""The pieces that generated pages are made of."""

import textwrap
from collections.abc import Iterable, Sequence

WIDTH = 120


def page(title: str, *parts: str) -> str:
    """A page of Markdown: its title, and its parts with a line between them."""
    return "\n\n".join((f"# {title}", *(part for part in parts if part))) + "\n"


def paragraph(words: str) -> str:
    return textwrap.fill(" ".join(words.split()), WIDTH, break_long_words=False, break_on_hyphens=False)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join((*lines, *("| " + " | ".join(map(_cell, row)) + " |" for row in rows)))


def code(value: object) -> str:
    return f"`{value}`"


def sentence(words: str) -> str:
    """A phrase of the program as a sentence: with its first letter and its mark."""
    return words[:1].upper() + words[1:] + ("" if words.endswith(".") else ".")


def _cell(value: object) -> str:
    return " ".join(str(value).split()).replace("|", "\\|")
