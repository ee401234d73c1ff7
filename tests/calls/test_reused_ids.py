"""R16: a call id means one call. The same webhook has the same reply; another call under its id is refused."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.events import CallStarted, Direction
from gateway.postgres.types import PgConnection, Pool
from gateway.spool.record import Record
from gateway.usecases.calls.shown.show import show_call
from tests.support import world
from tests.support.running import Gateway

D = Decimal
LINE, OTHER_LINE, STRANGERS_LINE = "+15550100001", "+15550100002", "+15550100003"
CHEAP, DEAR = "+442079460000", "+19005551234"
REUSED = {"action": "reject", "sip_code": 487, "reason": "id_reused"}
OTHERS = {
    "another_callee": {"callee": DEAR},
    "another_line": {"callee": CHEAP, "caller": OTHER_LINE},
    "another_accounts_line": {"callee": CHEAP, "caller": STRANGERS_LINE},
    "another_direction": {"callee": LINE, "caller": CHEAP, "direction": "inbound"},
    "a_line_of_nobody": {"callee": CHEAP, "caller": "+15550100009"},
}


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    """An account with two numbers, another one with one, and rates of which one is dear."""
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, LINE)
        await world.number(conn, account, OTHER_LINE)
        await world.number(conn, await world.account(conn), STRANGERS_LINE)
        await world.rate(conn, "44", "0.01")
        await world.rate(conn, "1900", "5")
        yield conn


async def records(conn: PgConnection) -> list[tuple[int, str, str | None, int, list[str]]]:
    """The records of the id `a1`: which it is, state, reason, code and flags."""
    rows = await conn.fetch(
        "SELECT reuse, state, reason, record_code, flags FROM call WHERE provider_call_id = 'a1' ORDER BY reuse"
    )
    return [(row["reuse"], row["state"], row["reason"], row["record_code"], row["flags"]) for row in rows]


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS.keys())
@pytest.mark.parametrize("state", ["open", "ended", "refused"])
async def test_r16_another_call_under_a_used_id_is_refused_and_flagged_on_both(
    gateway: Gateway, conn: PgConnection, state: str, other: dict[str, str]
) -> None:
    first = await gateway.start("a1", "+81312345678" if state == "refused" else CHEAP)
    if state == "ended":
        await gateway.end("a1", seconds=0)

    assert await gateway.start("a1", **other) == {"call_id": "a1", **REUSED}

    reason, code = ("no_rate", 503) if state == "refused" else (None, 200)
    assert await records(conn) == [
        (0, state, reason, code, ["id_reused"]),
        (1, "refused", "id_reused", 487, ["id_reused"]),
    ]
    assert await gateway.start("a1", "+81312345678" if state == "refused" else CHEAP) == first


async def test_r16_a_dear_call_under_the_id_of_a_cheap_one_holds_nothing_and_is_not_connected(
    gateway: Gateway, conn: PgConnection
) -> None:
    await gateway.start("a1", CHEAP)
    account = await conn.fetchval("SELECT account_id FROM line WHERE name = $1", LINE)
    before = await world.money(conn, account)

    assert (await gateway.start("a1", DEAR))["action"] == "reject"

    assert await world.money(conn, account) == before


async def test_r16_a_repeat_of_the_refused_one_has_its_reply_and_no_record_more(
    gateway: Gateway, conn: PgConnection
) -> None:
    first = await gateway.start("a1", CHEAP)
    refused = await gateway.start("a1", DEAR)

    assert await gateway.start("a1", DEAR) == refused
    assert await gateway.start("a1", CHEAP) == first
    assert await gateway.start("a1", CHEAP, caller=OTHER_LINE) == refused

    assert [(number, state) for number, state, *_ in await records(conn)] == [
        (0, "open"),
        (1, "refused"),
        (2, "refused"),
    ]


@pytest.mark.parametrize("spelling", ["tel:+442079460000", "+44 20 7946 0000", "011442079460000"])
async def test_r16_a_repeat_whose_numbers_are_spelled_otherwise_is_the_same_call(
    gateway: Gateway, conn: PgConnection, spelling: str
) -> None:
    first = await gateway.start("a1", CHEAP)

    assert await gateway.start("a1", spelling) == first
    assert await records(conn) == [(0, "open", None, 200, [])]


async def test_r16_answers_and_ends_under_the_id_count_for_the_first_call(gateway: Gateway, conn: PgConnection) -> None:
    await gateway.start("a1", CHEAP)
    await gateway.start("a1", DEAR)
    await gateway.answer("a1")
    gateway.clock.advance(60)

    ended = await gateway.end("a1", seconds=60)

    assert ended["charged"] == "0.010000"
    assert [(number, state) for number, state, *_ in await records(conn)] == [(0, "ended"), (1, "refused")]


async def test_r16_one_connections_ids_are_not_anothers(gateway: Gateway, conn: PgConnection) -> None:
    await gateway.start("a1", CHEAP)

    assert (await gateway.start("a1", DEAR, connection="trunk"))["action"] == "connect"


async def test_r16_an_end_that_tells_of_no_start_waits_for_the_first_that_comes_and_no_other(
    gateway: Gateway, conn: PgConnection
) -> None:
    await gateway.end("a1", seconds=60)
    assert (await gateway.start("a1", CHEAP))["reason"] == "call_ended"

    assert await gateway.start("a1", DEAR) == {"call_id": "a1", **REUSED}
    assert (await gateway.start("a1", CHEAP))["reason"] == "call_ended"

    assert [each[:4] for each in await records(conn)] == [(0, "ended", None, 200), (1, "refused", "id_reused", 487)]


async def test_r16_a_call_that_an_end_told_of_has_its_id_too(gateway: Gateway, conn: PgConnection) -> None:
    told = {"direction": "outbound", "caller": LINE, "callee": CHEAP}
    await gateway.end("a1", seconds=60, **told)

    assert (await gateway.start("a1", CHEAP))["reason"] == "call_ended"
    assert await gateway.start("a1", DEAR) == {"call_id": "a1", **REUSED}


async def test_r16_a_start_that_comes_again_is_a_repeat_whoever_has_its_number_by_then(
    gateway: Gateway, conn: PgConnection
) -> None:
    first = await gateway.start("a1", CHEAP)
    await conn.execute("UPDATE line SET state = 'disconnected' WHERE name = $1", LINE)
    await world.number(conn, await world.account(conn), LINE)

    assert await gateway.start("a1", CHEAP) == first
    assert [each[0] for each in await records(conn)] == [0]


async def test_r16_two_calls_under_one_id_at_the_same_instant_are_one_call(
    gateway: Gateway, conn: PgConnection
) -> None:
    replies = await asyncio.gather(gateway.start("a1", CHEAP), gateway.start("a1", DEAR), gateway.start("a1", DEAR))

    assert sorted(each["action"] for each in replies) in (["connect", "reject", "reject"], ["connect"] * 2 + ["reject"])
    assert [each[1] for each in await records(conn)] == ["open", "refused"]


async def test_r16_r21_two_calls_at_the_same_instant_under_the_id_of_an_end_are_the_ended_one_and_another(
    gateway: Gateway, conn: PgConnection
) -> None:
    await gateway.end("a1", seconds=60)

    calls = [
        CallStarted(call_id="a1", direction=Direction.OUTBOUND, caller=LINE, callee=callee, line=LINE)
        for callee in (CHEAP, DEAR)
    ]
    pbx = gateway.process.context.settings.connections["pbx"]
    results = await asyncio.gather(*(gateway.process.book.start(pbx, call) for call in calls))

    assert [json.loads(each.reply)["reason"] for each in results] == ["call_ended", "id_reused"]
    assert [(number, state) for number, state, *_ in await records(conn)] == [(0, "ended"), (1, "refused")]


async def test_r16_a_call_that_was_connected_without_the_database_under_a_used_id_is_on_record(
    gateway: Gateway, conn: PgConnection
) -> None:
    await gateway.start("a1", CHEAP)
    other = CallStarted(call_id="a1", direction=Direction.OUTBOUND, caller=LINE, callee=DEAR, line=LINE)
    spooled = Record(
        connection="pbx", received_at=gateway.clock.now(), started=other, allowed_s=60, replied=b'{"action":"connect"}'
    )

    await gateway.process.book.replay(spooled)
    await gateway.process.book.replay(spooled)

    assert await records(conn) == [
        (0, "open", None, 200, ["id_reused"]),
        (1, "refused", "id_reused", 487, ["unavailable", "id_reused"]),
    ]


async def test_r16_reused_ids_are_counted_and_explained(gateway: Gateway, conn: PgConnection) -> None:
    await gateway.start("a1", CHEAP)
    await gateway.start("a1", DEAR)
    await gateway.start("a1", DEAR)

    metrics = (await gateway.client.get("/metrics")).text
    assert 'gateway_decisions_total{direction="outbound",reason="id_reused"} 1.0' in await metrics()
    second = await conn.fetchval("SELECT id FROM call WHERE reuse = 1")
    explained = (await show_call(conn, reference=str(second))).explanation
    assert explained[1] == "Refused by R16: its id is that of another call (487 on record, 487 to the provider)."
    first = await show_call(conn, reference="pbx:a1")
    assert first.call.callee == CHEAP
    assert (
        first.explanation[-1] == "Flag id_reused: more than one call came under its id; all but the first are refused."
    )


async def test_r16_an_id_stays_used_for_ever(gateway: Gateway, conn: PgConnection) -> None:
    await gateway.start("a1", CHEAP)
    await gateway.end("a1", seconds=0)
    gateway.clock.at += timedelta(days=400)

    assert await gateway.start("a1", DEAR) == {"call_id": "a1", **REUSED}
