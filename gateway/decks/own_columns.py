"""A deck in our own columns, in any order; each row says everything itself."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from operator import itemgetter
from typing import TypeAlias

from gateway.decks.headers import find_header, fit, is_note
from gateway.decks.layouts import KNOWN
from gateway.decks.reading import Reading, Texts
from gateway.domain.rates.deck import DeckKey, DeckRow

# A deck may leave this one out: then all of its rows are for all callers.
_OPTIONAL = "caller_prefixes"
COLUMNS = tuple(name for name in Texts._fields if name != _OPTIONAL)
_Order: TypeAlias = Callable[[Sequence[str]], tuple[str, ...]]


def are_own(names: Sequence[str]) -> bool:
    """Whether a header, in plain names, is ours."""
    return sorted(filter(None, names)) in (sorted(COLUMNS), sorted(Texts._fields))


def read_own_columns(content: bytes, *, delimiter: str = ",", any_prefix: bool = False) -> list[DeckRow]:
    """All rows, or InvalidInput."""
    reading = Reading(content, any_prefix=any_prefix)
    rows = list(_rows(reading, delimiter))
    reading.require_rows(rows)
    return rows


def _rows(reading: Reading, delimiter: str) -> Iterator[DeckRow]:
    header, records = find_header(reading.records(delimiter=delimiter), are_own)
    order = _order(reading, header)
    if order is None:
        return
    first_lines: dict[tuple[DeckKey, datetime], int] = {}
    for line in records:
        record = fit(line, len(header))
        if is_note(record):
            continue
        if len(record) != len(header):
            reading.wrong("", f"has {len(record)} columns instead of {len(header)}")
            continue
        row = reading.row(_texts(order(record)))
        if row is None:
            continue
        first_line = first_lines.setdefault((row.key, row.valid_from), row.line)
        if first_line != row.line:
            reading.twice(row, first_line=first_line)
        yield row


def _texts(cells: Sequence[str]) -> Texts:
    """Countries are known in small letters as well."""
    texts = Texts(*map(str.strip, cells))
    return texts if texts.country.isupper() else texts._replace(country=texts.country.upper())


def _order(reading: Reading, names: Sequence[str]) -> _Order | None:
    """Where each of our columns stands in the file."""
    if reading.problems:
        return None
    if are_own(names):
        return itemgetter(*(names.index(name) for name in Texts._fields if name in names))
    lists = " or ".join(layout.name for layout in KNOWN)
    what = f"the columns must be {','.join(COLUMNS)}, or those of a price list of {lists}; a mapping says others"
    reading.wrong("", what, line=1)
    return None
