"""What a new deck does to the rates there are: adds, changes, removes, or leaves as they are (R5)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.domain.rates.deck import Change, Deck, DeckKey, DeckRow, Span, Switch, decks_of, key_of, plan_switch
from gateway.domain.rates.rate import NEW, DeckRate, RateKind

NOW = datetime(2026, 1, 10, tzinfo=UTC)
DAY = timedelta(days=1)
BEFORE = NOW - 5 * DAY
SOON = NOW + 2 * DAY
LATER = NOW + 5 * DAY


def deck_rate(prefix: str = "44", cents: int = 1, *, rate_id: int = NEW, since: datetime = BEFORE) -> DeckRate:
    return DeckRate(
        id=rate_id,
        kind=RateKind.OUTBOUND,
        currency="USD",
        country="GB",
        category="mobile",
        prefix=prefix,
        per_minute=Decimal(cents) / 100,
        connection_fee=Decimal(),
        first_interval_s=60,
        increment_s=60,
        valid_from=since,
    )


def row(rate: DeckRate, line: int = 2) -> DeckRow:
    return DeckRow(rate, key_of(rate), line)


def switch_to(row: DeckRow, *stored: DeckRate, over: datetime | None = None, gone: tuple[DeckRate, ...] = ()) -> Switch:
    rates = {row.key: stored} if stored else {}
    rates |= {key_of(rate): (rate,) for rate in gone}
    return plan_switch([row], rates, {} if over is None else {row.key: over}, now=NOW)


def counts(switch: Switch) -> tuple[int, int, int]:
    return switch.added, switch.changed, switch.removed


def test_r5_a_destination_without_a_rate_is_added_from_its_date_past_or_not() -> None:
    added = row(deck_rate(since=BEFORE))
    switch = switch_to(added)

    assert switch.begins == [Span(added, BEFORE)]
    assert switch.ends == []
    assert counts(switch) == (1, 0, 0)


@pytest.mark.parametrize(("over", "begins"), [(BEFORE + DAY, BEFORE + DAY), (BEFORE - DAY, BEFORE)])
def test_r5_an_added_rate_is_never_valid_beside_an_older_one(over: datetime, begins: datetime) -> None:
    added = row(deck_rate(since=BEFORE))

    assert switch_to(added, over=over).begins == [Span(added, begins)]


@pytest.mark.parametrize(("since", "at"), [(BEFORE, NOW), (SOON, SOON)])
def test_r5_another_price_ends_the_old_one_from_its_date_or_now(since: datetime, at: datetime) -> None:
    old, new = deck_rate(rate_id=7), row(deck_rate(cents=2, since=since))
    switch = switch_to(new, old)

    assert switch.ends == [(7, at)]
    assert switch.begins == [Span(new, at)]
    assert switch.changes == [Change(new.key, old, new.rate, at)]
    assert counts(switch) == (0, 1, 0)


def test_r5_what_was_planned_for_later_ends_before_it_begins() -> None:
    current = replace(deck_rate(rate_id=7), valid_until=LATER)
    planned = deck_rate(cents=3, rate_id=8, since=LATER)
    switch = switch_to(row(deck_rate(cents=2, since=SOON)), planned, current)

    assert sorted(switch.ends) == [(7, SOON), (8, LATER)]
    assert switch.changes[0].old == current


def test_r5_the_same_prices_from_the_same_day_or_earlier_change_nothing() -> None:
    switch = switch_to(row(deck_rate(since=SOON)), deck_rate(rate_id=7))

    assert (switch.begins, switch.ends, switch.changes) == ([], [], [])
    assert switch_to(row(deck_rate(since=SOON)), deck_rate(rate_id=7, since=SOON)).changes == []


@pytest.mark.parametrize(
    "stored", [deck_rate(rate_id=7, since=LATER), replace(deck_rate(rate_id=7), valid_until=LATER)]
)
def test_r5_the_same_prices_that_begin_later_or_end_are_replaced(stored: DeckRate) -> None:
    assert counts(switch_to(row(deck_rate(since=SOON)), stored)) == (0, 1, 0)


def test_r5_a_rate_that_ends_when_the_new_one_begins_is_left_alone() -> None:
    ending = replace(deck_rate(rate_id=7), valid_until=SOON)
    new = row(deck_rate(cents=2, since=SOON))
    switch = switch_to(new, ending)

    assert switch.ends == []
    assert switch.begins == [Span(new, SOON)]


@pytest.mark.parametrize(("since", "at"), [(BEFORE, NOW), (SOON, SOON)])
def test_r5_a_destination_that_the_file_has_no_more_ends_when_its_deck_takes_effect(
    since: datetime, at: datetime
) -> None:
    gone = deck_rate("49", rate_id=9)
    switch = switch_to(row(deck_rate(since=since)), gone=(gone,))

    assert switch.ends == [(9, at)]
    assert switch.changes[-1] == Change(key_of(gone), gone, None, at)
    assert counts(switch) == (1, 0, 1)


def test_r5_a_deck_takes_effect_with_the_first_of_its_rows() -> None:
    rows = [row(deck_rate("44", since=LATER)), row(deck_rate("33", since=SOON), 3)]
    gone = deck_rate("49", rate_id=9)

    assert plan_switch(rows, {key_of(gone): (gone,)}, {}, now=NOW).ends == [(9, SOON)]


def test_r5_a_destination_that_is_over_by_then_is_not_removed_again() -> None:
    over = replace(deck_rate("49", rate_id=9), valid_until=SOON)

    assert switch_to(row(deck_rate(since=SOON)), gone=(over,)).changes[1:] == []


def test_r5_an_outbound_destination_is_its_prefix_and_any_other_its_country_and_category() -> None:
    outbound = deck_rate("44")
    inbound = replace(outbound, kind=RateKind.INBOUND)

    assert key_of(outbound) == DeckKey("outbound", "USD", "", "", "44")
    assert key_of(inbound) == DeckKey("inbound", "USD", "GB", "mobile", "")
    assert decks_of([row(outbound), row(inbound)]) == {Deck("outbound", "USD"), Deck("inbound", "USD")}


def test_r5_the_present_and_the_next_price_of_a_destination_stand_in_one_file() -> None:
    present, later = row(deck_rate(cents=1, since=BEFORE)), row(deck_rate(cents=2, since=NOW + DAY))

    new = plan_switch([later, present], {}, {}, now=NOW)

    assert new.begins == [Span(present, BEFORE, NOW + DAY), Span(later, NOW + DAY)]
    assert (new.added, new.changed, new.removed) == (1, 1, 0)


def test_r5_a_present_price_that_is_the_old_one_goes_on_until_the_next() -> None:
    present, later = row(deck_rate(cents=1, since=BEFORE)), row(deck_rate(cents=2, since=NOW + DAY))
    rate = deck_rate(cents=1, rate_id=1, since=BEFORE)

    switch = plan_switch([present, later], {present.key: [rate]}, {}, now=NOW)

    assert switch.ends == [(rate.id, NOW + DAY)]
    assert switch.begins == [Span(later, NOW + DAY)]


def test_r5_prices_that_are_all_there_already_change_nothing() -> None:
    present, later = row(deck_rate(cents=1, since=BEFORE)), row(deck_rate(cents=2, since=NOW + DAY))
    rates = [
        deck_rate(cents=2, rate_id=2, since=NOW + DAY),
        replace(deck_rate(cents=1, rate_id=1, since=BEFORE), valid_until=NOW + DAY),
    ]

    switch = plan_switch([present, later], {present.key: rates}, {}, now=NOW)

    assert (switch.ends, switch.begins, switch.changes) == ([], [], [])


def test_r5_a_price_that_is_over_by_now_is_passed_by_where_the_destination_has_one() -> None:
    past, present = row(deck_rate(cents=1, since=BEFORE)), row(deck_rate(cents=2, since=NOW - DAY))
    rate = deck_rate(cents=3, rate_id=3, since=BEFORE)

    switch = plan_switch([past, present], {present.key: [rate]}, {}, now=NOW)

    assert switch.begins == [Span(present, NOW)]


def test_r5_a_rate_that_would_leave_a_gap_before_the_next_ends_now() -> None:
    present, later = row(deck_rate(cents=1, since=BEFORE)), row(deck_rate(cents=2, since=NOW + 2 * DAY))
    rate = replace(deck_rate(cents=1, rate_id=1, since=BEFORE), valid_until=NOW + DAY)

    switch = plan_switch([present, later], {present.key: [rate]}, {}, now=NOW)

    assert switch.ends == [(rate.id, NOW)]
    assert switch.begins == [Span(present, NOW, NOW + 2 * DAY), Span(later, NOW + 2 * DAY)]
