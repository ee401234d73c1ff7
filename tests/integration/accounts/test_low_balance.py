"""R30 on a real database: what moves a balance marks it, the worker compares it, and one mail is written."""

import asyncio
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from gateway.domain.accounts.low_balance import LowBalanceRule
from gateway.postgres.accounts import accounts, ledger, low_balances
from gateway.postgres.accounts.ledger import EntryKind
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.accounts.warn_low_balance import CLAIM, LOW_BALANCES, warn, warn_low_balances
from gateway.usecases.calls.cut import Cutter
from gateway.workers.roster import roster
from tests.support import world
from tests.support.processes import until
from tests.support.running import Gateway
from tests.support.world import NOON

D = Decimal
RULE = LowBalanceRule()
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
WAITING = """
    SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()
"""


async def book(conn: PgConnection, account_id: int, *amounts: str, at: datetime = NOON) -> None:
    """Move the balance by entries, as the gateway does."""
    for amount in amounts:
        kind = EntryKind.TOP_UP if D(amount) > 0 else EntryKind.ADJUSTMENT
        async with conn.transaction():
            await accounts.lock(conn, account_id=account_id)
            key = f"test:{await conn.fetchval('SELECT gen_random_uuid()')}"
            assert await ledger.book(conn, account_id=account_id, kind=kind, amount=D(amount), key=key, now=at)


async def an_account(conn: PgConnection, *amounts: str) -> int:
    account_id = await world.account(conn, balance="0")
    await book(conn, account_id, *amounts)
    return account_id


async def mails(conn: PgConnection, account_id: int) -> list[datetime]:
    rows = await conn.fetch("SELECT created_at FROM mail WHERE account_id = $1 ORDER BY id", account_id)
    return [row["created_at"] for row in rows]


async def state(conn: PgConnection, account_id: int) -> dict[str, Any]:
    row = await conn.fetchrow(
        """
        SELECT low_armed AS armed, low_mailed_at AS mailed_at, low_level::numeric AS level,
            low_balance_due_at AS check_at
        FROM account
        WHERE id = $1
        """,
        account_id,
    )
    assert row is not None
    return dict(row)


async def a_call(gateway: Gateway, call_id: str, *, seconds: int = 60) -> None:
    await gateway.start(call_id)
    await gateway.end(call_id, seconds=seconds)


async def turn(gateway: Gateway) -> None:
    while await warn_low_balances(gateway.process.context):
        pass


async def test_r30_the_end_of_a_call_that_leaves_less_than_two_days_is_one_mail(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "24.10", "-20")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "0.10")
        await turn(gateway)
        assert await mails(conn, account) == []

        await a_call(gateway, "a1")
        assert await mails(conn, account) == []
        await turn(gateway)
        await turn(gateway)

        [mail] = await conn.fetch("SELECT * FROM mail")
        assert (mail["account_id"], mail["kind"], mail["state"]) == (account, "low_balance", "queued")
        assert mail["key"] == f"low_balance:{account}:{NOON.isoformat()}"
        assert mail["facts"] == {
            "account": "Acme",
            "currency": "USD",
            "time_zone": "Europe/Berlin",
            "balance": "4.000000",
            "minimum": "4.020000",
            "spent": "20.100000",
            "window_days": 10,
            "days_ahead": 2,
        }


async def test_r30_at_the_minimum_nothing_below_it_a_mail_and_nothing_spent_nothing(
    gateway: Gateway, pool: Pool
) -> None:
    async with pool.acquire() as conn:
        at = await an_account(conn, "24", "-20")
        below = await an_account(conn, "23.9999", "-20")
        unspent = await an_account(conn)
        await turn(gateway)

        assert [len(await mails(conn, each)) for each in (at, below, unspent)] == [0, 1, 0]


async def test_r30_calls_that_leave_enough_are_not_compared(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "30", "-20")
        await world.number(conn, account, "+15550100001")
        await world.rate(conn, "44", "1")
        await turn(gateway)
        checked = await state(conn, account)
        assert (checked["level"], checked["check_at"]) == (D(5), NOON + DAY)

        gateway.clock.advance(60)
        for call in range(5):
            await a_call(gateway, f"a{call}")
        assert await state(conn, account) == checked

        await a_call(gateway, "a5")
        assert (await state(conn, account))["check_at"] == NOON + MINUTE
        await turn(gateway)
        assert await mails(conn, account) == [NOON + MINUTE]


async def test_r30_a_debit_by_hand_is_compared_as_well(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "30", "-20")
        await turn(gateway)
        await book(conn, account, "-5")
        assert (await state(conn, account))["check_at"] == NOON + DAY

        await book(conn, account, "-0.000001")
        assert (await state(conn, account))["check_at"] == NOON
        await turn(gateway)
        assert await mails(conn, account) == [NOON]


async def test_r30_a_crossing_is_told_once_and_again_after_a_top_up_and_24_hours(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "23.9999", "-20")
        await turn(gateway)
        assert await mails(conn, account) == [NOON]

        gateway.clock.advance(3600)
        await book(conn, account, "-0.9999", at=gateway.clock.now())
        await turn(gateway)
        assert len(await mails(conn, account)) == 1

        await book(conn, account, "7", at=gateway.clock.now())
        assert (await state(conn, account))["check_at"] == gateway.clock.now()
        await turn(gateway)
        assert (await state(conn, account))["armed"] is True

        await book(conn, account, "-6.5", at=gateway.clock.now())
        await turn(gateway)
        waiting = await state(conn, account)
        assert (waiting["armed"], waiting["level"], waiting["check_at"]) == (True, None, NOON + DAY)
        assert len(await mails(conn, account)) == 1

        gateway.clock.at = NOON + DAY
        await turn(gateway)
        assert await mails(conn, account) == [NOON, NOON + DAY]


async def test_r30_the_minimum_that_moved_by_itself_is_compared_once_a_day(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "100", "-20")
        await turn(gateway)
        gateway.clock.at = NOON + 10 * DAY - MINUTE
        await turn(gateway)
        assert (await state(conn, account))["level"] == D("16.666667")

        gateway.clock.at = NOON + 10 * DAY
        await turn(gateway)
        assert (await state(conn, account))["level"] == D("16.666667")
        gateway.clock.at = NOON + 11 * DAY
        await turn(gateway)
        assert await state(conn, account) == {
            "armed": True,
            "mailed_at": None,
            "level": D("13.333334"),
            "check_at": NOON + 12 * DAY,
        }


async def test_r30_what_was_told_is_armed_when_the_minimum_is_back_by_itself(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "23", "-10")
        await book(conn, account, "-10", at=NOON + 20 * MINUTE)
        gateway.clock.at = NOON + 9 * DAY + 60 * MINUTE
        await turn(gateway)
        told = await state(conn, account)
        assert (told["armed"], told["level"], told["check_at"]) == (False, None, NOON + 10 * DAY)

        gateway.clock.at = NOON + 10 * DAY
        await turn(gateway)
        assert (await state(conn, account))["armed"] is True
        await book(conn, account, "-2", at=gateway.clock.now())
        await turn(gateway)
        assert (await state(conn, account))["check_at"] == NOON + 10 * DAY + 60 * MINUTE
        assert len(await mails(conn, account)) == 1


async def test_r30_rents_count_unless_the_setting_says_no(pool: Pool) -> None:
    async with pool.acquire() as conn:
        counted, uncounted = [await an_account(conn, "100", "-20") for _ in range(2)]
        for account in (counted, uncounted):
            line = await world.number(conn, account, f"+1555010000{account}")
            for kind in ("rent", "setup", "connector"):
                await conn.execute(
                    """
                    INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, line_id, booked_at)
                    VALUES ($1::bigint, $2::text, -25, 0, $2 || $1, $3, $4)
                    """,
                    account,
                    kind,
                    line,
                    NOON,
                )
            await conn.execute("UPDATE account SET balance = 5 WHERE id = $1", account)

        assert await warn(conn, [counted], rule=RULE, now=NOON) == 1
        assert await warn(conn, [uncounted], rule=LowBalanceRule(count_rent=False), now=NOON) == 0
        facts = await conn.fetchval("SELECT facts FROM mail")
        assert (facts["spent"], facts["minimum"]) == ("95.000000", "19.000000")


async def test_r30_the_days_of_the_settings_make_the_minimum(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "24", "-20")
        old = NOON + 3 * DAY

        assert await warn(conn, [account], rule=RULE, now=old) == 0
        assert await warn(conn, [account], rule=LowBalanceRule(window_days=3), now=old) == 0
        assert await warn(conn, [account], rule=LowBalanceRule(window_days=4), now=old) == 1
        other = await an_account(conn, "24", "-20")
        assert await warn(conn, [other], rule=LowBalanceRule(days_ahead=3), now=old) == 1


async def test_r30_two_workers_at_once_write_one_mail_for_each_account(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        low = [await an_account(conn, "23.9999", "-20") for _ in range(LOW_BALANCES.batch + 3)]

        await asyncio.gather(*(turn(gateway) for _ in range(4)))

        assert await conn.fetch("SELECT account_id FROM mail ORDER BY account_id") == [(each,) for each in low]


async def test_r30_two_checks_of_one_account_at_once_write_one_mail(pool: Pool) -> None:
    async with pool.acquire() as conn, pool.acquire() as other:
        account = await an_account(conn, "23.9999", "-20")

        told = await asyncio.gather(
            warn(conn, [account], rule=RULE, now=NOON), warn(other, [account], rule=RULE, now=NOON + MINUTE)
        )

        assert sorted(told) == [0, 1]
        assert len(await mails(conn, account)) == 1


async def blocked(conn: PgConnection) -> None:
    """Until somebody waits for what this connection has locked."""
    await until(lambda: conn.fetchval(WAITING))


async def test_r30_a_debit_between_adding_up_and_locking_counts(pool: Pool) -> None:
    async with pool.acquire() as conn, pool.acquire() as other:
        account = await an_account(conn, "30", "-20")

        async with conn.transaction():
            await accounts.lock(conn, account_id=account)
            checking = asyncio.create_task(warn(other, [account], rule=RULE, now=NOON))
            await blocked(conn)
            await ledger.book(
                conn, account_id=account, kind=EntryKind.ADJUSTMENT, amount=D(-6), key="between", now=NOON
            )

        assert await checking == 1
        assert await conn.fetchval("SELECT facts ->> 'spent' FROM mail") == "26.000000"
        # Nobody knows yet when the minimum is back: it is looked at again at once.
        assert (await state(conn, account))["check_at"] == NOON
        await warn(conn, [account], rule=RULE, now=NOON)
        assert (await state(conn, account))["check_at"] == NOON + DAY


async def test_r30_a_credit_between_adding_up_and_locking_is_looked_at_again(pool: Pool) -> None:
    async with pool.acquire() as conn, pool.acquire() as other:
        account = await an_account(conn, "22", "-20")
        assert await warn(conn, [account], rule=RULE, now=NOON) == 1

        async with conn.transaction():
            await accounts.lock(conn, account_id=account)
            checking = asyncio.create_task(warn(other, [account], rule=RULE, now=NOON))
            await blocked(conn)
            await ledger.book(conn, account_id=account, kind=EntryKind.TOP_UP, amount=D(1), key="between", now=NOON)

        assert await checking == 0
        assert (await state(conn, account))["check_at"] == NOON


async def test_r30_the_mail_and_the_state_are_written_together_or_not_at_all(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "23.9999", "-20")
        before = await state(conn, account)
        transaction = conn.transaction()
        await transaction.start()
        assert await warn(conn, [account], rule=RULE, now=NOON) == 1
        await transaction.rollback()

        assert (await mails(conn, account), await state(conn, account)) == ([], before)


async def test_r30_an_account_that_is_locked_is_left_for_the_next_turn(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn, pool.acquire() as other:
        busy, idle = [await an_account(conn, "23.9999", "-20") for _ in range(2)]
        async with other.transaction():
            await accounts.lock(other, account_id=busy)
            await turn(gateway)
        assert [len(await mails(conn, each)) for each in (busy, idle)] == [0, 1]

        await turn(gateway)
        assert [len(await mails(conn, each)) for each in (busy, idle)] == [1, 1]


async def test_r30_what_a_process_claimed_that_died_is_compared_after_its_claim(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "23.9999", "-20")
        assert await low_balances.claim(conn, now=NOON, until=NOON + CLAIM, limit=LOW_BALANCES.batch) == [account]
        await turn(gateway)
        assert await mails(conn, account) == []

        gateway.clock.at = NOON + CLAIM
        await turn(gateway)
        assert await mails(conn, account) == [NOON + CLAIM]


async def test_r30_who_has_switched_the_mail_off_gets_none(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "23.9999", "-20")
        await conn.execute("UPDATE account SET mails_off = '{low_balance}' WHERE id = $1", account)
        await turn(gateway)

        assert await mails(conn, account) == []
        assert (await state(conn, account))["armed"] is False


async def test_r30_every_process_has_the_worker(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await an_account(conn, "23.9999", "-20")
        context = gateway.process.context
        [worker] = [
            each for each in roster(context, gateway.process.book, Cutter(context)) if each.name == "low balances"
        ]

        assert worker.interval_s == 1
        assert await worker.once() is False
        assert len(await mails(conn, account)) == 1
