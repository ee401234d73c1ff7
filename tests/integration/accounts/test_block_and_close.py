"""An account is blocked, calls again, and is closed: what becomes of its calls, its money and its lines."""

from decimal import Decimal

import pytest

from gateway.domain.calls.call import Flag
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.usecases.accounts.block import block_account, unblock_account
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.accounts.close import ClosingMoney, close_account, plan_closing
from gateway.usecases.accounts.move_money import DEFAULT_RULE, adjust, top_up
from gateway.usecases.accounts.show import show_account
from gateway.usecases.accounts.warn_low_balance import warn
from gateway.usecases.lines.manage import add_connector, add_number
from gateway.usecases.lines.rent import rent_number
from gateway.usecases.lines.run_due import run_all_due
from tests.support import calls, world
from tests.support.actors import CLERK
from tests.support.company import berlin
from tests.support.running import Gateway
from tests.support.world import NOON

D = Decimal
LINE, OTHER = "+15550100001", "+493023125101"


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


@pytest.fixture
async def account(conn) -> int:
    account = await world.account(conn, balance="10", main_number="+15550100999")
    await world.number(conn, account, LINE)
    await world.rate(conn, "44")
    return account


async def test_a_blocked_account_starts_no_call_until_it_is_unblocked(gateway: Gateway, conn, account):
    blocked = await block_account(conn, actor=CLERK, account_id=account, reason="unpaid invoice", now=NOON)
    assert (blocked.account.state, blocked.account.blocked_reason) == ("blocked", "unpaid invoice")

    out = await gateway.start("a1")
    into = await gateway.start("a2", LINE, caller="+442079460000", direction="inbound")
    helped = await gateway.start("a3", "112")
    assert (out["action"], out["sip_code"], out["reason"]) == ("reject", 403, "account_blocked")
    assert (into["action"], into["sip_code"], into["reason"]) == ("reject", 486, "account_blocked")
    assert helped["action"] == "connect"

    unblocked = await unblock_account(conn, actor=CLERK, account_id=account, now=NOON)
    assert (unblocked.state, unblocked.blocked_reason) == ("open", None)
    assert (await gateway.start("a4"))["action"] == "connect"


async def test_block_with_cut_ends_what_is_up_but_emergency_calls(gateway: Gateway, conn, account):
    await gateway.start("up")
    await gateway.start("help", "112")

    blocked = await block_account(conn, actor=CLERK, account_id=account, reason="fraud", now=NOON, cut=True)
    await gateway.cut()

    assert (blocked.cut, blocked.uncuttable) == (1, 0)
    assert gateway.provider.hang_ups() == [("up", "operator")]


async def test_block_without_cut_leaves_what_is_up_and_block_with_cut_says_what_it_cannot_end(conn, account):
    await calls.start(conn, "a1")
    await conn.execute("UPDATE live_call SET cut_due_at = NULL")

    assert (await block_account(conn, actor=CLERK, account_id=account, reason="first", now=NOON)).uncuttable == 0
    again = await block_account(conn, actor=CLERK, account_id=account, reason="second", now=NOON, cut=True)

    assert (again.cut, again.uncuttable, again.account.blocked_reason) == (0, 1, "second")


@pytest.mark.parametrize("reason", ["", "  ", "a\nb", "x" * 501])
async def test_a_reason_that_says_nothing_is_refused(conn, account, reason):
    with pytest.raises(InvalidInput, match="reason"):
        await block_account(conn, actor=CLERK, account_id=account, reason=reason, now=NOON)


async def test_what_is_not_there_or_not_blocked_is_not_unblocked(conn, account):
    with pytest.raises(NotFound):
        await block_account(conn, actor=CLERK, account_id=account + 1, reason="x", now=NOON)
    with pytest.raises(Conflict, match="not blocked"):
        await unblock_account(conn, actor=CLERK, account_id=account, now=NOON)


async def test_closing_ends_all_lines_pays_out_and_takes_nothing_more(gateway: Gateway, conn, account):
    await world.rented(conn, account, OTHER, due_on=berlin(4, 1).date())
    plan = await plan_closing(conn, account_id=account)
    assert (plan.balance, plan.currency, plan.live_calls, plan.lines) == (D(10), "USD", 0, [LINE, OTHER])

    closed = await close_account(conn, actor=CLERK, account_id=account, money=ClosingMoney.PAY_OUT, now=NOON)

    assert (closed.state, closed.balance, closed.main_number, closed.closed_at) == ("closed", 0, None, NOON)
    assert await conn.fetch("SELECT DISTINCT state FROM line") == [("disconnected",)]
    refused = await gateway.start("a1")
    assert (refused["sip_code"], refused["reason"]) == (403, "account_closed")
    assert (await gateway.start("a2", LINE, caller="+442079460000", direction="inbound"))["sip_code"] == 404
    assert (await gateway.start("a3", "112"))["action"] == "connect"
    await _nothing_more(conn, account)
    await run_all_due(conn, now=berlin(6, 1))
    await warn(conn, [account], rule=DEFAULT_RULE, now=NOON)
    assert await conn.fetchval("SELECT count(*) FROM mail WHERE kind NOT IN ('line_disconnected')") == 0
    assert (await check_ledger(conn, now=NOON)).ok
    await add_number(conn, actor=CLERK, account_id=await world.account(conn), number=LINE, now=NOON)  # it is free again


async def _nothing_more(conn, account: int) -> None:
    with pytest.raises(Conflict, match="closed"):
        await top_up(conn, actor=CLERK, account_id=account, amount=D(1), external_id="late", now=NOON)
    with pytest.raises(Conflict, match="closed"):
        await adjust(conn, actor=CLERK, account_id=account, amount=D(-1), now=NOON)
    with pytest.raises(Conflict, match="closed"):
        await add_number(conn, actor=CLERK, account_id=account, number="+15550100007", now=NOON)
    with pytest.raises(Conflict, match="closed"):
        await add_connector(conn, actor=CLERK, account_id=account, name="office", now=NOON)
    with pytest.raises(Conflict, match="closed"):
        await rent_number(conn, actor=CLERK, account_id=account, number="+15550100007", now=NOON)
    with pytest.raises(Conflict, match="closed"):
        await block_account(conn, actor=CLERK, account_id=account, reason="x", now=NOON)
    with pytest.raises(Conflict, match="closed"):
        await close_account(conn, actor=CLERK, account_id=account, money=None, now=NOON)


async def test_an_end_that_comes_after_the_closing_is_booked_all_the_same(conn, account):
    await calls.start(conn, "zero")
    await calls.end(conn, "zero", 0)
    await close_account(conn, actor=CLERK, account_id=account, money=ClosingMoney.PAY_OUT, now=NOON)

    await calls.end(conn, "zero", 60)

    after = await show_account(conn, account_id=account)
    assert after.balance == D("-0.027")
    assert await conn.fetchval("SELECT flags FROM call") == [Flag.END_DIFFERS]
    assert (await check_ledger(conn)).ok


async def test_an_account_with_calls_is_not_closed(conn, account):
    await calls.start(conn, "a1")

    with pytest.raises(Conflict, match="1 calls that are up"):
        await close_account(conn, actor=CLERK, account_id=account, money=ClosingMoney.PAY_OUT, now=NOON)

    assert (await show_account(conn, account_id=account)).state == "open"


@pytest.mark.parametrize(
    ("balance", "money", "left", "said"),
    [
        ("5", None, None, "say what becomes of it"),
        ("5", ClosingMoney.WRITE_OFF, None, "not written off"),
        ("-5", ClosingMoney.PAY_OUT, None, "not paid out"),
        ("5", ClosingMoney.PAY_OUT, 0, None),
        ("5", ClosingMoney.KEEP, 5, None),
        ("-5", ClosingMoney.WRITE_OFF, 0, None),
        ("-5", ClosingMoney.KEEP, -5, None),
        ("0", None, 0, None),
        ("0", ClosingMoney.PAY_OUT, 0, None),
        ("0", ClosingMoney.WRITE_OFF, 0, None),
    ],
)
async def test_what_becomes_of_the_money_is_said_and_fits(conn, balance, money, left, said):
    account = await world.account(conn, balance=balance)
    if said is not None:
        with pytest.raises(Conflict, match=said):
            await close_account(conn, actor=CLERK, account_id=account, money=money, now=NOON)
        assert (await show_account(conn, account_id=account)).state == "open"
        return

    assert (await close_account(conn, actor=CLERK, account_id=account, money=money, now=NOON)).balance == left
