"""The lines of a provider's list as rows in our own columns, one for each prefix."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache, partial
from typing import NamedTuple, TypeAlias

from gateway.decks.headers import find_header, fit, is_note, number_columns, plain
from gateway.decks.layouts import Layout
from gateway.decks.prefixes import complete, prefixes_of
from gateway.decks.reading import Reading, Texts
from gateway.decks.tables import DELIMITERS
from gateway.decks.written import date_written, intervals_written, require_currency_of, seconds_written
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
        layout, reading = self._layout, self._reading
        header, records = self._table()
        if reading.problems or self._misses(header):
            return
        cells = [self._cell(name, header) for name in Texts._fields]
        extra = [self._cell(name, header) for name in ("origin", "exact", "description", "intervals")]
        before = [header.index(plain(name)) for name in layout.before_prefix]
        for line in records:
            record = fit(line, len(header))
            if is_note(record):
                continue
            if len(record) != len(header):
                reading.wrong("", f"has {len(record)} columns instead of {len(header)}")
                continue
            origin, exact, description, intervals = (cell(record) for cell in extra)
            texts = self._texts(Texts._make([cell(record) for cell in cells]), description, intervals)
            if layout.leaves_out_unpriced and not texts.per_minute:
                continue
            self._require_currency(texts)
            beginning = "".join(record[at].strip().removeprefix("+") for at in before)
            yield from self._rows(texts, origin, is_exact=self._is_yes("exact", exact), beginning=beginning)

    def _table(self) -> tuple[list[str], Iterator[list[str]]]:
        layout = self._layout
        records = self._reading.records(delimiter=layout.delimiter, sheet=layout.sheet)
        if layout.has_header:
            return find_header(records, lambda names: not layout.missing(names))
        return number_columns(records)

    def _misses(self, header: Sequence[str]) -> bool:
        """Whether columns are missing, which is noted."""
        missing = self._layout.missing(header)
        if missing:
            what = f"the columns of {self._layout.name} must be there once: {', '.join(missing)}"
            separators = [each for each in DELIMITERS if len(header) == 1 and each in header[0]]
            said = f"the separator is {separators[0]!r}: say so by `delimiter` in the mapping" if separators else what
            self._reading.wrong("", said, line=1)
        return bool(missing)

    def _rows(self, texts: Texts, origin: str, *, is_exact: bool, beginning: str) -> Iterator[ListRow]:
        """A row for each prefix of a line."""
        layout = self._layout
        is_for_all = origin in layout.for_all
        if texts.kind != RateKind.OUTBOUND:
            yield ListRow(texts, is_for_all, is_exact=False)
            return
        if not is_for_all and _NUMBERS.fullmatch(origin):
            texts = texts._replace(caller_prefixes=origin)
        beginning = layout.prepend + beginning
        expand = partial(prefixes_of, separator=layout.prefix_separator, is_whole=not beginning and not layout.nanp)
        for prefix in self._reading.convert("prefix", texts.prefix, expand) or ():
            whole = complete(prefix, beginning=beginning, is_nanp=layout.nanp)
            yield ListRow(texts._replace(prefix=whole), is_for_all, is_exact)

    def _cell(self, name: str, header: Sequence[str]) -> _Cell:
        """What gives the text of one of our columns."""
        theirs = self._layout.columns.get(name)
        if theirs is None:
            fixed = self._fixed.get(name, "")
            return lambda _: fixed
        at = header.index(plain(theirs))
        return lambda record: record[at].strip()

    def _require_currency(self, texts: Texts) -> None:
        for column, price in (("per_minute", texts.per_minute), ("connection_fee", texts.connection_fee)):
            if price and not (price[0].isdigit() and price[-1].isdigit()):
                self._reading.convert(column, price, lambda text: require_currency_of(text, texts.currency))

    def _is_yes(self, column: str, text: str) -> bool:
        word = text.lower()
        if word not in _YES and word not in _NO:
            self._reading.wrong(column, f"{text!r} is not yes or no, true or false, y or n, 1 or 0, or empty for no")
        return word in _YES

    def _texts(self, texts: Texts, description: str, intervals: str) -> Texts:
        category = texts.category
        if self._layout.categories is not None and category in self._layout.categories:
            category = self._layout.categories[category]
        texts = self._times(texts, intervals)
        if texts.kind != RateKind.OUTBOUND:
            return texts._replace(category=category, country=texts.country.upper())
        # The country of an outbound row is a label as well: what is none (a satellite's, say) is left out.
        labels = _label(texts.country), category or _described(description)
        if labels == (texts.country, texts.category):
            return texts
        return texts._replace(country=labels[0], category=labels[1])

    def _times(self, texts: Texts, intervals: str) -> Texts:
        """With intervals and dates as our own decks write them."""
        layout, reading = self._layout, self._reading
        if "intervals" in layout.columns:
            first, increment = reading.convert("intervals", intervals, intervals_written) or ("", "")
            texts = texts._replace(first_interval_s=first, increment_s=increment)
        elif texts.first_interval_s or texts.increment_s:
            first, increment = seconds_written(texts.first_interval_s), seconds_written(texts.increment_s)
            texts = texts._replace(first_interval_s=first, increment_s=increment)
        if layout.date_format is None and layout.time_zone is None:
            return texts
        written = partial(date_written, date_format=layout.date_format, zone=layout.time_zone)
        return texts._replace(valid_from=reading.convert("valid_from", texts.valid_from, written) or texts.valid_from)


@lru_cache(maxsize=4096)
def _label(text: str) -> str:
    country = text.upper()
    return country if _COUNTRY.fullmatch(country) else ""


@lru_cache(maxsize=4096)
def _described(description: str) -> str:
    text = description.lower()
    return next((ours for word, ours in _DESCRIBED if word in text), "")
