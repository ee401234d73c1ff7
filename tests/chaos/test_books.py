"""The checker's own queries read what the product has on record, and find what was done to it."""

from dataclasses import replace
from decimal import Decimal

from gateway.postgres.types import PgConnection, Pool
from tests.chaos.books import read_books
from tests.chaos.evidence import Evidence
from tests.chaos.money_rules import books_balance, no_stray_holds
from tests.chaos.scenario import draw
from tests.support import calls, world

D = Decimal


async def a_call_that_ended(conn: PgConnection) -> None:
    account = await world.account(conn, balance="10")
    await conn.execute("UPDATE account SET name = 's1-0' WHERE id = $1", account)
    await world.number(conn, account, "+15550100001")
    await world.rate(conn, "44", "0.6", first_interval_s=1, increment_s=1)
    await calls.start(conn, "s1-0")
    await calls.answer(conn, "s1-0")
    await calls.end(conn, "s1-0", 3)
    await calls.start(conn, "s1-1")


async def evidence_of(pool: Pool) -> Evidence:
    scenario = replace(draw(1), accounts=())
    return Evidence(scenario=scenario, stories=(), books=await read_books(pool, "s1"))


async def test_what_is_on_record_is_read(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await a_call_that_ended(conn)

    books = (await evidence_of(pool)).books

    assert [(call.provider_call_id, call.state, call.charge) for call in books.calls] == [
        ("s1-0", "ended", D("0.03")),
        ("s1-1", "open", None),
    ]
    assert [(entry.kind, entry.amount, entry.balance_after) for entry in books.entries] == [
        ("adjustment", D(10), D(10)),
        ("call", D("-0.03"), D("9.97")),
    ]
    assert [live.provider_call_id for live in books.live] == ["s1-1"]


async def test_what_is_done_to_the_books_is_found(pool: Pool) -> None:
    async with pool.acquire() as conn:
        await a_call_that_ended(conn)
        assert list(books_balance(await evidence_of(pool))) == []

        await conn.execute("UPDATE account SET balance = balance + 1, held = held + 1")
        await conn.execute("UPDATE live_call SET hold = 0")

    evidence = await evidence_of(pool)
    assert len(list(books_balance(evidence))) == 2
    assert len(list(no_stray_holds(evidence))) == 1
