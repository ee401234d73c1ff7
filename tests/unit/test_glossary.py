"""The glossary of the domain holds words that the program uses, and no others."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import gateway.domain
from gateway.postgres.sql import sql_directory

PACKAGE = Path(gateway.__file__).parent
# The word or words, two spaces at least, then what they mean.
LINE = re.compile(r"^(?P<terms>\S+(?: \S+)*) {2,}(?P<meaning>\S.*)$", re.MULTILINE)
ASIDE = re.compile(r"\*(.+?)\*")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def lines() -> list[tuple[list[str], str]]:
    """The terms of each line, and what they mean."""
    _, _, glossary = (gateway.domain.__doc__ or "").partition(":\n\n")
    found = [LINE.fullmatch(line) for line in glossary.splitlines() if line]
    return [(match["terms"].split(", "), match["meaning"]) for match in found]


def terms() -> Iterator[str]:
    """All words that the glossary explains or tells apart from another."""
    for words, meaning in lines():
        yield from words
        yield from ASIDE.findall(meaning)


def words_of(text: str) -> str:
    """Names taken apart into their words: `group_commit` and `GroupCommit` are two."""
    return " ".join(re.split(r"[\s_-]+", CAMEL.sub(" ", text))).lower()


@cache
def program() -> str:
    """The words of the code and of the SQL, but for the glossary itself."""
    files = [*PACKAGE.rglob("*.py"), *sql_directory().rglob("*.sql")]
    glossary = Path(gateway.domain.__file__)
    return "\n".join(words_of(file.read_text(encoding="utf-8")) for file in files if file != glossary)


@pytest.mark.parametrize("term", sorted(set(terms())))
def test_a_word_of_the_glossary_is_used(term: str) -> None:
    assert re.search(rf"\b{re.escape(words_of(term))}s?\b", program())


def test_the_glossary_is_in_order_and_explains_each_word_once() -> None:
    firsts = [words for words, _ in lines()]
    each = [word for words in firsts for word in words]

    assert [words[0] for words in firsts] == sorted(words[0] for words in firsts)
    assert len(each) == len(set(each))
