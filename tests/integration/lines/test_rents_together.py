"""Many workers keep one calendar: each month is charged once, whoever dies; one bad account stops no other (R38)."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.log_events import LogEvent
from gateway.postgres.accounts import accounts
from gateway.postgres.pool import open_pool
from gateway.postgres.types import Pool
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.lines.rent import rent_number
from gateway.usecases.lines.run_due import RENTS, bring_locked_up_to_date, run_batch
from tests.support import world
from tests.support.actors import CLERK
from tests.support.rent_rows import keep, line, mailed, rents, states
from tests.support.rents import berlin
from tests.support.running import PATIENT

POSTPONED = RENTS.postponed_for
NUMBER = "+493055501"
D = Decimal
DUE_ON = date(2026, 7, 1)
DUE = berlin(7, 1)


async def test_r23_r38_two_pools_on_the_same_due_lines_charge_each_once(pool: Pool, dsn: str) -> None:
    async with pool.acquire() as conn:
        accounts = [await world.account(conn, balance="10") for _ in range(30)]
        lines = [
            await world.rented(conn, account, f"+49305{account:03}{at}", DUE_ON, rent=str(rent))
            for account in accounts
            for at, rent in enumerate((2, 3, 6))
        ]
    other = await open_pool(dsn, size=5, application_name="gateway-test-2", lock_timeout=PATIENT.lock)
    try:

        async def work(on: Pool) -> None:
            async with on.acquire() as own:
                while not (await run_batch(own, now=DUE)).is_done:
                    pass

        await asyncio.gather(*(work(on) for on in (pool, other) for _ in range(4)))
    finally:
        other.terminate()

    async with pool.acquire() as conn:
        await keep(conn, DUE)
        assert sorted(await states(conn, *lines)) == ["active"] * 60 + ["suspended"] * 30
        assert len(await rents(conn)) == 60
        assert [await world.money(conn, account) for account in accounts] == [(D(5), D(0))] * 30
        assert len(await mailed(conn)) == 30


async def test_r3_r25_a_top_up_and_a_worker_at_once_pay_one_month(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        number = await world.rented(conn, account, NUMBER, DUE_ON)

    async def pay() -> None:
        async with pool.acquire() as own:
            await top_up(own, actor=CLERK, account_id=account, amount=D(9), external_id="p", now=berlin(7, 1, 1))

    async def work() -> None:
        async with pool.acquire() as own:
            await keep(own, berlin(7, 1, 1))

    await asyncio.gather(pay(), work(), pay(), work())

    async with pool.acquire() as conn:
        assert await rents(conn) == [(number, "rent", "-4")]
        assert (await line(conn, number))["due_on"] == "2026-08-01"
        assert await world.money(conn, account) == (D(5), D(0))


async def test_r23_one_number_rented_by_two_accounts_at_once_is_rented_once(pool: Pool) -> None:
    async with pool.acquire() as conn:
        accounts = [await world.account(conn) for _ in range(2)]
        await world.rate(conn, kind="rent", per_minute="4")

    async def rent(account: int) -> object:
        async with pool.acquire() as own:
            return await rent_number(own, actor=CLERK, account_id=account, number=NUMBER, now=DUE)

    outcomes = await asyncio.gather(*map(rent, accounts), return_exceptions=True)

    async with pool.acquire() as conn:
        assert sum(isinstance(outcome, Exception) for outcome in outcomes) == 1
        assert sorted([(await world.money(conn, account))[0] for account in accounts]) == [D(96), D(100)]


async def test_r38_a_worker_killed_in_the_middle_leaves_all_to_the_next(pool: Pool, dsn: str) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="4")
        number = await world.rented(conn, account, NUMBER, DUE_ON)
        killed = await open_pool(dsn, size=1, application_name="gateway-killed")
        doomed = await killed.acquire()
        transaction = doomed.transaction()
        await transaction.start()
        locked = await accounts.lock(doomed, account_id=account)
        assert locked is not None
        await bring_locked_up_to_date(doomed, locked, now=DUE)
        assert await states(doomed, number) == ["active"]

        assert await keep(conn, DUE) == {}  # locked by the other, whose work it is
        assert await conn.fetchval("SELECT pg_terminate_backend($1)", doomed.get_server_pid())
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)):
            await doomed.execute("SELECT 1")
        killed.terminate()

        assert await rents(conn) == []
        await conn.execute("SELECT 1 FROM account WHERE id = $1 FOR UPDATE", account)
        assert await keep(conn, DUE) == {"charged": 1}
        assert await world.money(conn, account) == (D(0), D(0))


async def test_r38_an_account_that_fails_is_postponed_and_holds_up_no_other(pool: Pool) -> None:
    async with pool.acquire() as conn:
        bad, good = await world.account(conn), await world.account(conn)
        broken = await world.rented(conn, bad, NUMBER, date(2026, 6, 1))
        works = await world.rented(conn, good, "+493055502", DUE_ON)
        await conn.execute("UPDATE account SET time_zone = 'Europe/Atlantis' WHERE id = $1", bad)

        with capture_logs() as logs:
            assert await keep(conn, DUE) == {"charged": 1}

        failed = [(each["event"], each["account_id"]) for each in logs if each["log_level"] == "error"]
        assert failed == [(LogEvent.RENT_FAILED, bad)]
        assert await rents(conn) == [(works, "rent", "-4")]
        assert (await line(conn, broken))["calendar_due_at"] == DUE + POSTPONED
        assert await keep(conn, DUE + POSTPONED - timedelta(seconds=1)) == {}

        await conn.execute("UPDATE account SET time_zone = 'Europe/Berlin' WHERE id = $1", bad)
        assert await keep(conn, DUE + POSTPONED) == {"charged": 2}
        keys = [row["key"] for row in await conn.fetch("SELECT key FROM ledger_entry WHERE line_id = $1", broken)]
        assert keys == [f"rent:{broken}:2026-06-01", f"rent:{broken}:2026-07-01"]


async def test_r24_r31_a_number_that_was_postponed_is_reminded_and_ends(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        number = await world.rented(conn, account, NUMBER, DUE_ON)
        await keep(conn, DUE)
        for at in (berlin(8, 18), berlin(9, 1)):
            await conn.execute("UPDATE account SET time_zone = 'Europe/Atlantis'")
            with capture_logs():
                assert await keep(conn, at) == {}
            await conn.execute("UPDATE account SET time_zone = 'Europe/Berlin'")
            await keep(conn, at + POSTPONED)

        assert await mailed(conn) == ["line_suspended", "disconnection_near", "line_disconnected"]
        assert (await line(conn, number))["disconnected_at"] == berlin(9, 1)


async def test_r23_accounts_beyond_one_batch_are_worked_too(pool: Pool) -> None:
    async with pool.acquire() as conn:
        accounts = [await world.account(conn, balance="4") for _ in range(40)]
        for account in accounts:
            await world.rented(conn, account, f"+49305{account:04}", DUE_ON)

        assert await keep(conn, DUE) == {"charged": 40}
