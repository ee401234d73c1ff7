"""A deck in our own columns, in any order; each row says everything itself."""

from collections.abc import Callable, Iterator, Sequence
from operator import itemgetter
from typing import TypeAlias

from gateway.decks.layouts import KNOWN
from gateway.decks.reading import Reading, Texts
from gateway.domain.rates.deck import DeckKey, DeckRow

# A deck may leave this one out: then all of its rows are for all callers.
_OPTIONAL = "caller_prefixes"
COLUMNS = tuple(name for name in Texts._fields if name != _OPTIONAL)
_Order: TypeAlias = Callable[[Sequence[str]], tuple[str, ...]]


def read_own_columns(content: bytes) -> list[DeckRow]:
    """All rows, or InvalidInput."""
    reading = Reading(content)
    rows = list(_rows(reading))
    reading.require_rows(rows)
    return rows


def _rows(reading: Reading) -> Iterator[DeckRow]:
    records = reading.records()
    header = next(records, None)
    order = _order(reading, header)
    if order is None or header is None:
        return
    first_lines: dict[DeckKey, int] = {}
    for record in records:
        if len(record) != len(header):
            reading.wrong("", f"has {len(record)} columns instead of {len(header)}")
            continue
        row = reading.row(Texts(*map(str.strip, order(record))))
        if row is None:
            continue
        first_line = first_lines.setdefault(row.key, row.line)
        if first_line != row.line:
            reading.twice(row, first_line=first_line)
        yield row


def _order(reading: Reading, header: Sequence[str] | None) -> _Order | None:
    """Where each of our columns stands in the file."""
    if header is None and reading.problems:
        return None
    names = [name.strip() for name in header or ()]
    if sorted(names) in (sorted(COLUMNS), sorted(Texts._fields)):
        return itemgetter(*(names.index(name) for name in Texts._fields if name in names))
    lists = " or ".join(layout.name for layout in KNOWN)
    reading.wrong(
        "", f"the columns must be {','.join(COLUMNS)}, or those of a price list of {lists}; a mapping says others"
    )
    return None
