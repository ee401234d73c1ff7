"""Read a rate deck: CSV in, rows out, or every mistake by its line and column and no row at all (R5).

A file is recognised by its header: our own columns (`own_columns`), or the price list that a provider gives its
customers (`layouts`). A list whose header is not known is read by a mapping file that says what its columns are.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from gateway.decks.headers import SEARCHED_LINES, plain
from gateway.decks.layouts import KNOWN, Layout
from gateway.decks.mapping import read_mapping
from gateway.decks.own_columns import COLUMNS, are_own, read_own_columns
from gateway.decks.price_list import read_price_list
from gateway.decks.reading import ReadDeck, Reading
from gateway.decks.tables import DELIMITERS
from gateway.decks.terms import Terms
from gateway.domain.errors import InvalidInput

__all__ = ("COLUMNS", "ReadDeck", "Terms", "read_deck")
_NO_TERMS = Terms()


def read_deck(
    content: bytes, terms: Terms = _NO_TERMS, *, mapping: bytes | None = None, now: datetime | None = None
) -> ReadDeck:
    """All rows, or InvalidInput with a line for each mistake, fifty at most.

    `terms` are what a price list of a provider does not say; `mapping` is the text of a mapping file (TOML); `now` is
    from when a list is valid that nobody said it of.
    """
    if mapping is not None:
        return read_price_list(content, read_mapping(mapping), terms, now=now)
    layout, delimiter = recognise(content)
    if layout is not None:
        return read_price_list(content, layout, terms, now=now)
    if terms.given:
        raise InvalidInput(f"{terms.given[0]}: is for price lists of providers, and this is none whose header is known")
    return ReadDeck(rows=read_own_columns(content, delimiter=delimiter, any_prefix=terms.any_prefix))


def recognise(content: bytes) -> tuple[Layout | None, str]:
    """The provider's layout that a header is, and the separator; None: our own columns, or nothing we know."""
    for delimiter in DELIMITERS:
        for names in _beginning(content, delimiter):
            if are_own(names):
                return None, delimiter
            if layout := next((layout for layout in KNOWN if layout.is_of(names)), None):
                return replace(layout, delimiter=delimiter), delimiter
    return None, DELIMITERS[0]


def _beginning(content: bytes, delimiter: str) -> Iterator[list[str]]:
    """The lines among which a header may be, in plain names."""
    records = Reading(content).records(delimiter=delimiter)
    return ([plain(name) for name in record] for record in islice(records, SEARCHED_LINES))
