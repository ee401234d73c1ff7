"""What happens in the same instant, in one process or in several, happens once, and never spends money twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.calls.ends.reconcile import reconcile_calls
from gateway.usecases.calls.extend import extend_holds
from tests.support import world
from tests.support.postgres import DatabaseServer
from tests.support.processes import (
    Installation,
    Provider,
    a_rate,
    an_account,
    assert_books_are_right,
    connected,
    provider,
    until,
)
from tests.support.running import Gateway, gateway_on

D = Decimal
# A call of the whole hour at 0.03 a minute.
HOLD = D("1.8")
WAITING = """
    SELECT count(*) >= $1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


@pytest.fixture(scope="module")
async def database_of_four(postgres: DatabaseServer) -> AsyncIterator[str]:
    async with postgres.database() as dsn:
        async with connected(dsn) as conn:
            await a_rate(conn)
        yield dsn


@pytest.fixture(scope="module")
async def four(database_of_four: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[list[str]]:
    """The addresses of four gateway processes on one database."""
    installation = Installation(data=tmp_path_factory.mktemp("four"), database_url=database_of_four)
    async with AsyncExitStack() as stack:
        starting = [stack.enter_async_context(installation.serve()) for _ in range(4)]
        yield [(await each).url for each in starting]


@pytest.fixture
async def conn(database_of_four: str) -> AsyncIterator[PgConnection]:
    async with connected(database_of_four) as opened:
        yield opened


@pytest.fixture
async def pbx() -> AsyncIterator[Provider]:
    async with provider() as opened:
        yield opened


async def test_r15_200_starts_at_once_on_money_for_seven_are_seven_calls(
    four: list[str], conn: PgConnection, pbx: Provider
) -> None:
    account = await an_account(conn, "+15550101000", balance="13.0")  # 7 x 1.8 = 12.6; 0.4 are 13 minutes more

    told = await asyncio.gather(*(pbx.start(four[each % 4], f"k{each}", caller="+15550101000") for each in range(200)))

    seconds = Counter(each.reply.get("max_seconds") for each in told)
    assert {each.status for each in told} == {200}
    assert seconds == {3600: 7, 780: 1, None: 192}
    assert await world.money(conn, account) == (D(13), 7 * HOLD + D("0.39"))
    assert await conn.fetchval("SELECT count(*) FROM call WHERE account_id = $1 AND record_code = 402", account) == 192
    await assert_books_are_right(conn)


async def test_r15_exactly_enough_for_k_is_k(four: list[str], conn: PgConnection, pbx: Provider) -> None:
    account = await an_account(conn, "+15550101001", balance=str(5 * HOLD))

    told = await asyncio.gather(*(pbx.start(four[each % 4], f"e{each}", caller="+15550101001") for each in range(200)))

    assert Counter(each.reply["action"] for each in told) == {"connect": 5, "reject": 195}
    assert await world.money(conn, account) == (5 * HOLD, 5 * HOLD)


async def test_r16_one_start_sent_to_four_processes_at_once_is_one_call(
    four: list[str], conn: PgConnection, pbx: Provider
) -> None:
    account = await an_account(conn, "+15550101002")

    for call in range(10):
        told = await asyncio.gather(
            *(pbx.start(url, f"same{call}", caller="+15550101002") for url in four for _ in range(3))
        )
        assert len({(each.status, each.body) for each in told}) == 1
        assert told[0].reply["action"] == "connect"

    assert await conn.fetchval("SELECT count(*) FROM call WHERE account_id = $1", account) == 10
    assert await world.money(conn, account) == (D(1000), 10 * HOLD)


async def test_r20_one_end_sent_to_four_processes_at_once_is_charged_once(
    four: list[str], conn: PgConnection, pbx: Provider
) -> None:
    account = await an_account(conn, "+15550101003")

    for call in range(10):
        await pbx.start(four[0], f"once{call}", caller="+15550101003")
        told = await asyncio.gather(*(pbx.end(url, f"once{call}", seconds=90) for url in four for _ in range(12)))
        assert {each.status for each in told} == {200}
        assert len({each.body for each in told}) == 1
        assert told[0].reply == {"call_id": f"once{call}", "charged": "0.060000", "currency": "USD"}

    assert await world.money(conn, account) == (D("999.4"), D(0))
    assert await conn.fetchval("SELECT count(*) FROM ledger_entry WHERE account_id = $1 AND amount < 0", account) == 10
    assert await conn.fetchval("SELECT count(*) FROM call WHERE account_id = $1 AND flags <> '{}'", account) == 0


@pytest.mark.parametrize("first", ["start", "end"])
@pytest.mark.parametrize("repeats_start", [False, True])
async def test_r21_a_start_and_its_end_at_once_are_charged_once(
    four: list[str], conn: PgConnection, pbx: Provider, first: str, *, repeats_start: bool
) -> None:
    account = await an_account(conn, f"+155501020{'0' if first == 'start' else '1'}{int(repeats_start)}")
    caller = await conn.fetchval("SELECT name FROM line WHERE account_id = $1", account)
    more: dict[str, Any] = {}
    if repeats_start:
        more = {"direction": "outbound", "caller": caller, "callee": "+442079460000"}

    for call in range(20):
        call_id = f"{first}-{repeats_start}-{call}"
        start = pbx.start(four[call % 4], call_id, caller=caller)
        end = pbx.end(four[(call + 1) % 4], call_id, seconds=90, **more)
        told = await asyncio.gather(*((start, end) if first == "start" else (end, start)))
        assert {each.status for each in told} == {200}

    states = await conn.fetch("SELECT state, charge::numeric AS charge FROM call WHERE account_id = $1", account)
    assert Counter((row["state"], row["charge"]) for row in states) == {("ended", D("0.06")): 20}
    assert await world.money(conn, account) == (D(1000) - 20 * D("0.06"), D(0))
    await assert_books_are_right(conn)


async def test_r21_a_start_sent_to_four_processes_after_its_end_is_charged_once(
    four: list[str], conn: PgConnection, pbx: Provider
) -> None:
    account = await an_account(conn, "+15550101004")

    for call in range(10):
        await pbx.end(four[call % 4], f"late{call}", seconds=90)
        told = await asyncio.gather(
            *(pbx.start(url, f"late{call}", caller="+15550101004") for url in four for _ in range(3))
        )
        assert {each.reply["reason"] for each in told} == {"call_ended"}

    assert await world.money(conn, account) == (D(1000) - 10 * D("0.06"), D(0))
    assert await conn.fetchval("SELECT count(*) FROM call WHERE account_id = $1", account) == 10
    await assert_books_are_right(conn)


# From here on: two gateways in this process, each with its own connections, on a clock that the test moves.


@pytest.fixture
async def pair(dsn: str, tmp_path: Path) -> AsyncIterator[tuple[Gateway, Gateway]]:
    async with gateway_on(dsn, tmp_path) as one, gateway_on(dsn, tmp_path) as other:
        other.clock.at = one.clock.at
        yield one, other


def advance(pair: tuple[Gateway, Gateway], seconds: float) -> None:
    for gateway in pair:
        gateway.clock.advance(seconds)


async def at_once(pool: Pool, account: int, *works: Callable[[], Awaitable[Any]]) -> list[Any]:
    """Begin works, in this order, while the account is locked, and give it free when all of them wait for it."""
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM account WHERE id = $1 FOR UPDATE", account)
        tasks = []
        for number, work in enumerate(works, start=1):
            tasks.append(asyncio.ensure_future(work()))
            await _waiting(pool, number)
    return await asyncio.gather(*tasks)


async def _waiting(pool: Pool, count: int) -> None:
    """Until so many transactions wait for a lock."""
    await until(lambda: pool.fetchval(WAITING, count), 5)


async def _a_live_call(gateway: Gateway, pool: Pool, *, balance: str) -> int:
    """A call at 0.0270 a minute that was answered, of an account with this balance."""
    async with pool.acquire() as conn:
        account = await world.account(conn, balance=balance)
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
    await gateway.start("a1")
    await gateway.answer("a1")
    return account


async def test_r15_two_extenders_at_once_extend_once(pair: tuple[Gateway, Gateway], pool: Pool) -> None:
    account = await _a_live_call(pair[0], pool, balance="1")
    advance(pair, 280)

    extend = [lambda gateway=gateway: extend_holds(gateway.process.context) for gateway in pair]
    await at_once(pool, account, *extend)

    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (D(1), D("0.27"))
        assert await conn.fetchval("SELECT held_s FROM live_call") == 600


async def test_r18_two_cutters_at_once_ask_once(pair: tuple[Gateway, Gateway], pool: Pool) -> None:
    await _a_live_call(pair[0], pool, balance="100")
    for number in range(2, 52):
        await pair[0].start(f"a{number}")
    advance(pair, 3601)

    await asyncio.gather(*(gateway.cut() for gateway in pair for _ in range(3)))

    asked = Counter(pair[0].provider.hang_ups() + pair[1].provider.hang_ups())
    assert len(asked) == 51
    assert set(asked.values()) == {1}


@pytest.mark.parametrize("order", [(0, 1, 2), (1, 0, 2), (2, 1, 0), (1, 2, 0)])
async def test_an_end_an_extension_and_a_cut_at_once(
    pair: tuple[Gateway, Gateway], pool: Pool, order: tuple[int, ...]
) -> None:
    account = await _a_live_call(pair[0], pool, balance="1")
    async with pool.acquire() as conn:
        await conn.execute("UPDATE live_call SET cut_due_at = extend_due_at")
    advance(pair, 280)
    works: list[Callable[[], Awaitable[Any]]] = [
        lambda: pair[0].end("a1", seconds=281),
        lambda: extend_holds(pair[1].process.context),
        pair[1].cut,
    ]

    async with pool.acquire() as conn:
        async with conn.transaction():
            await conn.execute("SELECT FROM account WHERE id = $1 FOR UPDATE", account)
            tasks = [asyncio.ensure_future(works[which]()) for which in order]
            await _waiting(pool, 2)
        await asyncio.gather(*tasks)

        assert await world.money(conn, account) == (D("0.865"), D(0))
        assert await conn.fetchval("SELECT count(*) FROM live_call") == 0
        assert await conn.fetchval("SELECT count(*) FROM ledger_entry WHERE kind = 'call'") == 1
        await assert_books_are_right(conn)


async def test_an_end_that_waits_for_an_extension_that_finds_no_money_is_charged_what_was_granted(
    pair: tuple[Gateway, Gateway], pool: Pool
) -> None:
    account = await _a_live_call(pair[0], pool, balance="1")
    async with pool.acquire() as conn:
        await world.adjust(conn, account, "-0.865")  # 300 s are held, and nothing is left
    advance(pair, 299)

    works: list[Callable[[], Awaitable[Any]]] = [
        lambda: extend_holds(pair[1].process.context),
        lambda: pair[0].end("a1", seconds=361),
    ]
    _, told = await at_once(pool, account, *works)

    assert told == {"call_id": "a1", "charged": "0.135000", "currency": "USD"}
    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (D(0), D(0))
        assert await conn.fetchval("SELECT flags FROM call") == ["over_grant"]


async def test_an_end_that_waits_for_the_answer_is_charged_from_it(pair: tuple[Gateway, Gateway], pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
    await pair[0].start("a1")
    advance(pair, 100)
    answered_at, ended_at = "2026-03-11T12:00:20Z", "2026-03-11T12:01:40Z"

    works: list[Callable[[], Awaitable[Any]]] = [
        lambda: pair[1].answer("a1", at=answered_at),
        lambda: pair[0].end("a1", ended_at=ended_at),
    ]
    await at_once(pool, account, *works)

    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT reported_s FROM call") == 80
        assert await world.money(conn, account) == (D("0.946"), D(0))


async def test_r15_an_answer_that_comes_while_a_ringing_calls_hold_is_given_back_keeps_it(
    pair: tuple[Gateway, Gateway], pool: Pool
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
    await pair[0].start("a1")
    advance(pair, 90)

    works: list[Callable[[], Awaitable[Any]]] = [
        lambda: pair[1].answer("a1"),
        lambda: reconcile_calls(pair[0].process.context, pair[0].process.book),
    ]
    await at_once(pool, account, *works)

    async with pool.acquire() as conn:
        assert pair[0].provider.asked == [{"type": "call.status", "call_id": "a1"}]
        assert await world.money(conn, account) == (D(1), D("0.135"))
        live: Any = await conn.fetchrow("SELECT held_s, extend_due_at IS NOT NULL AS is_extended FROM live_call")
        assert tuple(live) == (300, True)


async def test_r21_r38_an_end_told_to_a_process_whose_clock_is_ahead_is_charged_when_its_start_comes(
    pair: tuple[Gateway, Gateway], pool: Pool
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0270")
    pair[1].clock.advance(0.001)

    await pair[1].end("a1", seconds=60)
    told = await pair[0].start("a1")

    assert told["reason"] == "call_ended"
    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT state FROM call") == "ended"
        assert await world.money(conn, account) == (D("0.973"), D(0))


async def test_an_answer_and_a_cut_at_once_do_not_block_each_other(pair: tuple[Gateway, Gateway], pool: Pool) -> None:
    account = await _a_live_call(pair[0], pool, balance="1")
    async with pool.acquire() as conn:
        await conn.execute("UPDATE call SET answered_at = NULL")
    advance(pair, 3601)

    async with pool.acquire() as conn:
        async with conn.transaction():
            await conn.execute("SELECT FROM call FOR UPDATE")
            answer = asyncio.ensure_future(pair[0].answer("a1"))
            await _waiting(pool, 1)
            cut = asyncio.ensure_future(pair[1].cut())
            await asyncio.sleep(0.1)
        await asyncio.gather(answer, cut)

        # The answer has the call, so the cutter passes it by; waiting for each other they would both have failed.
        assert pair[1].provider.hang_ups() == []
        assert await conn.fetchval("SELECT answered_at FROM call") is not None
        assert await world.money(conn, account) == (D(1), D("0.135"))
