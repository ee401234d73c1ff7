"""The rates of calls as they were last read, in little memory: many rows of a deck differ in their prefixes alone."""

from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum, auto
from typing import Final

from gateway.domain.phone import is_e164
from gateway.domain.rates.rate import DeckRate, RateKind


class Unsure(Enum):
    """Which rate is for a call cannot be told from its callee alone."""

    UNSURE = auto()


UNSURE: Final = Unsure.UNSURE


@dataclass(frozen=True, slots=True)
class _Terms:
    """What many outbound rates have in common."""

    currency: str
    country: str
    category: str
    caller_prefixes: str
    valid_from: datetime
    valid_until: datetime | None


class _Columns:
    """Outbound rates by their places, in columns: an object for each takes several times the memory."""

    def __init__(self) -> None:
        self._ids, self._intervals, self._increments = array("q"), array("H"), array("H")
        self._prices: list[Decimal] = []
        self._fees: list[Decimal] = []
        self._terms: list[_Terms] = []
        # Each only once.
        self._amounts: dict[Decimal, Decimal] = {}
        self._known: dict[_Terms, _Terms] = {}

    def add(self, rate: DeckRate) -> int:
        """Keep a rate; its place."""
        price, fee = rate.per_minute, rate.connection_fee
        self._ids.append(rate.id)
        self._prices.append(self._amounts.setdefault(price, price))
        self._fees.append(self._amounts.setdefault(fee, fee))
        self._intervals.append(rate.first_interval_s)
        self._increments.append(rate.increment_s)
        terms = _Terms(
            rate.currency, rate.country, rate.category, rate.caller_prefixes, rate.valid_from, rate.valid_until
        )
        self._terms.append(self._known.setdefault(terms, terms))
        return len(self._ids) - 1

    def rate(self, place: int, prefix: str) -> DeckRate:
        terms = self._terms[place]
        return DeckRate(
            id=self._ids[place],
            kind=RateKind.OUTBOUND,
            currency=terms.currency,
            prefix=prefix,
            per_minute=self._prices[place],
            connection_fee=self._fees[place],
            first_interval_s=self._intervals[place],
            increment_s=self._increments[place],
            caller_prefixes=terms.caller_prefixes,
            country=terms.country,
            category=terms.category,
            valid_from=terms.valid_from,
            valid_until=terms.valid_until,
        )


class KnownRates:
    """A snapshot of the rates of calls in some currencies."""

    def __init__(self, rates: Iterable[DeckRate] = ()) -> None:
        self._columns = _Columns()
        # Their places by currency, and by the country whose short numbers they are for, if any; then by prefix.
        self._outbound: defaultdict[tuple[str, str | None], dict[int, int | tuple[int, ...]]] = defaultdict(dict)
        self._inbound: list[DeckRate] = []
        self.add(rates)

    def add(self, rates: Iterable[DeckRate]) -> None:
        for rate in rates:
            if rate.kind is RateKind.OUTBOUND:
                self._add_outbound(rate)
            else:
                self._inbound.append(rate)

    def of_callee(self, currency: str, callee: str, *, country: str, at: datetime) -> DeckRate | None:
        """The row of the longest prefix, as a start has it otherwise; of a short number, one for the line's country.

        Which number will be shown is not known here, so what is for some callers counts where it is dearer.
        """
        for_some: list[DeckRate] = []
        for valid in self._valid(currency, callee, country=country, at=at):
            for_all = _newest([each for each in valid if not each.caller_prefixes])
            for_some += [each for each in valid if each.caller_prefixes]
            if for_all is not None:
                return max((for_all, *for_some), key=lambda rate: rate.per_minute)
        return max(for_some, key=lambda rate: rate.per_minute, default=None)

    def only_of_callee(self, currency: str, callee: str, *, at: datetime) -> DeckRate | Unsure | None:
        """The row of the longest prefix of a number, whoever calls; UNSURE where that depends on the caller."""
        for valid in self._valid(currency, callee, country="", at=at):
            return UNSURE if any(each.caller_prefixes for each in valid) else _newest(valid)
        return None

    def of_line(self, currency: str, country: str, category: str, *, at: datetime) -> DeckRate | None:
        """The row for what comes in on a line, the nearest to its country and category."""
        fitting = [
            rate
            for rate in self._inbound
            if rate.currency == currency
            and rate.country in ("", country)
            and rate.category in ("", category)
            and rate.is_valid_at(at)
        ]
        nearest = max(((bool(rate.country), bool(rate.category)) for rate in fitting), default=None)
        return _newest([rate for rate in fitting if (bool(rate.country), bool(rate.category)) == nearest])

    def _add_outbound(self, rate: DeckRate) -> None:
        place, code = self._columns.add(rate), _code(rate.prefix)
        places = self._outbound[rate.currency, rate.country if rate.is_short else None]
        before = places.get(code)
        if before is None:
            places[code] = place
        else:
            places[code] = (*before, place) if isinstance(before, tuple) else (before, place)

    def _valid(self, currency: str, callee: str, *, country: str, at: datetime) -> Iterator[list[DeckRate]]:
        """The rows that are valid for a callee, prefix by prefix, the longest first."""
        plan, digits = (None, callee[1:]) if is_e164(callee) else (country, callee)
        places = self._outbound.get((currency, plan))
        if places is None:
            return
        for end in range(len(digits), 0, -1):
            found = places.get(_code(digits[:end]))
            if found is not None:
                rates = [self._columns.rate(place, digits[:end]) for place in _each(found)]
                if valid := [rate for rate in rates if rate.is_valid_at(at)]:
                    yield valid


def _code(prefix: str) -> int:
    """A prefix as a number, which takes less than half of the memory; the first digit keeps its zeros."""
    return int("1" + prefix)


def _each(places: int | tuple[int, ...]) -> tuple[int, ...]:
    return places if isinstance(places, tuple) else (places,)


def _newest(rates: Sequence[DeckRate]) -> DeckRate | None:
    return max(rates, key=lambda rate: (rate.valid_from, rate.id), default=None)
