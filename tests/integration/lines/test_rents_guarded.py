"""What keeps rents and credits safe: slow locks, wrong clocks, many numbers, main numbers, commands cut short."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.clock import SystemClock
from gateway.domain.accounts.low_balance import LowBalanceRule
from gateway.domain.errors import Conflict
from gateway.postgres.types import Pool
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.accounts.manage import create_account
from gateway.usecases.accounts.move_money import refund, top_up
from gateway.usecases.accounts.warn_low_balance import LOW_BALANCES, warn_low_balances
from gateway.usecases.lines.rent import rent_number
from gateway.usecases.lines.run_due import run_all_due, run_batch
from gateway.workers.calendar import Calendar
from tests.support import world
from tests.support.actors import CLERK
from tests.support.rent_rows import mails
from tests.support.running import Gateway

D = Decimal
NUMBER = "+493023125101"
JUNE = datetime(2026, 6, 1, 12, tzinfo=UTC)


async def test_r25_a_refund_that_is_booked_is_done_whatever_becomes_of_the_check_after_it(pool: Pool) -> None:
    async with pool.acquire() as conn, pool.acquire() as other:
        account = await world.account(conn, balance="5")
        # A window that no instant can be taken away from: the check after the booking fails.
        broken = LowBalanceRule(window_days=10**6)

        entry = await refund(conn, actor=CLERK, account_id=account, amount=D(5), now=JUNE, rule=broken)

        assert await world.money(other, account) == (D(10), D(0))
        # What it was given as its own id makes it count once, should somebody repeat it.
        assert entry.external_id is not None
        again = await refund(
            conn, actor=CLERK, account_id=account, amount=D(5), external_id=entry.external_id, now=JUNE
        )
        assert again.id == entry.id


async def test_r24_a_clock_that_is_wrong_disconnects_nothing(gateway: Gateway, pool: Pool) -> None:
    gateway.clock.at = SystemClock().now() + timedelta(days=120)
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        yesterday = SystemClock().now().date() - timedelta(days=1)
        await world.rented(conn, account, NUMBER, due_on=yesterday)
    calendar = Calendar(gateway.process.context)

    assert not await calendar.once()
    assert await pool.fetchval("SELECT state FROM line") == "active"

    gateway.clock.at = SystemClock().now()
    while await calendar.once():
        pass
    assert await pool.fetchval("SELECT state FROM line") == "suspended"


async def test_r31_many_numbers_of_an_account_are_told_of_at_once(pool: Pool) -> None:
    due_on = date(2026, 7, 1)
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        for position in range(40):
            await world.rented(conn, account, f"+4930231{position:05d}", due_on=due_on)
        now = datetime(2026, 6, 28, 12, tzinfo=UTC)

        await run_batch(conn, now=now)

        # Two of them are covered by the ten dollars.
        assert len(await mails(conn)) == 38
        assert (await run_batch(conn, now=now)).is_done


async def test_r11_a_main_number_is_not_rented_and_a_rented_number_no_main_number(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, main_number="+493023125000")
        await world.rate(conn, kind="rent", per_minute="4", country="DE")
        with pytest.raises(Conflict, match=f"is the main number of account {account}"):
            await rent_number(conn, actor=CLERK, account_id=account, number="+493023125000", now=JUNE)
        await rent_number(conn, actor=CLERK, account_id=account, number=NUMBER, now=JUNE)

        with pytest.raises(Exception, match="is a line of an account; a main number is not rented"):
            await create_account(
                conn, actor=CLERK, name="B", currency="USD", email="b@b.example", main_number=NUMBER, now=JUNE
            )


async def test_r23_rents_run_waits_for_accounts_that_are_locked(pool: Pool) -> None:
    async with pool.acquire() as conn, pool.acquire() as other:
        account = await world.account(conn, balance="10")
        await world.rented(conn, account, NUMBER, due_on=date(2026, 7, 1))
        transaction = other.transaction()
        await transaction.start()
        await other.execute("SELECT FROM account FOR NO KEY UPDATE")
        await conn.execute("SET lock_timeout = 5000")

        async with asyncio.TaskGroup() as group:
            running = group.create_task(run_all_due(conn, now=datetime(2026, 7, 1, 12, tzinfo=UTC)))
            while not await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            await transaction.rollback()

        assert running.result().charged == 1


async def test_r30_an_account_that_cannot_be_checked_does_not_keep_the_others_waiting(
    gateway: Gateway, pool: Pool
) -> None:
    async with pool.acquire() as conn:
        broken = await world.account(conn, balance="-1")
        fine = await world.account(conn, balance="-1")
        # Its mail cannot be written.
        await conn.execute("ALTER TABLE mail ADD CHECK (account_id <> 1)" if broken == 1 else "SELECT 1")
        await conn.execute("UPDATE account SET low_balance_due_at = 'epoch'")

    await warn_low_balances(gateway.process.context)

    told = [row["account_id"] for row in await pool.fetch("SELECT account_id FROM mail WHERE kind = 'low_balance'")]
    assert told == [fine]
    later = await pool.fetchval("SELECT low_balance_due_at FROM account WHERE id = $1", broken)
    assert later == gateway.clock.now() + LOW_BALANCES.postponed_for


async def test_r3_a_top_up_of_an_account_with_many_due_numbers_locks_it_only_for_moments(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="1000")
        for position in range(50):
            await world.rented(conn, account, f"+4930231{position:05d}", due_on=date(2026, 7, 1))
        before = await conn.fetchval("SELECT count(DISTINCT xmin::text) FROM line")

        await top_up(
            conn,
            actor=CLERK,
            account_id=account,
            amount=D(1),
            external_id="x",
            now=datetime(2026, 7, 1, 12, tzinfo=UTC),
        )

        # Several transactions wrote them.
        assert before >= 1
        assert await conn.fetchval("SELECT count(DISTINCT xmin::text) FROM line") >= 4
        assert (await world.money(conn, account))[0] == D(801)


async def test_r2_check_finds_months_that_nobody_paid_and_rents_of_others(pool: Pool) -> None:
    now = datetime(2026, 7, 1, 12, tzinfo=UTC)
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        other = await world.account(conn, balance="0")
        await world.rented(conn, account, NUMBER, due_on=date(2026, 7, 1))
        await run_all_due(conn, now=now)
        assert (await check_ledger(conn, now=now)).ok

        await conn.execute("UPDATE line SET due_on = '2030-01-01'")
        [difference] = (await check_ledger(conn, now=now)).differences
        assert (difference.kind, difference.account_id) == ("line", account)

        await conn.execute("UPDATE line SET due_on = '2026-08-01', account_id = $1", other)
        assert "rent" in {each.kind for each in (await check_ledger(conn, now=now)).differences}

        late = now + timedelta(days=60)
        assert "waiting_line" in {each.kind for each in (await check_ledger(conn, now=late)).differences}


async def test_r17_check_finds_what_counts_as_spent_and_was_not(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="10")
        await conn.execute(
            "UPDATE account SET caps = '{\"spend_a_day\": \"5\"}', spent = 3, spent_on = '2026-07-01' WHERE id = $1",
            account,
        )

        [difference] = (await check_ledger(conn)).differences

        assert difference.text == f"account {account}: 3.000000 counts as spent on its day, its calls have cost 0"
