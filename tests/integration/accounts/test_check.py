"""R2: `check` finds whatever is wrong with the books, and nothing where nothing is."""

from datetime import timedelta

import pytest

from gateway.usecases.accounts.check_ledger import check_ledger, compare_clocks
from tests.support import calls, world
from tests.support.world import NOON, FakeClock


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


@pytest.fixture
async def account(conn) -> int:
    """An account with an ended call, a live one and a refused one."""
    account = await world.account(conn, balance="10")
    await world.number(conn, account, "+15550100001")
    await world.rate(conn, "44")
    await calls.start(conn, "ended")
    await calls.end(conn, "ended", 95)
    await calls.start(conn, "live")
    await calls.start(conn, "refused", callee="+12125550123")
    return account


async def found(conn) -> list[tuple[str, int | None, str]]:
    checked = await check_ledger(conn)
    assert checked.ok is not bool(checked.differences)
    return [(each.kind, each.account_id, each.text) for each in checked.differences]


async def test_r2_books_that_are_right_have_no_differences(conn, account):
    await world.account(conn, balance="0")

    checked = await check_ledger(conn)

    assert (checked.ok, checked.accounts, checked.differences) == (True, 2, [])


async def test_r2_an_empty_database_is_right(conn):
    assert (await check_ledger(conn)).ok


async def test_r2_a_balance_that_is_not_the_sum_of_its_entries_is_found(conn, account):
    await conn.execute("UPDATE account SET balance = balance + 1")

    assert await found(conn) == [
        ("balance", account, f"account {account}: the balance is 10.946000, the entries make 9.946000")
    ]


async def test_r2_an_entry_whose_balance_does_not_follow_is_found(conn, account):
    await conn.execute(
        """
        INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, booked_at)
        VALUES ($1, 'adjustment', 1, 99, 'x', $2)
        """,
        account,
        NOON,
    )

    assert [(kind, text.partition(": ")[2]) for kind, _, text in await found(conn)] == [
        ("balance", "the balance is 9.946000, the entries make 10.946000"),
        ("chain", "the balance after it is 99.000000, by the entry before it is 10.946000"),
    ]


async def test_r2_a_hold_that_no_live_call_has_is_found(conn, account):
    await conn.execute("UPDATE account SET held = held + 2")

    assert await found(conn) == [
        ("held", account, f"account {account}: 2.135000 are held, its live calls hold 0.135000")
    ]


async def test_r2_a_charge_without_its_entry_is_found(conn, account):
    await conn.execute("UPDATE call SET charge = 5 WHERE state = 'ended'")

    [(kind, owner, text)] = await found(conn)
    assert (kind, owner) == ("charge", account)
    assert text.endswith("the charge is 5.000000, its entry 0.054000")


async def test_r22_an_open_call_nobody_looks_after_is_found(conn, account):
    await conn.execute("DELETE FROM live_call")

    assert [kind for kind, _, _ in await found(conn)] == ["held", "open_call"]


async def test_r22_a_live_call_of_a_closed_call_is_found(conn, account):
    await conn.execute(
        """
        INSERT INTO live_call (call_id, account_id, hold, held_s, must_end_at, reconcile_due_at)
        SELECT id, account_id, 0, 0, $1, $1 FROM call WHERE state <> 'open'
        """,
        NOON,
    )

    assert [kind for kind, _, _ in await found(conn)] == ["live_call", "live_call"]


async def test_a_clock_that_is_off_is_found(conn):
    at = await conn.fetchval("SELECT clock_timestamp()")

    [late] = await compare_clocks(conn, machine=FakeClock(at + timedelta(minutes=2)))

    assert await compare_clocks(conn, machine=FakeClock(at)) == []
    assert late.kind == "clock"
    assert late.text.startswith("the database's clock is -")


async def test_a_line_that_works_for_a_closed_account_is_found(conn):
    account = await world.account(conn, balance="0")
    line = await world.number(conn, account, "+15550100007")
    await conn.execute("UPDATE account SET state = 'closed', closed_at = $1, low_balance_due_at = 'infinity'", NOON)

    assert await found(conn) == [
        ("closed_line", account, f"line {line} works, and account {account}, whose it is, is closed")
    ]
