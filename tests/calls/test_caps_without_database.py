"""R17, R34: what a process last knew of an account's caps, money and prices holds while the database is away."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.block import block_account
from gateway.usecases.accounts.set_caps import set_caps
from gateway.workers.roster import roster
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway
from tests.support.world import NOON

LINE, CHEAP, DEAR, STRANGER = "+15550100001", "+442079460000", "+19005551234", "+447400123456"


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PgConnection]:
    """An account with 10.00, a number, and rates; without the database it may call for a minute."""
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="10", unavailable_allow_s=60)
        await world.number(conn, account, LINE)
        await world.connector(conn, account, "office")
        await world.rate(conn, "44", "0.01")
        await world.rate(conn, "1900", "5")
        yield conn


async def figures(gateway: Gateway) -> None:
    process = gateway.process
    [worker] = [each for each in roster(process.context, process.book, gateway.cutter) if each.name == "figures"]
    await worker.once()


async def lose(
    gateway: Gateway, conn: PgConnection, *, block: dict[Cap, list[str]] | None = None, **limits: str
) -> None:
    """Give the account caps, have them known, and take the database away."""
    account = await conn.fetchval("SELECT id FROM account")
    if block or limits:
        change = CapsChange(limits={Cap(name): text for name, text in limits.items()}, block=block or {})
        await set_caps(conn, actor=CLERK, account_id=account, change=change, now=NOON)
    await figures(gateway)
    gateway.process.context.pool.terminate()


async def reasons(gateway: Gateway, *calls: tuple[str, str]) -> list[str]:
    """What is replied to starts: connect, or why not."""
    replies = [await gateway.start(call_id, callee, caller=LINE) for call_id, callee in calls]
    return [each.get("reason", each["action"]) for each in replies]


async def test_r34_a_balance_is_not_spent_many_times_over(gateway: Gateway, conn: PgConnection) -> None:
    await lose(gateway, conn)

    replies = await reasons(gateway, *((f"a{number}", DEAR) for number in range(30)))

    assert replies == ["connect"] * 2 + ["no_money"] * 28  # 10.00 are two minutes at 5.00


async def test_r34_a_blocked_account_calls_nobody_without_the_database_either_but_for_help(
    gateway: Gateway, conn: PgConnection
) -> None:
    await block_account(
        conn, actor=CLERK, account_id=await conn.fetchval("SELECT id FROM account"), reason="unpaid", now=NOON
    )
    await lose(gateway, conn)

    assert await reasons(gateway, ("a1", CHEAP), ("a2", "112")) == ["account_blocked", "connect"]
    told = await gateway.start("a3", LINE, caller=STRANGER, direction="inbound")
    assert (told["action"], told["sip_code"]) == ("reject", 486)


async def test_r34_a_number_without_a_rate_is_not_called_for_nothing(gateway: Gateway, conn: PgConnection) -> None:
    await lose(gateway, conn)

    assert await reasons(gateway, ("a1", "+81312345678")) == ["no_rate"]


async def test_r17_blocked_prefixes_and_callers_and_what_is_dear_are_blocked_without_the_database(
    gateway: Gateway, conn: PgConnection
) -> None:
    await lose(gateway, conn, block={Cap.BLOCKED_PREFIXES: ["+4479", "dear"], Cap.BLOCKED_CALLERS: ["+3314"]})

    assert await reasons(gateway, ("a1", "+447911123456"), ("a2", DEAR), ("a3", CHEAP)) == [
        "capped",
        "capped",
        "connect",
    ]
    told = await gateway.start("a4", LINE, caller="+33140000000", direction="inbound")
    assert told == {"call_id": "a4", "action": "reject", "sip_code": 403, "reason": "capped"}


async def test_r17_the_dearest_rate_holds_without_the_database(gateway: Gateway, conn: PgConnection) -> None:
    await lose(gateway, conn, dearest_rate="0.5")

    assert await reasons(gateway, ("a1", DEAR), ("a2", CHEAP)) == ["capped", "connect"]


async def test_r17_live_calls_hold_without_the_database_with_those_that_were_up_before(
    gateway: Gateway, conn: PgConnection
) -> None:
    await gateway.start("up", CHEAP)
    await lose(gateway, conn, live_calls="2")

    assert await reasons(gateway, ("a1", CHEAP), ("a2", CHEAP)) == ["connect", "capped"]
    gateway.clock.advance(60)
    assert await reasons(gateway, ("a3", CHEAP)) == ["connect"]  # a1 was allowed a minute


async def test_r17_starts_a_minute_hold_without_the_database(gateway: Gateway, conn: PgConnection) -> None:
    await lose(gateway, conn, starts_a_minute="1")

    assert await reasons(gateway, ("a1", CHEAP), ("a2", CHEAP)) == ["connect", "capped"]


async def test_r17_what_a_day_may_cost_holds_without_the_database(gateway: Gateway, conn: PgConnection) -> None:
    await lose(gateway, conn, spend_a_day="5")

    assert await reasons(gateway, ("a1", DEAR), ("a2", DEAR)) == ["connect", "capped"]


async def test_r16_a_repeat_has_the_same_reply_and_another_call_under_the_id_is_refused(
    gateway: Gateway, conn: PgConnection
) -> None:
    await lose(gateway, conn, live_calls="1")

    assert await reasons(gateway, ("a1", CHEAP), ("a1", CHEAP), ("a1", DEAR)) == ["connect", "connect", "id_reused"]


async def test_r12_a_connector_costs_nothing_without_the_database_too(gateway: Gateway, conn: PgConnection) -> None:
    await lose(gateway, conn)

    told = await gateway.start("a1", "+81312345678", caller=STRANGER, line="office")

    assert told["max_seconds"] == 60


async def test_r34_the_money_is_counted_anew_when_the_database_has_all(gateway: Gateway, conn: PgConnection) -> None:
    await figures(gateway)
    known = gateway.process.book.without_database.known
    assert known.allowances[LINE].funds == Decimal(10)
    await world.adjust(conn, known.allowances[LINE].account_id, "-9")

    await lose(gateway, conn)

    assert await reasons(gateway, ("a1", DEAR), ("a2", CHEAP)) == ["no_money", "connect"]
