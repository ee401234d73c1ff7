"""A provider's price list, read by its layout: several prefixes in a cell, and some rows for some callers only.

Of the rows of a list that share a destination:

- the one for all callers counts: its origin is empty, `ALL`, or `ROW` (the rest of the world);
- one for some callers, whom it names by what their numbers begin with, counts for them, dearer or cheaper;
- one for callers whom no prefix names (`local`) is a condition that we cannot keep: it is left out if it costs no more
  than what is for all, else the dearest counts for all, and somebody is told. Where nothing is for all it is a mistake.
  `dearest_origin` takes all rows for some callers so, and where nothing is for all, the dearest of them;
- two rows for the same callers are a mistake, unless they say the same.

A row for exactly one number counts as a prefix if the number is long enough to be called; an ordinary row of the same
prefix goes first. Those that are left out are counted, so that somebody is told. An X in a prefix is any digit that
other prefixes of the country have there: Canada's `1XXX310` is 310 behind each Canadian area code of the list. A prefix
that is spelled out goes first.
"""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, localcontext
from functools import cache

from gateway.decks import values
from gateway.decks.choice import Choice
from gateway.decks.layouts import Layout
from gateway.decks.list_rows import ListRows
from gateway.decks.reading import ReadDeck, Reading
from gateway.decks.terms import Terms
from gateway.decks.written import price_written
from gateway.domain.money import round_charge

PRODUCT_DIGITS = 100


def read_price_list(content: bytes, layout: Layout, terms: Terms, *, now: datetime | None = None) -> ReadDeck:
    """All rows, or InvalidInput with every mistake."""
    reading = Reading(content, names=layout.columns, price=pricing(layout, terms.markup), any_prefix=terms.any_prefix)
    choice = Choice(reading, is_dearest_taken=terms.dearest_origin)
    for row in ListRows(reading, layout, terms.fill(layout, now=now)):
        choice.offer(row)
    deck = choice.deck()
    reading.require_rows(deck.rows)
    return deck


def pricing(layout: Layout, markup: Decimal | None) -> Callable[[str], Decimal]:
    """What a price's text is worth to us: the provider's price and the operator's margin, rounded once.

    What costs the provider's customer something is never free: a price that would be rounded to 0 is a mistake.
    """
    percent = 100 + (markup or Decimal(0))

    @cache
    def price(text: str) -> Decimal:
        digits, is_hundredths = price_written(text, decimal_mark=layout.decimal_mark)
        cost = values.decimal_of(digits)
        if is_hundredths or layout.hundredths:
            cost = cost.scaleb(-2)
        # With all digits of the product, as a price that was rounded to 28 of them would be rounded twice.
        with localcontext(prec=PRODUCT_DIGITS):
            ours = round_charge((cost * percent).scaleb(-2))
        if cost and not ours:
            raise ValueError(f"{text!r} would be rounded to 0, and so be free")
        return ours

    return price
