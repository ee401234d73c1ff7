"""Finding pages by words: a small index in memory, read from end to end for each question."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from gateway.docs.markdown import Rendered

HITS_MAX: Final = 30
# What is more is no question but an attempt to keep us busy.
QUERY_MAX: Final = 200
WORDS_MAX: Final = 8
_EXCERPT: Final = 180
# How much more a word counts in the title of a page, and in a heading, than in a text.
_IN_TITLE: Final = 20
_IN_HEADING: Final = 10
_IN_TEXT_MAX: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A part of an excerpt; `is_hit`: it is one of the words that were asked for."""

    text: str
    is_hit: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A section that has all the words; `link` counts from `/docs/`."""

    link: str
    title: str
    heading: str
    excerpt: tuple[Piece, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    link: str
    title: str
    heading: str
    text: str

    def score(self, words: Sequence[str]) -> int:
        """0 unless each word stands somewhere in it."""
        title, heading, text = self.title.lower(), self.heading.lower(), self.text.lower()
        if not all(word in title or word in heading or word in text for word in words):
            return 0
        return sum(
            _IN_TITLE * (word in title) + _IN_HEADING * (word in heading) + min(text.count(word), _IN_TEXT_MAX)
            for word in words
        )


class Index:
    """All sections of all pages."""

    def __init__(self, pages: Iterable[tuple[str, Rendered]]) -> None:
        self._entries = [
            _Entry(
                link=f"{path}#{section.anchor}" if section.anchor else path,
                title=page.title,
                heading=section.heading,
                text=section.text,
            )
            for path, page in pages
            for section in page.sections
        ]

    def search(self, query: str) -> list[Hit]:
        """The best sections first; of equal ones, in the order of the pages."""
        words = tuple(dict.fromkeys(query[:QUERY_MAX].lower().split()))[:WORDS_MAX]
        if not words:
            return []
        scored = [(score, entry) for entry in self._entries if (score := entry.score(words))]
        scored.sort(key=lambda each: -each[0])
        return [_hit(entry, words) for _, entry in scored[:HITS_MAX]]


def _hit(entry: _Entry, words: Sequence[str]) -> Hit:
    return Hit(link=entry.link, title=entry.title, heading=entry.heading, excerpt=_excerpt(entry.text, words))


def _excerpt(text: str, words: Sequence[str]) -> tuple[Piece, ...]:
    """Some words around the first that was asked for, with all of those marked."""
    pattern = re.compile("|".join(re.escape(word) for word in sorted(words, key=len, reverse=True)), re.IGNORECASE)
    first = next(islice(pattern.finditer(text), 1), None)
    begin = 0 if first is None else max(0, first.start() - _EXCERPT // 3)
    begin = text.rfind(" ", 0, begin) + 1
    end = begin + _EXCERPT if begin + _EXCERPT >= len(text) else text.find(" ", begin + _EXCERPT)
    shown = text[begin : end if end >= 0 else len(text)]
    pieces = [Piece(text="… ", is_hit=False)] if begin else []
    pieces += _marked(shown, pattern)
    return (*pieces, Piece(text=" …", is_hit=False)) if begin + len(shown) < len(text) else tuple(pieces)


def _marked(text: str, pattern: re.Pattern[str]) -> list[Piece]:
    pieces, done = [], 0
    for found in pattern.finditer(text):
        pieces += [Piece(text=text[done : found.start()], is_hit=False), Piece(text=found.group(), is_hit=True)]
        done = found.end()
    return [piece for piece in (*pieces, Piece(text=text[done:], is_hit=False)) if piece.text]
