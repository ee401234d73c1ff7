"""The answer to a COMMIT is lost: what the provider was told of its start is what is on record (R34)."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from gateway.domain.connection import Connection
from gateway.domain.events import CallAnswered, CallEnded, CallStarted, Cause, Direction
from gateway.metrics import Metrics
from gateway.postgres.types import Pool
from gateway.providers.registry import adapters
from gateway.spool.spool import Spool, open_spool
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.ends.replay import replay_spool
from gateway.usecases.calls.starts import last_known
from tests.support import world
from tests.support.running import Gateway
from tests.support.world import NOON, RECORDED, FakeClock

D = Decimal
PBX = Connection(name="pbx", kind="native", control_url="http://127.0.0.1:9/control")
LINE = "+15550100001"
START = CallStarted(call_id="a1", direction=Direction.OUTBOUND, caller=LINE, callee="+442079460000", line=LINE)
ADAPTERS, METRICS = adapters(), Metrics()


class LossyPool:
    """A pool whose connections lose the answer to a COMMIT when it is told to, or the COMMIT itself on its way."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.loses_answer = False
        self.loses_question = False
        self.left: list[Any] = []

    async def acquire(self) -> "LossyConnection":
        return LossyConnection(self, await self.pool.acquire())

    async def release(self, conn: "LossyConnection") -> None:
        """What was not answered is at the server still."""
        if conn.is_lost:
            self.left.append(conn.conn)
        else:
            await self.pool.release(conn.conn)

    async def expire_connections(self) -> None:
        """The others are as good as before."""

    async def arrive(self) -> None:
        """What was on its way gets there."""
        for conn in self.left:
            await conn.execute("COMMIT")
            await self.pool.release(conn)


class LossyConnection:
    def __init__(self, pool: LossyPool, conn: Any) -> None:
        self.pool = pool
        self.conn = conn
        self.is_lost = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.conn, name)

    async def execute(self, statement: str, *values: Any) -> None:
        is_commit = statement.startswith("COMMIT")
        if is_commit and self.pool.loses_question:
            self.is_lost = True
            raise ConnectionResetError
        await self.conn.execute(statement, *values)
        if is_commit and self.pool.loses_answer:
            raise ConnectionResetError


class Process:
    """A process that has lost an answer, or will."""

    def __init__(self, book: CallBook, spool: Spool, database: LossyPool) -> None:
        self.book = book
        self.spool = spool
        self.database = database

    async def start(self) -> dict[str, Any]:
        reply: dict[str, Any] = json.loads((await self.book.start(PBX, START)).reply)
        return reply

    async def lose_answer(self) -> dict[str, Any]:
        """Start the call, and hear no answer."""
        self.database.loses_answer = True
        try:
            return await self.start()
        finally:
            self.database.loses_answer = False

    async def replay(self) -> None:
        await replay_spool(self.spool, self.book)


@asynccontextmanager
async def process_on(pool: Pool, data: Path) -> AsyncIterator[Process]:
    database: Any = LossyPool(pool)
    async with open_spool(data) as spool:
        # A moment before the others' clock, so that its webhooks are told apart from theirs.
        book = CallBook(
            pool=database,
            clock=FakeClock(NOON - timedelta(microseconds=1)),
            limits=RECORDED,
            public_url="http://gateway",
            connections={"pbx": PBX},
            adapters=ADAPTERS,
            metrics=METRICS,
            spool=spool,
        )
        tasks = [asyncio.create_task(task) for task in book.tasks()]
        try:
            yield Process(book, spool, database)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@pytest.fixture
async def account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        account_id = await world.account(conn, balance="1", unavailable_allow_s=0)
        await world.number(conn, account_id, LINE)
        await world.rate(conn, "44", "0.0270")
    return account_id


@pytest.fixture
async def process(pool: Pool, tmp_path: Path, account: int) -> AsyncIterator[Process]:
    async with process_on(pool, tmp_path / "lossy") as process:
        yield process


async def on_record(pool: Pool) -> tuple[str, str | None, int, list[str]]:
    row = await pool.fetchrow("SELECT state, reason, granted_s, flags FROM call")
    assert row is not None
    return row["state"], row["reason"], row["granted_s"], row["flags"]


async def money(pool: Pool, account: int) -> tuple[Decimal, Decimal]:
    async with pool.acquire() as conn:
        return await world.money(conn, account)


async def test_r34_a_call_that_was_told_unavailable_is_refused_on_record_and_holds_nothing(
    process: Process, pool: Pool, account: int
) -> None:
    told = await process.lose_answer()
    assert told["reason"] == "unavailable"
    assert await money(pool, account) == (D(1), D("0.135"))

    await process.replay()

    assert await on_record(pool) == ("refused", "unavailable", 0, ["told_otherwise"])
    assert await money(pool, account) == (D(1), D(0))
    assert await pool.fetchval("SELECT count(*) FROM live_call") == 0
    assert process.spool.count == 0


async def test_r34_r38_another_process_undoes_it_where_this_one_dies(pool: Pool, tmp_path: Path, account: int) -> None:
    async with process_on(pool, tmp_path) as dead:
        await dead.lose_answer()

    async with process_on(pool, tmp_path) as other:
        await other.replay()

    assert await on_record(pool) == ("refused", "unavailable", 0, ["told_otherwise"])
    assert await money(pool, account) == (D(1), D(0))


async def test_r16_a_repeat_is_told_the_same_before_and_after(process: Process, gateway: Gateway) -> None:
    told = await process.lose_answer()
    before = await process.start()

    await process.replay()

    assert before == told
    assert await process.start() == told
    assert await gateway.start("a1", caller=LINE) == told


async def test_r16_what_never_got_there_is_told_the_same_by_all(
    process: Process, gateway: Gateway, pool: Pool, account: int
) -> None:
    process.database.loses_question = True
    told = await process.start()
    process.database.loses_question = False
    for conn in process.database.left:
        await conn.execute("ROLLBACK")
        await pool.release(conn)

    await process.replay()

    assert await gateway.start("a1", caller=LINE) == told
    assert await on_record(pool) == ("refused", "unavailable", 0, [])
    assert await money(pool, account) == (D(1), D(0))


async def test_r34_what_gets_there_late_is_undone_all_the_same(process: Process, pool: Pool, account: int) -> None:
    process.database.loses_question = True
    await process.start()
    process.database.loses_question = False

    replay = asyncio.create_task(process.replay())
    await asyncio.sleep(0.1)
    assert not replay.done()
    await process.database.arrive()
    await replay

    assert await on_record(pool) == ("refused", "unavailable", 0, ["told_otherwise"])
    assert await money(pool, account) == (D(1), D(0))


async def test_r16_a_call_that_another_process_said_to_connect_stays_up_and_is_charged(
    process: Process, gateway: Gateway, pool: Pool, account: int
) -> None:
    await process.lose_answer()
    assert (await gateway.start("a1", caller=LINE))["action"] == "connect"

    await process.replay()

    assert await on_record(pool) == ("open", None, 2220, ["told_otherwise"])
    gateway.clock.advance(60)
    assert (await gateway.end("a1", seconds=60))["charged"] == "0.027000"
    assert await money(pool, account) == (D("0.973"), D(0))


async def test_r16_a_refusal_that_another_process_told_of_stays_on_record(
    process: Process, gateway: Gateway, pool: Pool, account: int
) -> None:
    await pool.execute("UPDATE account SET balance = 0 WHERE id = $1", account)
    assert (await process.lose_answer())["reason"] == "unavailable"
    told = await gateway.start("a1", caller=LINE)

    await process.replay()

    assert await on_record(pool) == ("refused", "no_money", 0, ["told_otherwise"])
    assert told["reason"] == "no_money"
    assert await gateway.start("a1", caller=LINE) == told


async def test_a_call_that_was_answered_although_it_was_refused_stays_up(
    process: Process, gateway: Gateway, pool: Pool
) -> None:
    await process.lose_answer()
    await gateway.answer("a1")

    await process.replay()

    assert await on_record(pool) == ("open", None, 2220, ["told_otherwise"])


async def test_a_call_that_ended_meanwhile_stays_as_it_is_and_a_repeat_is_told_the_same(
    process: Process, gateway: Gateway, pool: Pool
) -> None:
    told = await process.lose_answer()
    await gateway.end("a1", seconds=0, cause="cancelled")

    await process.replay()

    assert await gateway.start("a1", caller=LINE) == told
    assert (await on_record(pool))[0] == "ended"


async def test_r20_a_call_that_was_refused_and_talked_all_the_same_is_flagged(
    process: Process, pool: Pool, account: int
) -> None:
    await process.lose_answer()
    await process.book.take(PBX, CallEnded(call_id="a1", cause=Cause.NORMAL, seconds=60))

    await process.replay()

    assert await on_record(pool) == ("refused", "unavailable", 0, ["told_otherwise", "refused"])
    assert await money(pool, account) == (D(1), D(0))


@pytest.fixture
async def trusted(process: Process, pool: Pool, account: int) -> int:
    """The account may call on for ten seconds without the database, and its process knows that."""
    async with pool.acquire() as conn:
        await conn.execute("UPDATE account SET unavailable_allow_s = 10")
        known = process.book.without_database.known
        await last_known.refresh(known, conn, all_recorded=True, now=NOON)
    return account


async def test_r34_a_call_that_was_told_to_connect_is_granted_what_it_was_told(
    process: Process, pool: Pool, trusted: int
) -> None:
    assert (await process.lose_answer())["max_seconds"] == 10

    await process.replay()

    assert await on_record(pool) == ("open", None, 10, ["unavailable", "told_otherwise"])
    assert await money(pool, trusted) == (D(1), D("0.027"))
    await process.book.take(PBX, CallEnded(call_id="a1", cause=Cause.NORMAL, seconds=10))
    assert await money(pool, trusted) == (D("0.973"), D(0))


async def test_r34_a_call_that_was_refused_on_record_and_told_to_connect_is_held_and_charged(
    process: Process, gateway: Gateway, pool: Pool, trusted: int
) -> None:
    async with pool.acquire() as conn:
        await world.adjust(conn, trusted, "-1")
    assert (await process.lose_answer())["action"] == "connect"
    assert (await on_record(pool))[:2] == ("refused", "no_money")

    await process.replay()

    assert await on_record(pool) == ("open", None, 10, ["unavailable", "told_otherwise"])
    await gateway.answer("a1")
    await gateway.end("a1", seconds=10)
    assert await money(pool, trusted) == (D("-0.027"), D(0))


async def test_r34_an_end_that_came_while_it_was_refused_on_record_is_charged(
    process: Process, gateway: Gateway, pool: Pool, trusted: int
) -> None:
    async with pool.acquire() as conn:
        await world.adjust(conn, trusted, "-1")
    await process.lose_answer()
    await gateway.end("a1", seconds=10)

    await process.replay()

    assert (await on_record(pool))[0] == "ended"
    assert await money(pool, trusted) == (D("-0.027"), D(0))


async def test_a_replay_that_comes_twice_changes_nothing(process: Process, pool: Pool, trusted: int) -> None:
    await process.lose_answer()
    await process.book.take(PBX, CallAnswered(call_id="a1", at=NOON))
    await process.replay()
    before = await pool.fetchrow(
        "SELECT call.*, live_call.hold FROM call JOIN live_call ON live_call.call_id = call.id"
    )

    process.database.loses_answer = True
    await process.start()
    process.database.loses_answer = False
    await process.replay()

    after = await pool.fetchrow("SELECT call.*, live_call.hold FROM call JOIN live_call ON live_call.call_id = call.id")
    assert after == before
