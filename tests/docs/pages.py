"""The pages of the docs, and what is written in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "gateway" / "docs"
_FENCE = re.compile(r"^```(\S*)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
# What ends a sentence: its mark at the end of a word, or the end of a paragraph, an entry of a list, a cell or a title.
_SENTENCE_END = re.compile(r"(?<=[.!?])[*_\")]*\s|\n\n|\n(?=#+ |- |\d+\. |\|)|\|")
_WORD = re.compile(r"[^\W_][\w'.,:/+-]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A fenced block: its language, the file it is, if it says so, and its text."""

    language: str
    file: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Page:
    path: Path

    @property
    def name(self) -> str:
        """As people call it: `how-to/upgrade.md`, `providers/twilio/connect.md`."""
        above = next(each for each in (DOCS, DOCS.parent, ROOT) if self.path.is_relative_to(each))
        return self.path.relative_to(above).as_posix()

    @property
    def text(self) -> str:
        return self.path.read_text(encoding="utf-8")

    @property
    def title(self) -> str | None:
        title = re.match(r"# (.+)\n", self.text)
        return None if title is None else title[1]

    def blocks(self) -> Iterator[Block]:
        for language, file, text in _FENCE.findall(self.text):
            yield Block(language=language, file=file or None, text=text)

    def prose(self) -> str:
        """The text without its blocks."""
        return _FENCE.sub("", self.text)

    def links(self) -> list[str]:
        return _LINK.findall(self.prose())

    def sentences(self) -> Iterator[str]:
        for sentence in _SENTENCE_END.split(re.sub(r"`[^`\n]*`", "it", self.prose())):
            if words_of(sentence):
                yield " ".join(sentence.split())


def words_of(sentence: str) -> int:
    return len(_WORD.findall(_LINK.sub("]", sentence)))


def pages() -> list[Page]:
    """Every page: the library, and the one of each provider."""
    found = [*DOCS.rglob("*.md"), *DOCS.parent.glob("providers/*/connect.md")]
    return [Page(path) for path in sorted(found)]


def page(name: str) -> Page:
    return next(each for each in pages() if each.name == name)


# The door, which is no page of the library.
README = Page(ROOT / "README.md")
