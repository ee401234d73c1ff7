"""Read a rate deck: CSV in, rows out, or every mistake by its line and column and no row at all (R5).

A file is recognised by its header: our own columns (`own_columns`), or the price list that a provider gives its
customers (`layouts`). A list whose header is not known is read by a mapping file that says what its columns are.
"""

from collections.abc import Sequence
from datetime import datetime

from gateway.decks.layouts import KNOWN, Layout
from gateway.decks.mapping import read_mapping
from gateway.decks.own_columns import COLUMNS, read_own_columns
from gateway.decks.price_list import read_price_list
from gateway.decks.reading import ReadDeck, Reading
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
    layout = read_mapping(mapping) if mapping is not None else _recognised(content)
    if layout is not None:
        return read_price_list(content, layout, terms, now=now)
    if terms.given:
        raise InvalidInput(f"{terms.given[0]}: is for price lists of providers, and this is none whose header is known")
    return ReadDeck(rows=read_own_columns(content))


def _recognised(content: bytes) -> Layout | None:
    """The provider's layout that a header is; None: our own columns, or nothing we know."""
    header = _header(content)
    return next((layout for layout in KNOWN if layout.fits(header)), None)


def _header(content: bytes) -> Sequence[str]:
    return next(Reading(content.partition(b"\n")[0]).records(), [])
