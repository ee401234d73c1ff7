"""A provider's price list, read by its layout: several prefixes in a cell, and some rows for some callers only.

A rate of ours is found by the callee alone. So of the rows of a list that share a destination:

- the one for all callers counts: its origin is empty, `ALL`, or `ROW` (the rest of the world). Rows for some callers
  only, which are cheaper as a rule, are passed by;
- a destination that has rows for some callers only is a mistake, as no price covers the others, unless the operator
  chose to take the dearest of them (`dearest_origin`);
- two rows for all callers are a mistake, unless they say the same.

A row for exactly one number counts as a prefix if the number is long enough to be called; an ordinary row of the same
prefix goes first. Those that are left out are counted, so that somebody is told. An X in a prefix is any digit that
other prefixes of the country have there: Canada's `1XXX310` is 310 behind each Canadian area code of the list. A prefix
that is spelled out goes first.
"""

import re
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal, localcontext
from functools import cache
from typing import NamedTuple

from gateway.decks import values
from gateway.decks.layouts import Layout
from gateway.decks.list_rows import ListRow, ListRows
from gateway.decks.reading import ReadDeck, Reading, Texts
from gateway.decks.terms import Terms
from gateway.domain.money import round_charge
from gateway.domain.rates.deck import DeckKey, DeckRow

EXACT_DIGITS_MIN = 7
PRODUCT_DIGITS = 100


class _Pattern(NamedTuple):
    texts: Texts
    line: int


def read_price_list(content: bytes, layout: Layout, terms: Terms, *, now: datetime | None = None) -> ReadDeck:
    """All rows, or InvalidInput with every mistake."""
    reading = Reading(content, names=layout.columns, price=pricing(layout.decimal_mark, terms.markup))
    chosen = _Choice(reading, is_dearest_taken=terms.dearest_origin)
    for row in ListRows(reading, layout, terms.fill(layout, now=now)):
        chosen.offer(row)
    rows = chosen.rows()
    reading.require_rows(rows)
    return ReadDeck(rows=rows, left_out=chosen.left_out)


def pricing(decimal_mark: str, markup: Decimal | None) -> Callable[[str], Decimal]:
    """What a price's text is worth to us: the provider's price and the operator's margin, rounded once.

    What costs the provider's customer something is never free: a price that would be rounded to 0 is a mistake.
    """
    percent = 100 + (markup or Decimal(0))

    @cache
    def price(written: str) -> Decimal:
        text = written
        if decimal_mark != ".":
            if "." in text:
                raise ValueError(f"{text!r} is not an amount like 0{decimal_mark}0270")
            text = text.replace(decimal_mark, ".")
        cost = values.decimal_of(text)
        # With all digits of the product, as a price that was rounded to 28 of them would be rounded twice.
        with localcontext(prec=PRODUCT_DIGITS):
            ours = round_charge((cost * percent).scaleb(-2))
        if cost and not ours:
            raise ValueError(f"{written!r} would be rounded to 0, and so be free")
        return ours

    return price


class _Choice:
    """Of the rows that share a destination, the one that counts."""

    def __init__(self, reading: Reading, *, is_dearest_taken: bool) -> None:
        self.left_out = 0
        self._reading = reading
        self._is_dearest_taken = is_dearest_taken
        self._for_all: dict[DeckKey, DeckRow] = {}
        self._for_some: dict[DeckKey, DeckRow] = {}
        self._for_one: dict[DeckKey, DeckRow] = {}
        self._patterns: list[_Pattern] = []

    def offer(self, offered: ListRow) -> None:
        texts = offered.texts
        is_too_short = offered.is_exact and len(texts.prefix) < EXACT_DIGITS_MIN
        if "X" in texts.prefix:
            self.left_out += is_too_short
            if offered.is_for_all and not is_too_short:
                self._patterns.append(_Pattern(texts, self._reading.line))
            return
        row = self._reading.row(texts)
        if row is None:
            return
        if is_too_short:
            self.left_out += 1
        elif not offered.is_for_all:
            other = self._for_some.setdefault(row.key, row)
            if row.rate.per_minute > other.rate.per_minute:
                self._for_some[row.key] = row
        elif offered.is_exact:
            self._take(row, self._for_one)
        else:
            self._take(row, self._for_all)

    def rows(self) -> list[DeckRow]:
        """The rows that count, when all were offered."""
        self.left_out += len(self._for_one.keys() & self._for_all.keys())
        for key, row in self._for_one.items():
            self._for_all.setdefault(key, row)
        for pattern, prefixes in self._spelled_out():
            self._reading.line = pattern.line
            for prefix in prefixes:
                spelled = self._reading.row(pattern.texts._replace(prefix=prefix))
                if spelled is not None:
                    self._for_all.setdefault(spelled.key, spelled)
        for key, row in self._for_some.items():
            if self._is_dearest_taken:
                self._for_all.setdefault(key, row)
            elif key not in self._for_all:
                what = f"{key.prefix or key.category} has prices for some callers only, so none for the others"
                self._reading.wrong("origin", what, line=row.line)
        return list(self._for_all.values())

    def _take(self, row: DeckRow, rows: dict[DeckKey, DeckRow]) -> None:
        first = rows.setdefault(row.key, row)
        if first is not row and first.rate != row.rate:
            self._reading.twice(row, first_line=first.line)

    def _spelled_out(self) -> list[tuple[_Pattern, list[str]]]:
        by_country: defaultdict[str, list[str]] = defaultdict(list)
        if self._patterns:
            for key, row in self._for_all.items():
                by_country[row.rate.country].append(key.prefix)
        spelled_out = []
        for pattern in self._patterns:
            prefixes = _spell_out(pattern.texts.prefix, by_country[pattern.texts.country])
            if not prefixes:
                what = f"{pattern.texts.prefix!r} stands for none of the country's prefixes"
                self._reading.wrong("prefix", what, line=pattern.line)
            spelled_out.append((pattern, prefixes))
        return spelled_out


def _spell_out(pattern: str, prefixes: list[str]) -> list[str]:
    """What a pattern stands for: its digits behind every beginning, to the last X, that the prefixes have."""
    end = pattern.rindex("X") + 1
    beginning = re.compile(re.escape(pattern[:end]).replace("X", "[0-9]"))
    beginnings = {prefix[:end] for prefix in prefixes if beginning.fullmatch(prefix[:end])}
    return [each + pattern[end:] for each in sorted(beginnings)]
