"""Credits pay overdue rents first, in their order; what is paid works again in the same second (R3, R24, R25)."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.move_money import adjust, refund, top_up
from tests.support import calls, world
from tests.support.actors import CLERK
from tests.support.rent_rows import keep, line, mailed, mails, rents, states
from tests.support.rents import berlin

NUMBER = "+493055501"
D = Decimal


async def pay(conn: PgConnection, account: int, amount: str, *, at: object, external_id: str = "p-1") -> D:
    """Top up; the balance after it and after what it paid."""
    await top_up(conn, actor=CLERK, account_id=account, amount=D(amount), external_id=external_id, now=at)
    return (await world.money(conn, account))[0]


async def three_overdue(conn: PgConnection, *, balance: str = "-1") -> tuple[int, int, int, int]:
    """A due 1 June, rent 8; B due 10 June, rent 3; C due 1 July, rent 4."""
    account = await world.account(conn, balance=balance)
    a = await world.rented(conn, account, "+493055501", date(2026, 6, 1), rent="8")
    b = await world.rented(conn, account, "+493055502", date(2026, 6, 10), rent="3")
    c = await world.rented(conn, account, "+493055503", date(2026, 7, 1), rent="4")
    return account, a, b, c


@pytest.mark.parametrize("kept_before", [True, False], ids=["noticed", "not noticed yet"])
@pytest.mark.parametrize(
    ("amount", "paid", "left"),
    [("9", "A", "0"), ("8", "BC", "0"), ("7", "B", "3"), ("16", "ABC", "0"), ("4", "B", "0"), ("3.99", "", "2.99")],
)
async def test_r3_r25_the_oldest_that_is_covered_is_paid_and_others_are_skipped(
    pool: Pool, amount: str, paid: str, left: str, kept_before: bool
) -> None:
    async with pool.acquire() as conn:
        account, *lines = await three_overdue(conn)
        if kept_before:
            await keep(conn, berlin(7, 5))

        balance = await pay(conn, account, amount, at=berlin(7, 15))

        assert balance == D(left)
        found = dict(zip("ABC", await states(conn, *lines), strict=True))
        assert "".join(name for name, state in found.items() if state == "active") == paid


async def refunds(conn: PgConnection, account: int) -> object:
    return await refund(conn, actor=CLERK, account_id=account, amount=D(5), note="sorry", now=berlin(7, 15))


async def adjusts(conn: PgConnection, account: int) -> object:
    return await adjust(conn, actor=CLERK, account_id=account, amount=D(5), now=berlin(7, 15))


async def tops_up(conn: PgConnection, account: int) -> object:
    return await top_up(conn, actor=CLERK, account_id=account, amount=D(5), external_id="p-1", now=berlin(7, 15))


@pytest.mark.parametrize("credit", [tops_up, refunds, adjusts])
async def test_r25_any_credit_revives_in_the_same_second_and_the_month_counts_from_it(
    pool: Pool, credit: Callable[[PgConnection, int], Awaitable[object]]
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="-1")
        number = await world.rented(conn, account, NUMBER, date(2026, 7, 1))
        await keep(conn, berlin(7, 1))

        await credit(conn, account)

        found = await line(conn, number)
        assert (found["state"], found["due_on"], found["anchor_day"]) == ("active", "2026-08-15", 15)
        assert found["reserved_until"] is None
        assert await rents(conn) == [(number, "rent", "-4")]
        assert await world.money(conn, account) == (D(0), D(0))
        assert await conn.fetchval("SELECT max(booked_at) FROM ledger_entry WHERE line_id > 0") == berlin(7, 15)


async def test_r25_a_debit_revives_nothing(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="3")
        number = await world.rented(conn, account, NUMBER, date(2026, 7, 1))
        await keep(conn, berlin(7, 1))
        await conn.execute("UPDATE line SET rent = 1")

        await adjust(conn, actor=CLERK, account_id=account, amount=D(-1), now=berlin(7, 2))

        assert await states(conn, number) == ["suspended"]


@pytest.mark.parametrize("kept_before", [True, False], ids=["noticed", "not noticed yet"])
async def test_r24_r25_paid_in_the_last_second_of_the_reserve(pool: Pool, kept_before: bool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        number = await world.rented(conn, account, NUMBER, date(2026, 7, 1))
        if kept_before:
            await keep(conn, berlin(8, 31))

        await pay(conn, account, "12", at=berlin(8, 31, 23, 59, 59))

        found = await line(conn, number)
        assert (found["state"], found["due_on"]) == ("active", "2026-09-30")
        await keep(conn, berlin(10, 1))
        assert (await line(conn, number))["due_on"] == "2026-10-31"


@pytest.mark.parametrize("kept_before", [True, False], ids=["noticed", "not noticed yet"])
async def test_r24_paid_when_the_reserve_is_over_the_number_is_gone_and_the_money_stays(
    pool: Pool, kept_before: bool
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        number = await world.rented(conn, account, NUMBER, date(2026, 7, 1))
        if kept_before:
            await keep(conn, berlin(9, 1))

        assert await pay(conn, account, "12", at=berlin(9, 1)) == 12

        found = await line(conn, number)
        assert (found["state"], found["disconnected_at"]) == ("disconnected", berlin(9, 1))
        assert await pay(conn, account, "1", at=berlin(9, 2), external_id="p-2") == 13
        assert await states(conn, number) == ["disconnected"]
        assert await rents(conn) == []


async def test_r25_a_top_up_before_the_due_date_was_noticed_does_not_count_as_in_time(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        number = await world.rented(conn, account, NUMBER, date(2026, 7, 1))

        await pay(conn, account, "4", at=berlin(7, 3))

        assert (await line(conn, number))["due_on"] == "2026-08-03"
        assert await mailed(conn) == ["line_suspended", "line_restored"]


async def test_r3_a_top_up_that_comes_again_pays_nothing_again(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account, a, b, c = await three_overdue(conn)
        await keep(conn, berlin(7, 5))
        first = await top_up(conn, actor=CLERK, account_id=account, amount=D(9), external_id="p", now=berlin(7, 15))

        for day in (15, 16, 20):
            again = await top_up(
                conn, actor=CLERK, account_id=account, amount=D(9), external_id="p", now=berlin(7, day)
            )
            assert again == first

        assert await rents(conn) == [(a, "rent", "-8")]
        assert await states(conn, a, b, c) == ["active", "suspended", "suspended"]
        assert (first.amount, first.balance_after) == (D(9), D(8))


async def test_r26_a_connector_is_revived_a_year_later_at_the_price_of_then(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="48")
        office = await world.rented(conn, account, "office", date(2026, 7, 1), rent="49")
        await keep(conn, berlin(7, 1))
        await world.rate(conn, kind="rent", per_minute="50", category="connector", valid_from=berlin(1, 1, year=2027))

        assert await keep(conn, berlin(8, 15, year=2027)) == {}
        assert await pay(conn, account, "3", at=berlin(8, 15, year=2027)) == 1

        found = await line(conn, office)
        assert (found["state"], found["due_on"], found["rent"]) == ("active", "2027-09-15", D(50))


async def test_r25_a_credit_limit_counts_as_money(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="-10", credit_limit="10")
        number = await world.rented(conn, account, NUMBER, date(2026, 7, 1))
        await keep(conn, berlin(7, 1))

        assert await pay(conn, account, "3.99", at=berlin(7, 15)) == D("-6.01")
        assert await pay(conn, account, "0.01", at=berlin(7, 16), external_id="p-2") == -10
        assert await states(conn, number) == ["active"]


async def test_r15_r24_r25_money_held_by_a_live_call_pays_no_rent_until_it_is_released(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="3", main_number="+4930999")
        number = await world.rented(conn, account, NUMBER, date(2026, 7, 1))
        await world.rate(conn, "44", "0.6")
        await keep(conn, berlin(7, 1))
        at = berlin(7, 15, 12, 0, 30)
        await calls.start(conn, "a1", line=NUMBER, now=at)
        assert await world.money(conn, account) == (D(3), D(3))

        await pay(conn, account, "2", at=at + timedelta(seconds=5))
        assert await states(conn, number) == ["suspended"]
        assert await keep(conn, berlin(7, 15, 12, 1)) == {}
        assert await states(conn, number) == ["suspended"]
        assert await world.money(conn, account) == (D(5), D(3))

        await calls.end(conn, "a1", 60, now=at)
        assert await keep(conn, berlin(7, 15, 12, 2)) == {"charged": 1, "restored": 1}
        assert await world.money(conn, account) == (D("0.4"), D(0))
        assert (await mails(conn))[-1][0] == "line_restored"
