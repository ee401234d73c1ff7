"""R5: a deck is switched while calls start and end: each call has the price of one deck, and none is refused for it."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from gateway.decks import COLUMNS
from gateway.domain.events import CallStarted, Direction
from gateway.postgres.calls import live_calls, starts
from gateway.postgres.calls.starts import StartKey
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.rates.import_deck import import_rates
from tests.support import world
from tests.support.actors import CLERK
from tests.support.processes import assert_books_are_right
from tests.support.running import Gateway, gateway_on

SWITCHES = 12
CALLERS = 6
# In each deck all prices are the same, and its fee is ten times its price: a mixture of two decks would show.
DECKS = (Decimal("0.01"), Decimal("0.02"))
FILLING = 3000
CALLEES = ("+442079460000", "+4930901820")


def deck(price: Decimal) -> bytes:
    prefixes = ["44", "49", *(str(300_000 + each) for each in range(FILLING))]
    rows = [f"outbound,,,{each},{price},{price * 10},60,60,2026-01-01,USD" for each in prefixes]
    return "\n".join([",".join(COLUMNS), *rows]).encode()


@pytest.fixture
async def two(dsn: str, tmp_path: Path) -> AsyncIterator[tuple[Gateway, Gateway]]:
    """Two gateways with connections of their own on one database and one clock."""
    async with gateway_on(dsn, tmp_path / "one") as one, gateway_on(dsn, tmp_path / "other", clock=one.clock) as other:
        yield one, other


async def test_r5_no_call_is_priced_by_a_mixture_of_two_decks_and_none_is_refused_while_they_are_switched(
    two: tuple[Gateway, Gateway], pool: Pool
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="100000")
        for caller in range(CALLERS):
            await world.number(conn, account, f"+1555010000{caller}")
        await import_rates(conn, actor=CLERK, content=deck(DECKS[0]), source="0", clock=world.FakeClock())
    over = asyncio.Event()

    placed = await asyncio.gather(
        _switch(pool, two[0], over),
        *(_call(two[each % 2], each, over) for each in range(CALLERS)),
        _look(pool, two[0], over),
    )
    # On a busy machine an end may wait for its turn longer than a webhook can, and is then kept on disk.
    for gateway in two:
        await gateway.replay()

    async with pool.acquire() as conn:
        await _assert_each_call_has_one_deck(conn, calls=sum(placed))
        await assert_books_are_right(conn)


async def _switch(pool: Pool, gateway: Gateway, over: asyncio.Event) -> int:
    """Import one deck after the other, a second apart by the clock that starts look at."""
    try:
        async with pool.acquire() as conn:
            for switch in range(1, SWITCHES + 1):
                gateway.clock.advance(1)
                content = deck(DECKS[switch % 2])
                done = await import_rates(conn, actor=CLERK, content=content, source=str(switch), clock=gateway.clock)
                assert (done.added, done.changed, done.removed) == (0, FILLING + 2, 0)
    finally:
        over.set()
    return 0


async def _call(gateway: Gateway, caller: int, over: asyncio.Event) -> int:
    """Place calls and end them, one after the other, until the switching is over."""
    for number in itertools.count(1):
        call_id, callee = f"c{caller}-{number}", CALLEES[number % 2]
        reply = await gateway.start(call_id, callee, caller=f"+1555010000{caller}")
        assert reply["action"] == "connect", reply
        await gateway.end(call_id, seconds=61)
        if over.is_set():
            return number
    raise AssertionError


async def _look(pool: Pool, gateway: Gateway, over: asyncio.Event) -> int:
    """What a start looks at: both rates in one statement, which must be of one deck."""
    seen: Counter[Decimal] = Counter()
    async with pool.acquire() as conn:
        # It locks the account as a start does, and on a busy machine waits for its turn longer than a call could.
        await conn.execute("SET lock_timeout = 0")
        await conn.execute("SET statement_timeout = 0")
        while not over.is_set():
            keys = [_start(callee, gateway) for callee in CALLEES]
            async with conn.transaction():
                await live_calls.lock_accounts(conn, await _accounts(conn))
                known = await starts.gather(conn, keys, now=gateway.clock.now())
            rates = [each.rate for each in known]
            assert None not in rates
            assert len({(rate.per_minute, rate.connection_fee) for rate in rates if rate}) == 1, rates
            seen[rates[0].per_minute if rates[0] else Decimal(0)] += 1
            await asyncio.sleep(0)
    assert set(seen) == set(DECKS)
    return 0


async def _accounts(conn: PgConnection) -> list[int]:
    return [row["id"] for row in await conn.fetch("SELECT id FROM account")]


def _start(callee: str, gateway: Gateway) -> StartKey:
    caller = "+15550100000"
    call = CallStarted(call_id="look", direction=Direction.OUTBOUND, caller=caller, callee=callee, line=caller)
    return StartKey(connection="", call=call, started_at=gateway.clock.now())


async def _assert_each_call_has_one_deck(conn: PgConnection, *, calls: int) -> None:
    """The charge of each is that of the row stored at its start, which was valid then, and is of one import."""
    rows = await conn.fetch(
        """
        SELECT
            call.charge::numeric AS charge, rate.per_minute::numeric AS per_minute,
            rate.connection_fee::numeric AS fee, version.source,
            call.started_at >= rate.valid_from AND call.started_at <= coalesce(rate.valid_until, call.started_at)
                AS is_valid
        FROM call
        JOIN rate ON rate.id = call.rate_id
        JOIN rate_version AS version ON version.id = rate.version_id
        WHERE call.state = 'ended'
        """
    )
    assert len(rows) == calls
    for row in rows:
        price = DECKS[int(row["source"]) % 2]
        assert (row["per_minute"], row["fee"]) == (price, price * 10)
        assert row["charge"] == price * 10 + price * 2
        assert row["is_valid"]
    # The calls went on while decks were switched, not only before and after.
    assert len({row["source"] for row in rows}) > SWITCHES // 2
