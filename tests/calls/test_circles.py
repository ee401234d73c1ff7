"""R13: numbers that forward to each other are found out at the second round, and honest forwards are not."""

from collections.abc import AsyncIterator

import pytest

from gateway.postgres.types import PgConnection, Pool
from tests.support import world
from tests.support.running import Gateway

A, B, C, OUTSIDE, STRANGER = "+15550100001", "+15550100002", "+15550100003", "+442079460000", "+447400123456"
CIRCLE = {"action": "reject", "sip_code": 486, "reason": "forwarded_in_a_circle"}


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    """Three numbers, the last of another account."""
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.number(conn, account, A)
        await world.number(conn, account, B)
        await world.number(conn, await world.account(conn), C)
        await world.rate(conn, "1", "0.01")
        await world.rate(conn, "44", "0.01")
        yield conn


async def comes_in(gateway: Gateway, call_id: str, line: str, caller: str, connection: str = "pbx") -> None:
    told = await gateway.start(call_id, line, caller=caller, direction="inbound", connection=connection)
    assert told["action"] == "connect"


async def is_forwarded(
    gateway: Gateway, call_id: str, parent: str, line: str, callee: str, *, connection: str = "pbx", caller: str = ""
) -> str:
    """What is replied: connect, or the reason of the refusal."""
    told = await gateway.start(
        call_id,
        callee,
        caller=caller or line,
        line=line,
        direction="forward",
        parent_call_id=parent,
        connection=connection,
    )
    assert told["action"] == "connect" or told == {"call_id": call_id, **CIRCLE}
    return str(told.get("reason", told["action"]))


@pytest.mark.parametrize("second", ["pbx", "trunk"])
@pytest.mark.parametrize("shown", [A, STRANGER], ids=["shows_the_number", "shows_the_first_caller"])
async def test_r13_two_numbers_that_forward_to_each_other_are_stopped_at_the_second_round(
    gateway: Gateway, conn: PgConnection, shown: str, second: str
) -> None:
    await comes_in(gateway, "i1", A, STRANGER)
    assert await is_forwarded(gateway, "f1", "i1", A, B, caller=STRANGER) == "connect"
    await comes_in(gateway, "i2", B, shown, connection=second)

    assert await is_forwarded(gateway, "f2", "i2", B, A, connection=second) == "forwarded_in_a_circle"
    row = await conn.fetchrow("SELECT rule, record_code FROM call WHERE provider_call_id = 'f2'")
    assert row is not None
    assert tuple(row) == ("R13", 403)


async def test_r13_a_circle_is_found_that_answers_what_comes_in_at_once(gateway: Gateway, conn: PgConnection) -> None:
    await comes_in(gateway, "i1", A, STRANGER)
    await is_forwarded(gateway, "f1", "i1", A, B)
    await comes_in(gateway, "i2", B, A)
    await gateway.answer("i2")
    await gateway.answer("f1")

    assert await is_forwarded(gateway, "f2", "i2", B, A) == "forwarded_in_a_circle"


async def test_r13_a_circle_of_three_numbers_and_two_accounts_is_found_where_it_closes(
    gateway: Gateway, conn: PgConnection
) -> None:
    await comes_in(gateway, "i1", A, STRANGER)
    assert await is_forwarded(gateway, "f1", "i1", A, B) == "connect"
    await comes_in(gateway, "i2", B, A, connection="trunk")
    assert await is_forwarded(gateway, "f2", "i2", B, C, connection="trunk") == "connect"
    await comes_in(gateway, "i3", C, B)

    assert await is_forwarded(gateway, "f3", "i3", C, A) == "forwarded_in_a_circle"


async def test_r13_a_circle_by_a_number_outside_is_found_when_its_call_comes_back(
    gateway: Gateway, conn: PgConnection
) -> None:
    await comes_in(gateway, "i1", A, STRANGER)
    assert await is_forwarded(gateway, "f1", "i1", A, OUTSIDE) == "connect"
    await comes_in(gateway, "i2", A, A)

    assert await is_forwarded(gateway, "f2", "i2", A, OUTSIDE) == "forwarded_in_a_circle"


async def test_r13_a_number_is_forwarded_to_another_of_ours_that_is_forwarded_on(
    gateway: Gateway, conn: PgConnection
) -> None:
    await comes_in(gateway, "i1", A, STRANGER)
    assert await is_forwarded(gateway, "f1", "i1", A, B) == "connect"
    await comes_in(gateway, "i2", B, A)

    assert await is_forwarded(gateway, "f2", "i2", B, OUTSIDE) == "connect"


async def test_r13_two_numbers_that_stand_in_for_each_other_are_forwarded_one_after_the_other(
    gateway: Gateway, conn: PgConnection
) -> None:
    await comes_in(gateway, "i1", A, STRANGER)
    await is_forwarded(gateway, "f1", "i1", A, B)
    await gateway.end("f1", seconds=0)
    await gateway.end("i1", seconds=0)
    await comes_in(gateway, "i2", B, A)

    assert await is_forwarded(gateway, "f2", "i2", B, A) == "connect"


async def test_r13_two_numbers_that_stand_in_for_each_other_are_forwarded_side_by_side(
    gateway: Gateway, conn: PgConnection
) -> None:
    await comes_in(gateway, "i1", A, STRANGER)
    await is_forwarded(gateway, "f1", "i1", A, B, caller=STRANGER)
    await gateway.answer("f1")
    await comes_in(gateway, "i2", B, OUTSIDE)
    await comes_in(gateway, "i3", B, STRANGER)

    assert await is_forwarded(gateway, "f2", "i2", B, A) == "connect"
    assert await is_forwarded(gateway, "f3", "i3", B, A) == "connect"


async def test_r13_many_calls_of_one_caller_are_forwarded_to_one_number(gateway: Gateway, conn: PgConnection) -> None:
    for number in range(3):
        await comes_in(gateway, f"i{number}", A, STRANGER)
        assert await is_forwarded(gateway, f"f{number}", f"i{number}", A, OUTSIDE, caller=STRANGER) == "connect"
