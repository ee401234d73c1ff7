"""What becomes of lines is written into the outbox, each cause once, with what the mail must say (R31, R32)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from gateway.postgres.types import Pool
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.lines.rent import give_up
from gateway.usecases.lines.run_due import LINES_OF_ACCOUNT
from tests.support import world
from tests.support.actors import CLERK
from tests.support.rent_rows import keep, mailed, mails
from tests.support.rents import berlin

NUMBER = "+493055501"
D = Decimal
DUE_ON = date(2026, 7, 1)
ALWAYS = {
    "account": "Acme",
    "currency": "USD",
    "time_zone": "Europe/Berlin",
    "line": NUMBER,
    "line_kind": "number",
    "rent": "4.000000",
}
UNPAID = {"due_on": "2026-07-01", "available": "3.000000", "missing": "1.000000", "held": "0.000000"}
END = "2026-08-31T22:00:00+00:00"


async def test_r31_an_unpaid_numbers_life_in_mails_each_once(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="3")
        await world.rented(conn, account, NUMBER, DUE_ON)
        day = berlin(6, 1)
        while day < berlin(9, 10):
            await keep(conn, day)
            day += timedelta(hours=12)

        assert await mails(conn) == [
            ("rent_due", {**ALWAYS, **UNPAID}),
            ("line_suspended", {**ALWAYS, **UNPAID, "reserved_until": END}),
            ("disconnection_near", {**ALWAYS, "days": 14, "reserved_until": END}),
            ("disconnection_near", {**ALWAYS, "days": 3, "reserved_until": END}),
            ("line_disconnected", {**ALWAYS, "why": "unpaid"}),
        ]
        sent = [row["created_at"] for row in await conn.fetch("SELECT created_at FROM mail ORDER BY id")]
        assert sent == [berlin(6, 28), berlin(7, 1), berlin(8, 18), berlin(8, 29), berlin(9, 1)]


async def test_r31_a_number_that_works_again_is_told_with_its_next_due_date(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="3")
        await world.rented(conn, account, NUMBER, DUE_ON)
        await keep(conn, berlin(7, 1))

        await top_up(conn, actor=CLERK, account_id=account, amount=D(9), external_id="p", now=berlin(7, 15))
        await keep(conn, berlin(7, 15))

        assert (await mails(conn))[1:] == [("line_restored", {**ALWAYS, "due_on": "2026-08-15"})]


async def test_r31_suspended_again_is_told_again(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="3")
        await world.rented(conn, account, NUMBER, DUE_ON)
        await keep(conn, berlin(7, 1))
        await top_up(conn, actor=CLERK, account_id=account, amount=D(1), external_id="p", now=berlin(7, 1, 0, 0, 1))
        await keep(conn, berlin(8, 1))

        assert await mailed(conn) == ["line_suspended", "line_restored", "line_suspended"]


async def test_r31_a_connector_is_told_without_a_reserve(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="3")
        await world.rented(conn, account, "office", DUE_ON, rent="49")
        await keep(conn, berlin(7, 1))

        [(kind, facts)] = await mails(conn)
        assert (kind, facts["line_kind"], facts["reserved_until"]) == ("line_suspended", "connector", None)


@pytest.mark.parametrize(
    ("balance", "warned"),
    [
        ("100", ""),
        ("14", ""),
        ("13.99", "C"),
        ("10", "C"),
        ("9.99", "BC"),
        ("6", "BC"),
        ("5.99", "AC"),
        ("3.99", "ABC"),
    ],
)
async def test_r31_three_days_before_what_the_money_does_not_cover_is_told(
    pool: Pool, balance: str, warned: str
) -> None:
    """A is due first; of B and C the cheaper is paid first; all share the money."""
    async with pool.acquire() as conn:
        account = await world.account(conn, balance=balance)
        await world.rented(conn, account, "+493055501", date(2026, 6, 30), rent="6")
        await world.rented(conn, account, "+493055502", DUE_ON, rent="4")
        await world.rented(conn, account, "+493055503", DUE_ON, rent="4")
        await world.rented(conn, account, "+493055504", date(2026, 7, 2), rent="1")

        await keep(conn, berlin(6, 27))
        await keep(conn, berlin(6, 28))

        told = [facts["line"] for _, facts in await mails(conn)]
        assert sorted("ABCD"[int(line[-1]) - 1] for line in told) == list(warned)


async def test_r31_what_is_missing_counts_all_that_is_paid_first_however_much_that_is(pool: Pool) -> None:
    """Of an account with more lines than are worked at once."""
    lines = 2 * LINES_OF_ACCOUNT + 3
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="5")
        for number in range(lines):
            await world.rented(conn, account, f"+4930555{number:02}", DUE_ON)
        await keep(conn, berlin(6, 28))
        await keep(conn, berlin(7, 1))

        due = [facts["missing"] for kind, facts in await mails(conn) if kind == "rent_due"]
        suspended = [facts["missing"] for kind, facts in await mails(conn) if kind == "line_suspended"]
        expected = [f"{4 * number - 5}.000000" for number in range(2, lines + 1)]
        assert sorted(due, key=D) == expected
        # The first has been paid by then.
        assert suspended == expected

        await top_up(conn, actor=CLERK, account_id=account, amount=D(suspended[9]), external_id="p", now=berlin(7, 2))
        assert (
            await mailed(conn) == ["rent_due"] * (lines - 1) + ["line_suspended"] * (lines - 1) + ["line_restored"] * 10
        )


async def test_r31_an_overdue_rent_comes_before_one_that_will_be_due(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="3")
        await world.rented(conn, account, NUMBER, date(2026, 6, 20), rent="9")
        await world.rented(conn, account, "+493055502", DUE_ON)
        await keep(conn, berlin(6, 28))

        assert [(kind, facts["missing"]) for kind, facts in await mails(conn)] == [
            ("line_suspended", "6.000000"),
            ("rent_due", "10.000000"),
        ]


async def test_r31_money_that_calls_hold_is_told_as_held(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await world.rented(conn, account, NUMBER, DUE_ON)
        await conn.execute("UPDATE account SET held = 8")
        await keep(conn, berlin(6, 28))
        await keep(conn, berlin(7, 1))

        figures = [(kind, facts["available"], facts["missing"], facts["held"]) for kind, facts in await mails(conn)]
        assert figures == [
            ("rent_due", "2.000000", "0.000000", "8.000000"),
            ("line_suspended", "2.000000", "0.000000", "8.000000"),
        ]


async def test_r31_what_is_given_up_is_not_told_as_due_and_costs_nothing(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="4")
        await world.rented(conn, account, NUMBER, DUE_ON)
        await world.rented(conn, account, "+493055502", DUE_ON, rent="1")
        await give_up(conn, actor=CLERK, name="+493055502", now=berlin(6, 27, 12))

        await keep(conn, berlin(6, 28))

        assert await mailed(conn) == []


async def test_r28_r31_what_is_told_as_due_is_the_price_of_then(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="4")
        of = {"kind": "rent", "country": "DE", "category": "geographic"}
        await world.rate(conn, per_minute="4", valid_until=berlin(6, 30), **of)
        await world.rate(conn, per_minute="5", valid_from=berlin(6, 30), **of)
        await world.rented(conn, account, NUMBER, DUE_ON)

        await keep(conn, berlin(6, 28))

        assert [(kind, facts["rent"]) for kind, facts in await mails(conn)] == [("rent_due", "5.000000")]


async def test_r31_a_kind_that_is_switched_off_is_not_written(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="3")
        await world.rented(conn, account, NUMBER, DUE_ON)
        await conn.execute("UPDATE account SET mails_off = ARRAY['rent_due', 'line_suspended']")

        await keep(conn, berlin(6, 28))
        assert await keep(conn, berlin(7, 1)) == {"suspended": 1}
        await keep(conn, berlin(8, 18))

        assert await mailed(conn) == ["disconnection_near"]
