"""Rate decks: what a new deck does to the rates there are (R5).

A file is the whole deck of each kind and currency that it has rows of; short numbers are a deck by themselves, so that
a price list of long ones says nothing of them. A destination (`DeckKey`) has at most one rate
at any instant. A row of the file takes effect at its `valid_from`, or now if that is past and it replaces another:

- the destination has the same prices from then on already: nothing changes;
- it has others: they end at that instant, also those planned for later, and the new row begins (*changed*);
- it has none: the new row is valid from its `valid_from`, past or not, but never beside an older one (*added*);
- a destination that the file does not have any more ends when the first row of the file's deck of its kind and
  currency takes effect (*removed*).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from gateway.domain.rates.rate import SHORT, DeckRate, RateKind


class Deck(NamedTuple):
    kind: str
    currency: str
    is_short: bool = False


class DeckKey(NamedTuple):
    """What a rate is for. An outbound destination is its prefix and its callers, whatever its country and category.

    Short numbers are those of a country.
    """

    kind: str
    currency: str
    country: str
    category: str
    prefix: str
    caller_prefixes: str = ""

    @property
    def deck(self) -> Deck:
        """The deck that it stands in."""
        return Deck(self.kind, self.currency, self.category == SHORT)


@dataclass(frozen=True, slots=True)
class DeckRow:
    """One row of a file: a rate that is new, what it is for, and the line where it stands."""

    rate: DeckRate
    key: DeckKey
    line: int

    @property
    def valid_from(self) -> datetime:
        return self.rate.valid_from


def key_of(rate: DeckRate) -> DeckKey:
    if rate.kind is not RateKind.OUTBOUND:
        return DeckKey(rate.kind, rate.currency, rate.country, rate.category, "")
    country, category = (rate.country, rate.category) if rate.is_short else ("", "")
    return DeckKey(rate.kind, rate.currency, country, category, rate.prefix, rate.caller_prefixes)


# All that a rate says, labels too, but for when. Whatever of it differs makes a new row.
_says = attrgetter(*(each.name for each in fields(DeckRate) if each.name not in ("id", "valid_from", "valid_until")))


class Change(NamedTuple):
    """What becomes of a destination at an instant: `old` is None where it is added, `new` where it is removed."""

    key: DeckKey
    old: DeckRate | None
    new: DeckRate | None
    at: datetime


class Span(NamedTuple):
    """A row of a file, and from when until when it counts; `until` is None where no other row follows."""

    row: DeckRow
    at: datetime
    until: datetime | None = None


@dataclass(slots=True, kw_only=True)
class Switch:
    """What an import writes: rates to end, each at its instant, and rows to begin, each from when until when."""

    ends: list[tuple[int, datetime]]
    begins: list[Span]
    changes: list[Change]

    @property
    def added(self) -> int:
        return sum(each.old is None for each in self.changes)

    @property
    def changed(self) -> int:
        return sum(each.old is not None and each.new is not None for each in self.changes)

    @property
    def removed(self) -> int:
        return sum(each.new is None for each in self.changes)


def plan_switch(
    rows: Sequence[DeckRow],
    stored: Mapping[DeckKey, Sequence[DeckRate]],
    over: Mapping[DeckKey, datetime],
    *,
    now: datetime,
) -> Switch:
    """What a file changes: `stored` are the rates of its decks not over by now, `over` when others' last one ended."""
    switch = Switch(ends=[], begins=[], changes=[])
    present: dict[DeckKey, list[DeckRow]] = {}
    for row in rows:
        present.setdefault(row.key, []).append(row)
    for key, its_own in present.items():
        _place(its_own, stored.get(key, ()), over.get(key), switch, now=now)
    effect = _first_effects(rows, now=now)
    for key, rates in stored.items():
        if key not in present:
            at = effect.get(key.deck, now)
            if ended := _end(rates, at, switch):
                switch.changes.append(Change(key, _first(ended), None, at))
    return switch


def decks_of(rows: Iterable[DeckRow]) -> set[Deck]:
    return {row.key.deck for row in rows}


def _place(
    rows: Sequence[DeckRow], rates: Sequence[DeckRate], over: datetime | None, switch: Switch, *, now: datetime
) -> None:
    """Let the rows of a destination count, in the order of their instants."""
    since = now if rates else over
    spans = _spans(rows, since)
    affected = _after(rates, spans[0].at)
    if len(affected) == len(spans) and all(map(_goes_on_as, affected, spans)):
        return
    old = _first(affected) if affected else None
    begun = spans[1:] if affected and _lasts(affected[0], spans[0]) else spans
    _end(affected, begun[0].at, switch)
    for span in begun:
        switch.begins.append(span)
        switch.changes.append(Change(span.row.key, old, span.row.rate, span.at))
        old = span.row.rate


def _spans(rows: Sequence[DeckRow], since: datetime | None) -> list[Span]:
    """From when until when each row counts, those that are over at an instant left out."""
    in_order = sorted(rows, key=lambda row: row.valid_from)
    ends: list[datetime | None] = [*(row.valid_from for row in in_order[1:]), None]
    spans = (
        Span(row, row.valid_from if since is None else max(row.valid_from, since), until)
        for row, until in zip(in_order, ends, strict=True)
    )
    return [span for span in spans if span.until is None or span.until > span.at]


def _lasts(rate: DeckRate, span: Span) -> bool:
    """Whether a rate need only end later, when the row that it already is ends."""
    return span.until is not None and _begins_as(rate, span) and (rate.valid_until or span.until) >= span.until


def _goes_on_as(rate: DeckRate, span: Span) -> bool:
    return _begins_as(rate, span) and rate.valid_until == span.until


def _begins_as(rate: DeckRate, span: Span) -> bool:
    return _says(rate) == _says(span.row.rate) and rate.valid_from <= span.at


def _end(rates: Sequence[DeckRate], at: datetime, switch: Switch) -> Sequence[DeckRate]:
    """End what is valid after an instant; a rate that has not begun by then will never be valid."""
    ending = _after(rates, at)
    switch.ends += [(rate.id, max(rate.valid_from, at)) for rate in ending]
    return ending


def _after(rates: Sequence[DeckRate], at: datetime) -> Sequence[DeckRate]:
    after = [rate for rate in rates if rate.valid_until is None or rate.valid_until > at]
    return sorted(after, key=lambda rate: rate.valid_from)


def _first(rates: Sequence[DeckRate]) -> DeckRate:
    return min(rates, key=lambda rate: rate.valid_from)


def _first_effects(rows: Sequence[DeckRow], *, now: datetime) -> dict[Deck, datetime]:
    first: dict[Deck, datetime] = {}
    for row in rows:
        deck = row.key.deck
        first[deck] = min(first.get(deck, row.valid_from), row.valid_from)
    return {deck: max(at, now) for deck, at in first.items()}
