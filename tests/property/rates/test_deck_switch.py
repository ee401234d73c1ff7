"""Whatever decks are imported in whatever order, a destination has one price at most, and the newest deck decides."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.rates.deck import DeckKey, DeckRow, key_of, plan_switch
from gateway.domain.rates.rate import NEW, DeckRate, RateKind

START = datetime(2026, 1, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return START + timedelta(days=number)


@dataclass
class Rates:
    """What the table of rates does, in memory."""

    rates: dict[int, tuple[DeckKey, DeckRate]] = field(default_factory=dict)

    def load(self, rows: list[DeckRow], *, now: datetime) -> tuple[int, int, int]:
        stored: dict[DeckKey, list[DeckRate]] = {}
        over: dict[DeckKey, datetime] = {}
        for key, rate in self.rates.values():
            if rate.valid_until is None or (rate.valid_until > now and rate.valid_until > rate.valid_from):
                stored.setdefault(key, []).append(rate)
            elif rate.valid_until > rate.valid_from:
                over[key] = max(over.get(key, rate.valid_until), rate.valid_until)
        switch = plan_switch(rows, stored, over, now=now)
        for rate_id, at in switch.ends:
            key, rate = self.rates[rate_id]
            self.rates[rate_id] = (key, replace(rate, valid_until=at))
        for row, at, until in switch.begins:
            rate_id = len(self.rates)
            self.rates[rate_id] = (row.key, replace(row.rate, id=rate_id, valid_from=at, valid_until=until))
        return switch.added, switch.changed, switch.removed

    def prices_at(self, key: DeckKey, at: datetime) -> list[Decimal]:
        return [
            rate.per_minute
            for each, rate in self.rates.values()
            if each == key and rate.valid_from <= at and (rate.valid_until is None or rate.valid_until > at)
        ]


KEYS = [DeckKey("outbound", "USD", "", "", prefix) for prefix in ("1", "2", "3")]


def row_of(key: DeckKey, price: int, begins: int, line: int) -> DeckRow:
    rate = DeckRate(
        id=NEW,
        kind=RateKind.OUTBOUND,
        currency=key.currency,
        country="",
        category="",
        prefix=key.prefix,
        per_minute=Decimal(price),
        connection_fee=Decimal(),
        first_interval_s=60,
        increment_s=60,
        valid_from=day(begins),
    )
    return DeckRow(rate, key_of(rate), line)


def rows_of(deck: dict[DeckKey, tuple[int, int]]) -> list[DeckRow]:
    return [row_of(key, price, begins, line) for line, (key, (price, begins)) in enumerate(deck.items(), start=2)]


decks = st.dictionaries(st.sampled_from(KEYS), st.tuples(st.integers(1, 3), st.integers(0, 12)), min_size=1)


@given(st.lists(st.tuples(st.integers(0, 3), decks), min_size=1, max_size=6))
def test_r5_a_destination_has_one_price_at_most_and_the_newest_deck_decides_from_its_date(imports):
    rates, today = Rates(), 0
    for later, deck in imports:
        today += later
        rates.load(rows_of(deck), now=day(today))
        for key in KEYS:
            counts = [len(rates.prices_at(key, day(each))) for each in range(30)]
            assert max(counts) <= 1
            if key in deck:
                price, begins = deck[key]
                assert all(rates.prices_at(key, day(each)) == [price] for each in range(max(begins, today), 30))
            else:
                gone = max(today, min(begins for _, begins in deck.values()))
                assert not any(counts[gone:])


@given(st.lists(st.tuples(st.integers(0, 3), decks), min_size=1, max_size=4), decks)
def test_r5_the_past_is_never_changed(imports, last):
    rates, today = Rates(), 0
    for later, deck in imports:
        today += later
        rates.load(rows_of(deck), now=day(today))
    known = {(key, each): rates.prices_at(key, day(each)) for key in KEYS for each in range(today)}

    rates.load(rows_of(last), now=day(today))

    for (key, each), prices in known.items():
        assert not prices or rates.prices_at(key, day(each)) == prices


@given(st.integers(0, 12), decks)
def test_r5_a_deck_loaded_again_changes_nothing(today, deck):
    rates = Rates()
    rates.load(rows_of(deck), now=day(today))

    assert rates.load(rows_of(deck), now=day(today)) == (0, 0, 0)
    assert rates.load(rows_of(deck), now=day(today + 1)) == (0, 0, 0)
