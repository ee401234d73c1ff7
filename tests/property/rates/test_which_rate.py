"""Of 10,000 random lines, callees and instants a start, a quote, a search and a rent choose the same rate.

They are compared with a model in plain Python (`which_rate`), on a deck whose rates overlap in every way.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

import pytest

from gateway.domain.calls.call import Limits
from gateway.domain.events import CallStarted, Direction
from gateway.postgres.calls import starts
from gateway.postgres.calls.starts import StartKey
from gateway.postgres.lines import subscriptions
from gateway.postgres.types import Pool, PoolConnection
from gateway.usecases.calls.shown.quote import quote_call
from gateway.usecases.lines.search import search_numbers
from gateway.usecases.rates.search import search_rates
from tests.property.rates.which_rate import (
    CATEGORIES,
    COUNTRIES,
    CURRENCIES,
    DAYS,
    ModelRate,
    Question,
    make_deck,
    random_callee,
    random_instant,
)
from tests.support import world
from tests.support.world import NOON

SEEDS = 4
CALLS = 2_500
BATCH = 50
RENTS = 60


@dataclass(frozen=True, kw_only=True)
class ModelLine:
    id: int
    name: str
    currency: str
    country: str
    category: str
    is_connector: bool = False


async def make_lines(conn: PoolConnection) -> list[ModelLine]:
    """A number of each country and category, and a connector, in accounts of each currency."""
    lines: list[ModelLine] = []
    for currency in CURRENCIES:
        account = await world.account(conn, currency=currency, balance="1000000")
        for country in COUNTRIES:
            for category in CATEGORIES:
                name = f"+1555010{len(lines):04}"
                line_id = await world.number(conn, account, name, country=country, category=category)
                lines.append(ModelLine(id=line_id, name=name, currency=currency, country=country, category=category))
        name = f"office {currency}"
        line_id = await world.connector(conn, account, name)
        lines.append(ModelLine(id=line_id, name=name, currency=currency, country="", category="", is_connector=True))
    return lines


def questions(random: Random, lines: Sequence[ModelLine], deck: Sequence[ModelRate], kind: str) -> list[Question]:
    numbers = [line for line in lines if not line.is_connector]
    return [
        Question(
            kind=kind,
            line=line.name,
            currency=line.currency,
            country=line.country,
            category=line.category,
            callee=random_callee(random) if kind == "outbound" else line.name,
            at=random_instant(random, deck),
        )
        for line in random.choices(numbers, k=CALLS if kind == "outbound" else CALLS // 10)
    ]


async def started(conn: PoolConnection, asked: Sequence[Question]) -> list[int | None]:
    """The ids of the rates that real starts are decided with."""
    ids: list[int | None] = []
    for first in range(0, len(asked), BATCH):
        keys = [
            StartKey(
                connection="pbx",
                call=CallStarted(
                    call_id=f"call-{first}-{ordinal}",
                    direction=Direction(each.kind),
                    caller=each.line,
                    callee=each.callee,
                    line=each.line,
                ),
                started_at=each.at,
            )
            for ordinal, each in enumerate(asked[first : first + BATCH])
        ]
        gathered = await starts.gather(conn, keys, now=NOON)
        ids += [None if start.rate is None else start.rate.id for start in gathered]
    return ids


async def quoted(conn: PoolConnection, each: Question) -> int | None:
    quote = await quote_call(conn, line=each.line, callee=each.callee, now=each.at, limits=Limits())
    return None if quote.rate is None else quote.rate.id


async def searched(conn: PoolConnection, each: Question) -> Decimal | None:
    """The price of the only row that a search of the full number has for a caller."""
    rates = (await search_rates(conn, query=each.callee, currency=each.currency, caller=each.line, now=each.at)).rates
    assert len(rates) <= 1
    return rates[0].per_minute if rates else None


def millionths(rate: ModelRate | None) -> Decimal | None:
    return None if rate is None else Decimal(rate.price).scaleb(-6)


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_r6_a_start_a_quote_and_a_search_choose_the_same_rate(pool: Pool, seed: int) -> None:
    random = Random(seed)
    async with pool.acquire() as conn:
        deck = await make_deck(conn, random)
        asked = questions(random, await make_lines(conn), deck, "outbound")
        answers = [each.answer(deck) for each in asked]

        by_starts = await started(conn, asked)
        by_quotes = [await quoted(conn, each) for each in asked]
        by_searches = [await searched(conn, each) for each in asked]

    ids = [None if rate is None else rate.id for rate in answers]
    assert len(set(ids) - {None}) > 50  # many rates are chosen, and where there is none, none
    assert None in ids
    assert by_starts == ids
    assert by_quotes == ids
    assert by_searches == [millionths(rate) for rate in answers]


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_r9_incoming_calls_and_the_search_of_numbers_choose_the_same_rate(pool: Pool, seed: int) -> None:
    random = Random(seed)
    async with pool.acquire() as conn:
        deck = await make_deck(conn, random)
        asked = questions(random, await make_lines(conn), deck, "inbound")
        answers = [each.answer(deck) for each in asked]

        by_starts = await started(conn, asked)
        by_searches = [
            await search_numbers(conn, query=each.country, category=each.category, currency=each.currency, now=each.at)
            for each in asked
        ]

    assert by_starts == [None if rate is None else rate.id for rate in answers]
    for each, answer, found in zip(asked, answers, by_searches, strict=True):
        for number in found.prices:  # none: it cannot be rented then
            assert number.inbound_per_minute == (millionths(answer) or 0), each


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_r28_the_calendar_chooses_the_rent_that_the_search_of_numbers_does(pool: Pool, seed: int) -> None:
    random = Random(seed)
    async with pool.acquire() as conn:
        deck = await make_deck(conn, random)
        lines = {line.id: line for line in await make_lines(conn)}
        due_on, now = date(2026, 3, 15), NOON + timedelta(days=DAYS)
        await conn.execute("UPDATE line SET rent = 1, due_on = $1, anchor_day = 15, calendar_due_at = $2", due_on, NOON)
        rented = await subscriptions.read(conn, list(lines), now=now)

        for _, subscription in rented:
            line = lines[subscription.id]
            for _ in range(RENTS):
                at = max(random_instant(random, deck), NOON + timedelta(days=4))
                asked = Question(
                    kind="rent",
                    line=line.name,
                    currency=line.currency,
                    country=line.country,
                    category=line.category,
                    callee="",
                    at=min(at, now),
                    is_connector=line.is_connector,
                )
                chosen = subscription.rate_at(asked.at)
                answer = asked.answer(deck)
                assert (None if chosen is None else chosen.id) == (None if answer is None else answer.id), asked
                if not line.is_connector:
                    found = await search_numbers(
                        conn, query=line.country, category=line.category, currency=line.currency, now=asked.at
                    )
                    assert [each.month for each in found.prices] == ([] if answer is None else [millionths(answer)])
