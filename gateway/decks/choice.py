"""Of the rows of a list that share a destination, those that count (see `price_list`)."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from gateway.decks.list_rows import ListRow
from gateway.decks.patterns import Pattern, spell_out
from gateway.decks.reading import ReadDeck, Reading
from gateway.domain.rates.deck import DeckKey, DeckRow
from gateway.domain.rates.rate import DeckRate

EXACT_DIGITS_MIN = 7
_PARTS = ("per_minute", "connection_fee", "first_interval_s", "increment_s")


class _At(NamedTuple):
    """A destination from an instant on: a list may say its present and its next price."""

    key: DeckKey
    valid_from: datetime


class Choice:
    """Takes the rows of a list one by one; what contradicts itself is noted in its reading."""

    def __init__(self, reading: Reading, *, is_dearest_taken: bool) -> None:
        self._reading = reading
        self._is_dearest_taken = is_dearest_taken
        self._ordinary: dict[_At, DeckRow] = {}
        self._for_one: dict[_At, DeckRow] = {}
        self._for_some: list[DeckRow] = []
        self._patterns: list[Pattern] = []
        self._left_out = 0

    def offer(self, offered: ListRow) -> None:
        texts = offered.texts
        is_too_short = offered.is_exact and len(texts.prefix) < EXACT_DIGITS_MIN
        if "X" in texts.prefix:
            self._left_out += is_too_short
            if not is_too_short:
                self._patterns.append(Pattern(offered, self._reading.line))
            return
        row = self._reading.row(texts)
        if row is None:
            return
        if is_too_short:
            self._left_out += 1
        elif not self._is_kept(offered):
            self._for_some.append(row)
        elif offered.is_exact:
            self._take(row, self._for_one)
        else:
            self._take(row, self._ordinary)

    def deck(self) -> ReadDeck:
        """What counts, when all rows were offered."""
        self._left_out += len(self._for_one.keys() & self._ordinary.keys())
        for at, row in self._for_one.items():
            self._ordinary.setdefault(at, row)
        self._spell_out()
        warnings = self._settle() if self._for_some else ()
        return ReadDeck(rows=list(self._ordinary.values()), left_out=self._left_out, warnings=warnings)

    def _is_kept(self, offered: ListRow) -> bool:
        """Whether a row is for all callers, or for those whom it names by their prefixes."""
        return offered.is_for_all or bool(offered.texts.caller_prefixes and not self._is_dearest_taken)

    def _take(self, row: DeckRow, rows: dict[_At, DeckRow]) -> None:
        first = rows.setdefault(_At(row.key, row.valid_from), row)
        if first is not row and first.rate != row.rate:
            self._reading.twice(row, first_line=first.line)

    def _spell_out(self) -> None:
        for pattern, prefixes in list(spell_out(self._patterns, self._ordinary.values())):
            self._reading.line = pattern.line
            texts = pattern.row.texts
            if not prefixes and self._is_kept(pattern.row):
                self._reading.wrong("prefix", f"{texts.prefix!r} stands for none of the country's prefixes")
            for prefix in prefixes:
                row = self._reading.row(texts._replace(prefix=prefix))
                if row is not None and self._is_kept(pattern.row):
                    self._ordinary.setdefault(_At(row.key, row.valid_from), row)
                elif row is not None:
                    self._for_some.append(row)

    def _settle(self) -> tuple[str, ...]:
        """Of callers whom no prefix names the dearest counts for all; the shorter prefixes first."""
        cheaper = dearer = 0
        destinations = _Destinations(self._ordinary)
        for row in sorted(map(_for_all, self._for_some), key=lambda row: len(row.key.prefix)):
            bases = destinations.nearest(row.key)
            if not bases and not self._is_dearest_taken:
                what = f"{row.key.prefix or row.key.category} has prices for some callers only, so none for the others"
                self._reading.wrong("origin", what, line=row.line)
            elif bases and not any(_is_dearer(row.rate, base.rate) for base in bases):
                cheaper += 1
            else:
                dearer += bool(bases)
                destinations.raise_to(row, bases)
        said = (
            (cheaper, "that cost no more than those for all, and are left out"),
            (dearer, "that cost more than those for all, so that the dearest counts for all"),
        )
        return tuple(f"rows for some callers {what}: {number}" for number, what in said if number)


class _Destinations:
    """The rows for all callers, found by what they are for."""

    def __init__(self, rows: dict[_At, DeckRow]) -> None:
        self._rows = rows
        self._by_key: dict[DeckKey, list[_At]] = {}
        for at in rows:
            self._by_key.setdefault(at.key, []).append(at)

    def nearest(self, key: DeckKey) -> list[DeckRow]:
        """The rows that count for a destination where it has none of its own: those of the longest prefix."""
        for end in range(len(key.prefix), -1, -1):
            if found := self._by_key.get(key._replace(prefix=key.prefix[:end])):
                return [self._rows[at] for at in found]
        return []

    def raise_to(self, row: DeckRow, bases: list[DeckRow]) -> None:
        """Let a destination cost as much as a row says, and no less than it would without it."""
        own = [base for base in bases if base.key == row.key]
        for base in own:
            self._rows[_At(base.key, base.valid_from)] = replace(base, rate=_dearest(base.rate, row.rate))
        if not own:
            at = _At(row.key, row.valid_from)
            self._rows[at] = replace(row, rate=_dearest(row.rate, *(base.rate for base in bases)))
            self._by_key.setdefault(row.key, []).append(at)


def _for_all(row: DeckRow) -> DeckRow:
    return replace(row, rate=replace(row.rate, caller_prefixes=""), key=row.key._replace(caller_prefixes=""))


def _is_dearer(rate: DeckRate, other: DeckRate) -> bool:
    """Whether any call may cost more by it."""
    return any(getattr(rate, part) > getattr(other, part) for part in _PARTS)


def _dearest(rate: DeckRate, *others: DeckRate) -> DeckRate:
    """A rate by which no call costs less than by any of these: the highest of each part of a price."""
    return replace(rate, **{part: max(getattr(each, part) for each in (rate, *others)) for part in _PARTS})
