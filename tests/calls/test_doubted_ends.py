"""Reports that contradict each other: where the provider can be asked, it is asked (R21)."""

from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.calls.call import Limits
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.calls.ends.close import close_call
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway, gateway_on

D = Decimal
SOON_S = 15
ASKED_AT_MOST = 5


@pytest.fixture
async def gateway(dsn: str, tmp_path: Path) -> AsyncIterator[Gateway]:
    """A gateway with the limits as they come."""
    async with gateway_on(dsn, tmp_path, limits=Limits()) as running:
        yield running


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.0600", first_interval_s=1, increment_s=1)
        yield conn


async def answered_zero(gateway: Gateway, *, talked_s: int = 100, connection: str = "pbx") -> None:
    """A call that was answered, and ends after so many seconds as if nobody had."""
    await gateway.start("a1", connection=connection)
    await gateway.answer("a1", connection=connection)
    gateway.clock.advance(talked_s)
    await gateway.end("a1", connection=connection, cause="no_answer", seconds=0)


async def ask(gateway: Gateway, after_s: float = SOON_S) -> int:
    """Let some time pass; how often the provider was asked then."""
    before = len(gateway.provider.asked)
    gateway.clock.advance(after_s)
    await gateway.ask_doubted()
    return len(gateway.provider.asked) - before


def told(seconds: int, cause: str = "normal") -> dict[str, Any]:
    return {"type": "call.end", "call_id": "a1", "seconds": seconds, "cause": cause}


async def figures(conn: PgConnection) -> tuple[int, D, set[str]]:
    row = await conn.fetchrow("SELECT reported_s, charge::numeric AS charge, flags FROM call")
    assert row is not None
    return row["reported_s"], row["charge"], set(row["flags"])


async def doubts_left(conn: PgConnection) -> int:
    left: int = await conn.fetchval("SELECT count(*) FROM doubted_end")
    return left


async def test_an_answered_call_that_ends_with_nothing_is_asked_about_soon(
    gateway: Gateway, conn: PgConnection
) -> None:
    await answered_zero(gateway)
    gateway.provider.statuses["a1"] = told(95)

    assert await ask(gateway, SOON_S - 1) == 0
    assert await world.money(conn, 1) == (D(100), D(0))
    assert await ask(gateway, 1) == 1

    assert await figures(conn) == (95, D("0.095"), {"end_differs", "end_asked"})
    assert await world.money(conn, 1) == (D("99.905"), D(0))
    assert (await doubts_left(conn), await ask(gateway, 3600)) == (0, 0)


async def test_what_is_told_is_charged_no_more_than_passed_until_the_end_was_heard_of(
    gateway: Gateway, conn: PgConnection
) -> None:
    await answered_zero(gateway, talked_s=20)
    gateway.provider.statuses["a1"] = told(95)

    await ask(gateway)

    assert await figures(conn) == (95, D("0.030"), {"end_differs", "end_asked", "seconds_bounded"})


async def test_a_call_that_is_up_after_its_zero_may_talk_longer(gateway: Gateway, conn: PgConnection) -> None:
    await answered_zero(gateway, talked_s=20)
    gateway.provider.statuses["a1"] = {"live": True}
    assert await ask(gateway) == 1
    assert await figures(conn) == (0, D(0), set())

    gateway.provider.statuses["a1"] = told(95)
    assert await ask(gateway, 60) == 1

    assert await figures(conn) == (95, D("0.095"), {"end_differs", "end_asked"})


@pytest.mark.parametrize("cause", ["normal", "no_answer"])
async def test_a_zero_that_the_provider_confirms_stands(gateway: Gateway, conn: PgConnection, cause: str) -> None:
    await answered_zero(gateway)
    gateway.provider.statuses["a1"] = told(0, cause)

    assert await ask(gateway) == 1

    assert await figures(conn) == (0, D(0), set())
    assert (await doubts_left(conn), await ask(gateway, 3600)) == (0, 0)


@pytest.mark.parametrize("status", [404, 503])
async def test_a_provider_that_cannot_say_is_asked_a_few_times(
    gateway: Gateway, conn: PgConnection, status: int
) -> None:
    await answered_zero(gateway)
    gateway.provider.unknown_status = status

    assert [await ask(gateway, 3600) for _ in range(ASKED_AT_MOST + 1)] == [1] * ASKED_AT_MOST + [0]

    assert (await figures(conn), await doubts_left(conn)) == ((0, D(0), set()), 0)


async def test_a_provider_that_cannot_be_asked_is_not(gateway: Gateway, conn: PgConnection) -> None:
    await answered_zero(gateway, connection="trunk")

    assert await ask(gateway) == 0

    assert (await figures(conn), await doubts_left(conn)) == ((0, D(0), set()), 0)


async def test_seconds_that_come_before_the_question_make_it_needless(gateway: Gateway, conn: PgConnection) -> None:
    await answered_zero(gateway)
    await gateway.end("a1", cause="normal", seconds=95)

    assert await ask(gateway) == 0

    assert (await figures(conn), await doubts_left(conn)) == ((95, D("0.095"), {"end_differs"}), 0)


async def test_zeros_that_contradict_each_other_are_asked_about(gateway: Gateway, conn: PgConnection) -> None:
    """Nobody told of an answer: only the second report, of seconds that a busy call cannot have, raises a doubt."""
    await gateway.start("a1")
    gateway.clock.advance(100)
    await gateway.end("a1", cause="busy", seconds=0)
    assert await doubts_left(conn) == 0
    await gateway.end("a1", cause="no_answer", seconds=22)
    gateway.provider.statuses["a1"] = told(22)

    assert await ask(gateway) == 1

    assert await figures(conn) == (22, D("0.022"), {"end_differs", "end_asked"})


@pytest.mark.parametrize("cause", ["busy", "no_answer", "cancelled", "rejected"])
async def test_a_report_that_contradicts_itself_is_asked_about(
    gateway: Gateway, conn: PgConnection, cause: str
) -> None:
    await gateway.start("a1")
    gateway.clock.advance(30)
    await gateway.end("a1", cause=cause, seconds=22)
    gateway.provider.statuses["a1"] = told(0, cause)

    assert await ask(gateway) == 1

    assert await figures(conn) == (22, D(0), {"not_answered", "end_differs"})
    assert (await doubts_left(conn), await ask(gateway, 3600)) == (0, 0)


async def test_a_call_that_nobody_answered_is_asked_about_by_nobody(gateway: Gateway, conn: PgConnection) -> None:
    await gateway.start("a1")
    gateway.clock.advance(30)
    for _ in range(2):
        await gateway.end("a1", cause="no_answer", seconds=0)

    assert (await doubts_left(conn), await ask(gateway, 3600)) == (0, 0)


async def test_an_answer_that_comes_after_a_zero_raises_a_doubt(gateway: Gateway, conn: PgConnection) -> None:
    await gateway.start("a1")
    gateway.clock.advance(100)
    await gateway.end("a1", cause="no_answer", seconds=0)
    await gateway.answer("a1")
    gateway.provider.statuses["a1"] = told(95)

    assert await ask(gateway) == 1

    assert await figures(conn) == (95, D("0.095"), {"end_differs", "end_asked"})


async def test_nobody_is_asked_about_a_call_that_an_operator_closed(gateway: Gateway, conn: PgConnection) -> None:
    await gateway.start("a1")
    gateway.clock.advance(3600 + 120 + 1)
    await close_call(
        conn, actor=CLERK, reference="pbx:a1", seconds=0, note="the carrier lists no such call", now=gateway.clock.now()
    )
    await gateway.answer("a1")

    assert (await doubts_left(conn), await ask(gateway, 3600)) == (0, 0)
