"""The lines of a provider's list as rows in our own columns, one for each prefix."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeAlias

from gateway.decks.layouts import Layout
from gateway.decks.reading import Reading, Texts
from gateway.domain.rates.rate import RateKind

# Callers by what their numbers begin with, and not in words.
_NUMBERS = re.compile(r"\+?[0-9]{1,15}([ ,]+\+?[0-9]{1,15})*")
_COUNTRY = re.compile(r"[A-Z]{2}")
# An outbound row's category is a label for people, so a word of the provider's description will do.
_DESCRIBED = (("toll free", "toll_free"), ("toll-free", "toll_free"), ("mobile", "mobile"))
# Whether a row is for exactly one number, in any case of letters.
_YES = ("yes", "true", "y", "1")
_NO = ("no", "false", "n", "0", "")
_Cell: TypeAlias = Callable[[Sequence[str]], str]


class ListRow(NamedTuple):
    texts: Texts
    is_for_all: bool
    is_exact: bool


class ListRows:
    """Iterates a list once; what is wrong with its columns is noted in its reading."""

    def __init__(self, reading: Reading, layout: Layout, fixed: Mapping[str, str]) -> None:
        self._reading = reading
        self._layout = layout
        self._fixed = fixed

    def __iter__(self) -> Iterator[ListRow]:
        records = self._reading.records(delimiter=self._layout.delimiter)
        header = [name.strip() for name in next(records, ())]
        if not self._has_columns(header):
            return
        cells = [self._cell(name, header) for name in Texts._fields]
        origin, exact, description = (self._cell(name, header) for name in ("origin", "exact", "description"))
        for record in records:
            if len(record) != len(header):
                self._reading.wrong("", f"has {len(record)} columns instead of {len(header)}")
                continue
            texts = self._texts(Texts._make([cell(record) for cell in cells]), description(record))
            if self._layout.leaves_out_unpriced and not texts.per_minute:
                continue
            callers = origin(record)
            is_for_all = callers in self._layout.for_all
            if not is_for_all and _NUMBERS.fullmatch(callers):
                texts = texts._replace(caller_prefixes=callers)
            is_exact = self._is_yes("exact", exact(record))
            if texts.kind != RateKind.OUTBOUND:
                yield ListRow(texts._replace(caller_prefixes=""), is_for_all, is_exact=False)
                continue
            for text in texts.prefix.split(self._layout.prefix_separator):
                prefix = text.strip().removeprefix("+")
                its_own = texts if prefix == texts.prefix else texts._replace(prefix=prefix)
                yield ListRow(its_own, is_for_all, is_exact)

    def _has_columns(self, header: Sequence[str]) -> bool:
        if self._reading.problems:
            return False
        wrong = [name for name in self._layout.columns.values() if header.count(name) != 1]
        if wrong:
            self._reading.wrong("", f"the columns of {self._layout.name} must be there once: {', '.join(wrong)}")
        return not wrong

    def _cell(self, name: str, header: Sequence[str]) -> _Cell:
        """What gives the text of one of our columns."""
        theirs = self._layout.columns.get(name)
        if theirs is None:
            fixed = self._fixed.get(name, "")
            return lambda _: fixed
        at = header.index(theirs)
        return lambda record: record[at].strip()

    def _is_yes(self, column: str, text: str) -> bool:
        word = text.lower()
        if word not in _YES and word not in _NO:
            self._reading.wrong(column, f"{text!r} is not yes or no, true or false, y or n, 1 or 0, or empty for no")
        return word in _YES

    def _texts(self, texts: Texts, description: str) -> Texts:
        category = texts.category
        if self._layout.categories is not None and category in self._layout.categories:
            category = self._layout.categories[category]
        if texts.kind != RateKind.OUTBOUND:
            return texts._replace(category=category)
        # The country of an outbound row is a label as well: what is none (a satellite's, say) is left out.
        labels = _label(texts.country), category or _described(description)
        if labels == (texts.country, texts.category):
            return texts
        return texts._replace(country=labels[0], category=labels[1])


@lru_cache(maxsize=4096)
def _label(text: str) -> str:
    country = text.upper()
    return country if _COUNTRY.fullmatch(country) else ""


@lru_cache(maxsize=4096)
def _described(description: str) -> str:
    text = description.lower()
    return next((ours for word, ours in _DESCRIBED if word in text), "")
