"""Ordinary calls are decided by what the process remembers, in one statement; whatever is otherwise by now is found."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.calls.extend import extend_holds
from tests.support import world
from tests.support.running import Gateway, gateway_on
from tests.support.world import NOON

D = Decimal
LINE, OTHER_LINE, CONNECTOR = "+15550100001", "+15550100002", "office"
# A call of the whole hour at 0.027 a minute costs 1.62, and holds 0.135 to begin with.


@pytest.fixture
async def account(pool: Pool) -> int:
    async with pool.acquire() as conn:
        account_id = await world.account(conn, balance="10", main_number="+15550100009")
        await world.number(conn, account_id, LINE)
        await world.number(conn, account_id, OTHER_LINE)
        await world.connector(conn, account_id, CONNECTOR)
        await world.rate(conn, "44", "0.0270")
        await world.rate(conn, "447", "0.0500")
    return account_id


async def learn(gateway: Gateway, pool: Pool) -> None:
    """Have each line known by a call that is over, and the rates read, as a worker does every few seconds."""
    for number, line in enumerate((LINE, OTHER_LINE, CONNECTOR)):
        await gateway.start(f"learn{number}", caller=line)
        await gateway.end(f"learn{number}", answered=False, seconds=0)
    async with pool.acquire() as conn:
        await gateway.process.book.refresh(conn, now=gateway.clock.now())


@pytest.fixture
async def knowing(gateway: Gateway, pool: Pool, account: int) -> Gateway:
    """A gateway that remembers the lines and the rates."""
    await learn(gateway, pool)
    return gateway


@pytest.fixture
async def unknowing(dsn: str, tmp_path: Path, account: int) -> AsyncIterator[Gateway]:
    """Another one on the same database, which remembers nothing."""
    async with gateway_on(dsn, tmp_path / "unknowing") as gateway:
        yield gateway


@dataclass
class Statements:
    """What is sent to the database on any connection."""

    sent: list[str] = field(default_factory=list)

    def take(self) -> list[str]:
        sent, self.sent = self.sent, []
        return sent


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Statements:
    seen = Statements()

    def passing(real: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def send(conn: Any, statement: str, *args: Any, **kwargs: Any) -> Any:
            seen.sent.append(statement)
            return await real(conn, statement, *args, **kwargs)

        return send

    for method in ("execute", "fetch", "fetchrow", "fetchval"):
        monkeypatch.setattr(asyncpg.Connection, method, passing(getattr(asyncpg.Connection, method)))
    return seen


async def on_record(conn: PgConnection, call_id: str) -> dict[str, Any]:
    """All that a decision says, but for the instants."""
    row = await conn.fetchrow(
        """
        SELECT
            state, rule, reason, record_code, sip_code, caller_id, granted_s, available::numeric AS available, rate_id,
            line_id, call.account_id, hold::numeric AS hold, held_s, must_end_at - started_at AS must_end,
            cut_due_at - started_at AS cut_due, extend_due_at - started_at AS extend_due
        FROM call
        LEFT JOIN live_call ON live_call.call_id = call.id
        WHERE provider_call_id = $1
        """,
        call_id,
    )
    assert row is not None
    return dict(row)


@pytest.mark.parametrize(
    ("call", "price"),
    [
        ({"caller": LINE, "callee": "+442079460000"}, "0.054"),
        ({"caller": LINE, "callee": "+447900000000"}, "0.1"),
        ({"caller": "+442079460000", "callee": LINE, "direction": "inbound"}, "0"),
        ({"caller": CONNECTOR, "callee": "+442079460000"}, "0"),
    ],
)
async def test_an_ordinary_call_starts_in_one_statement_and_ends_in_one(
    knowing: Gateway, pool: Pool, statements: Statements, call: dict[str, str], price: str
) -> None:
    statements.take()

    told = await knowing.start("a1", **call)
    started = statements.take()
    ended = await knowing.end("a1", answered=True, seconds=61)

    assert (told["action"], told["max_seconds"]) == ("connect", 3600)
    assert len(started) == 1
    assert len(statements.take()) == 1
    assert D(ended["charged"]) == D(price)
    async with pool.acquire() as conn:
        assert await world.money(conn, await conn.fetchval("SELECT id FROM account")) == (D(10) - D(price), D(0))


async def test_calls_of_an_account_with_little_money_are_not_tried_twice(
    knowing: Gateway, pool: Pool, account: int, statements: Statements
) -> None:
    async with pool.acquire() as conn:
        await world.adjust(conn, account, "-9")

    sent = []
    for name in ("a1", "a2", "a3"):
        statements.take()
        assert (await knowing.start(name))["max_seconds"] < 3600
        sent.append(sum("calls_open" in each for each in statements.take()))
        await knowing.end(name, answered=False, seconds=0)

    assert sent == [2, 1, 1]


async def test_an_answered_call_ends_in_one_statement(knowing: Gateway, statements: Statements) -> None:
    await knowing.start("a1")
    knowing.clock.advance(10)
    await knowing.answer("a1")
    knowing.clock.advance(61)
    statements.take()

    ended = await knowing.end("a1", seconds=61)

    assert len(statements.take()) == 1
    assert D(ended["charged"]) == D("0.054")


async def test_what_is_decided_by_memory_is_on_record_as_what_is_gathered(
    knowing: Gateway, unknowing: Gateway, pool: Pool
) -> None:
    for name, line in (("number", LINE), ("office", CONNECTOR)):
        for gateway, call_id in ((knowing, f"{name} 1"), (unknowing, f"{name} 2")):
            await gateway.start(call_id, caller=line)
            async with pool.acquire() as conn:
                recorded = await on_record(conn, call_id)
                if gateway is knowing:
                    remembered = recorded
            await gateway.end(call_id, answered=False, seconds=0)
        assert remembered == recorded


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE account SET state = 'blocked', blocked_reason = 'fraud'",
        "UPDATE account SET state = 'closed', closed_at = created_at, low_balance_due_at = 'infinity'",
        "UPDATE account SET caps = '{\"live_calls\": 0}'",
        'UPDATE account SET caps = \'{"spend_a_day": "0.5"}\'',
        "UPDATE account SET free_inbound_needs_balance = true, held = 10",
        "UPDATE account SET held = 8.38",
        "UPDATE account SET held = 8.380001",
        "UPDATE account SET held = 9.99",
        "UPDATE account SET held = 11",
        "UPDATE account SET held = 9.5, owed = 9.5",
        "UPDATE account SET held = 11, credit_limit = 20",
        "UPDATE account SET main_number = NULL",
        "UPDATE line SET state = 'suspended'",
        "UPDATE line SET state = 'disconnected', disconnected_at = created_at",
        "UPDATE line SET country = 'DE'",
        "MOVE",
        "DEARER",
        "DEARER LONGER",
        "ENDS",
        "FOR SOME",
    ],
)
@pytest.mark.parametrize("direction", ["outbound", "inbound", "connector"])
async def test_whatever_changed_meanwhile_is_decided_as_by_one_that_remembers_nothing(
    knowing: Gateway, unknowing: Gateway, pool: Pool, change: str, direction: str
) -> None:
    async with pool.acquire() as conn:
        await _change(conn, change)
    caller = {
        "outbound": {"caller": LINE, "callee": "+442079460000"},
        "inbound": {"caller": "+442079460000", "callee": LINE, "direction": "inbound"},
        "connector": {"caller": CONNECTOR, "callee": "+442079460000"},
    }[direction]

    records, told = [], []
    for gateway, call_id in ((knowing, "a1"), (unknowing, "a2")):
        told.append(await gateway.start(call_id, **caller))
        async with pool.acquire() as conn:
            records.append(await on_record(conn, call_id))
        if told[-1]["action"] == "connect":
            await gateway.end(call_id, answered=False, seconds=0)

    assert told[0] | {"call_id": "a2"} == told[1]
    assert records[0] == records[1]


async def _change(conn: PgConnection, change: str) -> None:
    match change:
        case "MOVE":
            other = await world.account(conn, balance="0.01")
            await conn.execute("UPDATE line SET account_id = $1", other)
        case "DEARER":
            await conn.execute("UPDATE rate SET valid_until = $1", NOON)
            await world.rate(conn, "44", "0.9", valid_from=NOON)
        case "DEARER LONGER":
            await world.rate(conn, "44207", "0.9")
        case "ENDS":
            await conn.execute("UPDATE rate SET valid_until = $1", NOON)
            await conn.execute("INSERT INTO rate_version (imported_at, source) VALUES ($1, 'test')", NOON)
        case "FOR SOME":
            await world.rate(conn, "44", "0.5", caller_prefixes="1555")
        case statement:
            await conn.execute(statement)


async def test_a_rate_that_ends_or_begins_by_the_clock_counts_from_then(
    knowing: Gateway, unknowing: Gateway, pool: Pool
) -> None:
    async with pool.acquire() as conn:
        await conn.execute("UPDATE rate SET valid_until = $1 WHERE prefix = '44'", NOON + timedelta(hours=1))
        await world.rate(conn, "44", "0.0100", valid_from=NOON + timedelta(hours=1))
        await knowing.process.book.refresh(conn, now=NOON)

    charges = []
    for gateway, name, seconds in ((knowing, "a", 0), (knowing, "b", 3600), (unknowing, "c", 3600)):
        gateway.clock.at = NOON + timedelta(seconds=seconds)
        await gateway.start(name)
        charges.append(D((await gateway.end(name, answered=True, seconds=60))["charged"]))

    assert charges == [D("0.027"), D("0.01"), D("0.01")]


async def test_r16_a_repeat_has_the_stored_reply_and_another_call_under_the_id_is_refused(knowing: Gateway) -> None:
    told = await knowing.start("a1")

    assert await knowing.start("a1") == told
    assert (await knowing.start("a1", callee="+442079460001"))["reason"] == "id_reused"
    assert (await knowing.start("a2"))["action"] == "connect"


async def test_r15_calls_that_come_together_never_hold_more_than_there_is(
    knowing: Gateway, pool: Pool, account: int
) -> None:
    async with pool.acquire() as conn:
        await world.adjust(conn, account, "-8.245")  # 1.755: an hour of one call beside the hold of another

    told = await asyncio.gather(*(knowing.start(f"a{number}") for number in range(20)))

    assert [each["action"] for each in told].count("connect") == 13
    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (D("1.755"), D("1.755"))


async def test_a_call_whose_hold_has_grown_is_charged_all_that_it_talked(
    knowing: Gateway, pool: Pool, account: int
) -> None:
    await knowing.start("a1")
    await knowing.answer("a1")
    knowing.clock.advance(280)
    await extend_holds(knowing.process.context)
    knowing.clock.advance(300)

    ended = await knowing.end("a1", seconds=580)

    assert D(ended["charged"]) == D("0.27")
    async with pool.acquire() as conn:
        assert await world.money(conn, account) == (D("9.73"), D(0))


async def test_an_end_that_another_process_was_told_of_first_stands(knowing: Gateway, unknowing: Gateway) -> None:
    await knowing.start("a1")
    first = await unknowing.end("a1", answered=True, seconds=60)

    again = await knowing.end("a1", answered=True, seconds=600)

    assert first["charged"] == again["charged"]


async def test_an_answer_that_another_process_was_told_of_counts(knowing: Gateway, unknowing: Gateway) -> None:
    await knowing.start("a1")
    for gateway in (knowing, unknowing):
        gateway.clock.advance(30)
    await unknowing.answer("a1")
    knowing.clock.advance(90)

    ended = await knowing.end("a1")

    assert D(ended["charged"]) == D("0.054")
