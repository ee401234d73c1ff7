"""Lines are rented and renewed, each month once, and suspended where the money does not last (R23, R24, R26, R28)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from gateway.domain.errors import Conflict, InvalidInput, NoMoney, NotFound
from gateway.postgres.types import Pool
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.lines.rent import add_rented, rent_connector, rent_number
from tests.support import world
from tests.support.actors import CLERK
from tests.support.rent_rows import keep, line, mailed, rents, states
from tests.support.rents import berlin
from tests.support.world import NOON

NUMBER = "+493055501"
D = Decimal


async def test_r23_renting_charges_setup_fee_and_first_month_at_once(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="5")
        await world.rate(conn, kind="rent", per_minute="4", fee="1", country="DE", category="geographic")

        rented = await rent_number(conn, actor=CLERK, account_id=account, number=NUMBER, now=berlin(7, 31, 23))

        assert (rented.state, rented.rent, rented.due_on) == ("active", D(4), date(2026, 8, 31))
        assert await rents(conn) == [(rented.id, "setup", "-1"), (rented.id, "rent", "-4")]
        assert await world.money(conn, account) == (D(0), D(0))
        assert await mailed(conn) == []


@pytest.mark.parametrize(("balance", "credit_limit"), [("4.999999", "0"), ("4", "0.999999"), ("-1", "5")])
async def test_r23_without_the_money_nothing_is_rented(pool: Pool, balance: str, credit_limit: str) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance=balance, credit_limit=credit_limit)
        other = await world.account(conn)
        await world.rate(conn, kind="rent", per_minute="4", fee="1", country="DE", category="geographic")

        with pytest.raises(NoMoney, match=r"4\.000000 USD a month and 1\.000000 once"):
            await rent_number(conn, actor=CLERK, account_id=account, number=NUMBER, now=NOON)

        assert await rents(conn) == []
        assert await conn.fetchval("SELECT count(*) FROM line") == 0
        assert await world.money(conn, account) == (D(balance), D(0))
        assert (await rent_number(conn, actor=CLERK, account_id=other, number=NUMBER, now=NOON)).account_id == other


async def test_r23_a_credit_limit_rents_and_held_money_does_not(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1", credit_limit="4")
        await world.rate(conn, kind="rent", per_minute="4", fee="1", country="DE", category="geographic")
        await conn.execute("UPDATE account SET held = 0.000001")

        with pytest.raises(NoMoney):
            await rent_number(conn, actor=CLERK, account_id=account, number=NUMBER, now=NOON)

        await conn.execute("UPDATE account SET held = 0")
        await rent_number(conn, actor=CLERK, account_id=account, number=NUMBER, now=NOON)
        assert await world.money(conn, account) == (D(-4), D(0))


async def test_r23_what_cannot_be_rented_says_why(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        with pytest.raises(InvalidInput, match=r"no rent in USD for \+493055501"):
            await rent_number(conn, actor=CLERK, account_id=account, number=NUMBER, now=NOON)

        await world.rate(conn, kind="rent", per_minute="4")
        with pytest.raises(NotFound, match="no account 99"):
            await rent_number(conn, actor=CLERK, account_id=99, number=NUMBER, now=NOON)
        with pytest.raises(InvalidInput, match="is not a number"):
            await rent_number(conn, actor=CLERK, account_id=account, number="+49", now=NOON)

        await rent_number(conn, actor=CLERK, account_id=account, number=NUMBER, now=NOON)
        with pytest.raises(Conflict, match="in use"):
            await rent_number(conn, actor=CLERK, account_id=account, number=NUMBER, now=NOON)
        assert await world.money(conn, account) == (D(96), D(0))


async def test_r6_the_row_that_says_most_of_the_number_prices_it(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        for month, of in (("1", ("", "")), ("2", ("", "mobile")), ("3", ("DE", "")), ("4", ("DE", "mobile"))):
            await world.rate(conn, kind="rent", per_minute=month, country=of[0], category=of[1])

        numbers = {"+493055501": 3, "+4915112345678": 4, "+447400123456": 2, "+442079460000": 1}

        for number, month in numbers.items():
            assert (await rent_number(conn, actor=CLERK, account_id=account, number=number, now=NOON)).rent == month


async def test_r26_a_connector_costs_49_a_month_unless_the_deck_says_otherwise(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="79")
        await world.rate(conn, kind="rent", per_minute="4")  # of numbers

        first = await rent_connector(conn, actor=CLERK, account_id=account, name="office", now=NOON)
        await world.rate(conn, kind="rent", per_minute="29", fee="1", category="connector")
        second = await rent_connector(conn, actor=CLERK, account_id=account, name="home", now=NOON)

        assert await rents(conn) == [
            (first.id, "connector", "-49"),
            (second.id, "setup", "-1"),
            (second.id, "connector", "-29"),
        ]
        euros = await world.account(conn, currency="EUR")
        with pytest.raises(InvalidInput, match="no rent in EUR"):
            await rent_connector(conn, actor=CLERK, account_id=euros, name="shop", now=NOON)


async def test_r23_a_month_is_charged_once_however_often_the_calendar_is_kept(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        number = await world.rented(conn, account, NUMBER, date(2026, 1, 31))

        assert await keep(conn, berlin(1, 31) - timedelta(microseconds=1)) == {}
        assert await keep(conn, berlin(1, 31)) == {"charged": 1}
        assert await keep(conn, berlin(1, 31)) == {}
        assert await keep(conn, berlin(1, 31, 12)) == {}

        assert (await line(conn, number))["due_on"] == "2026-02-28"
        assert await rents(conn) == [(number, "rent", "-4")]


async def test_r23_after_months_of_downtime_each_month_is_charged_by_its_own_day(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="15")
        number = await world.rented(conn, account, NUMBER, date(2026, 1, 31))

        assert await keep(conn, berlin(5, 10)) == {"charged": 3, "suspended": 1}

        found = await line(conn, number)
        assert (found["due_on"], found["reserved_until"]) == ("2026-04-30", berlin(6, 30))
        keys = [row["key"] for row in await conn.fetch("SELECT key FROM ledger_entry WHERE line_id > 0 ORDER BY id")]
        assert keys == [f"rent:{number}:2026-{day}" for day in ("01-31", "02-28", "03-31")]
        assert await world.money(conn, account) == (D(3), D(0))


async def test_r28_a_new_price_counts_from_the_next_renewal(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        raised = berlin(6, 15)
        of = {"kind": "rent", "country": "DE", "category": "geographic"}
        await world.rate(conn, per_minute="4", valid_until=raised, **of)
        await world.rate(conn, per_minute="5", fee="9", valid_from=raised, **of)
        rented = await rent_number(conn, actor=CLERK, account_id=account, number=NUMBER, now=berlin(6, 1, 12))

        await keep(conn, berlin(6, 20))
        assert (await line(conn, rented.id))["rent"] == 4
        assert await world.money(conn, account) == (D(96), D(0))

        await keep(conn, berlin(7, 1))
        assert await rents(conn) == [(rented.id, "rent", "-4"), (rented.id, "rent", "-5")]


async def test_r24_26_what_is_not_paid_is_suspended_at_once(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="3.999999", credit_limit="0")
        number = await world.rented(conn, account, NUMBER, date(2026, 7, 1))
        office = await world.rented(conn, account, "office", date(2026, 7, 1), rent="49")

        assert await keep(conn, berlin(7, 1)) == {"suspended": 2}

        assert await states(conn, number, office) == ["suspended", "suspended"]
        assert (await line(conn, number))["reserved_until"] == berlin(9, 1)
        assert (await line(conn, office))["reserved_until"] is None
        assert await keep(conn, berlin(9, 1) - timedelta(microseconds=1)) == {}
        assert await keep(conn, berlin(9, 1)) == {"disconnected": 1}
        assert await states(conn, number, office) == ["disconnected", "suspended"]
        assert await world.money(conn, account) == (D("3.999999"), D(0))


async def test_r23_on_one_day_the_cheaper_line_is_paid_first_whatever_the_batch(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="231")
        lines = [
            await world.rented(conn, account, f"+4930555{rent:02}", date(2026, 7, 1), rent=str(rent))
            for rent in range(40, 0, -1)
        ]

        await keep(conn, berlin(7, 1))

        # 1 + 2 + … + 21 = 231.
        assert await states(conn, *lines) == ["suspended"] * 19 + ["active"] * 21
        assert await world.money(conn, account) == (D(0), D(0))


async def test_r23_a_line_taken_over_is_charged_from_its_day_on(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="4")
        await world.rate(conn, kind="rent", per_minute="4", fee="1")
        of = {"account_id": account, "now": berlin(7, 10)}

        ahead = await add_rented(conn, actor=CLERK, number="+493055501", due_on=date(2026, 8, 1), **of)
        today = await add_rented(conn, actor=CLERK, number="+493055502", due_on=date(2026, 7, 10), **of)
        overdue = await add_rented(conn, actor=CLERK, number="+493055503", due_on=date(2026, 5, 11), **of)

        assert [each.state for each in (ahead, today, overdue)] == ["active", "active", "suspended"]
        assert (today.due_on, overdue.reserved_until) == (date(2026, 8, 10), berlin(7, 11))
        assert await rents(conn) == [(today.id, "rent", "-4")]
        await top_up(conn, actor=CLERK, account_id=account, amount=D(4), external_id="p", now=berlin(7, 10, 23))
        assert await states(conn, overdue.id) == ["active"]


@pytest.mark.parametrize("due_on", [date.min, date(2026, 1, 11), date(2036, 3, 12), date.max])
async def test_r24_a_line_that_would_be_gone_or_is_paid_for_ever_is_not_taken_over(pool: Pool, due_on: date) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        await world.rate(conn, kind="rent", per_minute="4", fee="1")

        with pytest.raises(InvalidInput, match=r"^due: "):
            await add_rented(conn, actor=CLERK, account_id=account, number=NUMBER, due_on=due_on, now=NOON)

        assert await conn.fetchval("SELECT count(*) FROM line") == 0
