"""R2: the processes go on proving the books together, each account from where it was proved last."""

import asyncio
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from gateway.postgres.accounts import proven
from gateway.usecases.accounts.check_ledger import LedgerCheck, check_ledger
from gateway.usecases.accounts.watch_ledger import INTERVAL, LedgerWatch
from tests.support import calls, world
from tests.support.running import Gateway, gateway_on
from tests.support.world import NOON

DAY = timedelta(days=1)
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


@pytest.fixture
async def account(conn) -> int:
    """An account with a call that was charged, and one that is up."""
    account = await world.account(conn, balance="10")
    await world.number(conn, account, "+15550100001")
    await world.rate(conn, "44")
    await calls.start(conn, "up")
    await calls.start(conn, "ended")
    await calls.end(conn, "ended", 95)
    return account


async def turn(gateway: Gateway, after: timedelta = INTERVAL) -> float:
    """Let the watch have its turn some time later; what the metric shows then."""
    gateway.clock.at += after
    await LedgerWatch(gateway.process.context).once()
    shown = gateway.process.context.metrics.registry.get_sample_value("gateway_ledger_differences")
    assert shown is not None
    return shown


async def rest(conn) -> LedgerCheck:
    return await check_ledger(conn, full=False)


async def tamper(conn, change: str) -> None:
    """Change entries as nobody may: the owner of the tables can."""
    async with conn.transaction():
        await conn.execute("ALTER TABLE ledger_entry DISABLE TRIGGER USER")
        await conn.execute(change)
        await conn.execute("ALTER TABLE ledger_entry ENABLE TRIGGER USER")


async def test_what_is_proved_is_not_added_up_again(gateway, conn, account):
    first = await rest(conn)

    assert await turn(gateway) == 0

    second = await rest(conn)
    assert (first.ok, first.entries, first.since) == (True, 2, None)
    assert (second.ok, second.entries, second.since) == (True, 0, NOON + INTERVAL)
    assert (await check_ledger(conn)).entries == 2


async def test_an_entry_that_is_tampered_with_after_the_proof_is_found_by_the_next(gateway, conn, account):
    await turn(gateway)
    await world.adjust(conn, account, "1")
    await world.adjust(conn, account, "1")
    await tamper(conn, "UPDATE ledger_entry SET balance_after = 50 WHERE id = (SELECT max(id) - 1 FROM ledger_entry)")

    assert [each.kind for each in (await rest(conn)).differences] == ["chain", "chain"]
    assert await turn(gateway) == 1


async def test_an_old_entry_that_is_tampered_with_is_found_by_the_full_proof(gateway, conn, account):
    await turn(gateway)
    await tamper(conn, "UPDATE ledger_entry SET amount = amount + 1 WHERE id = (SELECT min(id) FROM ledger_entry)")

    assert (await rest(conn)).ok
    assert await turn(gateway) == 0
    assert [each.kind for each in (await check_ledger(conn)).differences] == ["balance", "chain"]
    assert await turn(gateway, DAY) == 1
    # It stays wrong at every turn, until it is right.
    assert await turn(gateway) == 1
    await tamper(conn, "UPDATE ledger_entry SET amount = amount - 1 WHERE id = (SELECT min(id) FROM ledger_entry)")
    assert await turn(gateway) == 0


async def test_a_proof_that_is_tampered_with_is_found(gateway, conn, account):
    await turn(gateway)
    await conn.execute("UPDATE account_proof SET balance = balance + 1")

    [difference] = (await rest(conn)).differences

    assert (difference.kind, difference.account_id) == ("proof", account)


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ("UPDATE account SET balance = balance + 1", "balance"),
        ("UPDATE account SET held = held + 1", "held"),
        ("UPDATE call SET charge = charge + 1 WHERE provider_call_id = 'late'", "charge"),
        ("UPDATE call SET charge = charge + 1 WHERE provider_call_id = 'up'", "charge"),
        ("DELETE FROM live_call; UPDATE account SET held = 0", "open_call"),
    ],
)
async def test_whatever_is_wrong_with_what_is_new_is_found(gateway, conn, account, change, kind):
    await turn(gateway)
    await calls.end(conn, "up", 95)
    await calls.start(conn, "late")
    await calls.end(conn, "late", 95)
    await calls.start(conn, "later")
    assert (await rest(conn)).ok

    await conn.execute(change)

    assert kind in {each.kind for each in (await rest(conn)).differences}
    with capture_logs() as logged:
        assert await turn(gateway) == 1
    assert [each["account_id"] for each in logged if each["event"] == "ledger.checked"] == [account]


async def test_two_processes_share_the_accounts_and_show_the_same(gateway, dsn, conn, account, tmp_path: Path):
    await conn.execute("UPDATE account SET balance = balance + 1")

    async with gateway_on(dsn, tmp_path / "other", clock=gateway.clock) as other:
        assert await turn(gateway) == 1
        with capture_logs() as logged:
            assert await turn(other, timedelta()) == 1

    assert logged == []


async def test_a_proof_beside_bookings_finds_nothing(gateway, pool, account):
    """Each proof is of one instant, however many entries are booked while it adds up."""
    booked = asyncio.Event()

    async def book() -> None:
        async with pool.acquire() as conn:
            for _ in range(100):
                await world.adjust(conn, account, "0.01")
        booked.set()

    async def watch() -> None:
        while not booked.is_set():
            assert await turn(gateway) == 0
            async with pool.acquire() as conn:
                assert (await rest(conn)).ok

    async with asyncio.TaskGroup() as group:
        group.create_task(book())
        group.create_task(watch())
    async with pool.acquire() as conn:
        assert (await check_ledger(conn)).entries == 102


async def test_an_account_is_proved_whole_in_its_own_night(gateway, conn, account):
    await turn(gateway)

    due_at = await conn.fetchval("SELECT whole_due_at FROM account_proof WHERE account_id = $1", account)

    assert due_at.astimezone(BERLIN).date() == NOON.astimezone(BERLIN).date() + timedelta(days=1)
    assert due_at.astimezone(BERLIN).hour < 4
    assert await proven.claim(conn, now=due_at, until=due_at + INTERVAL, limit=10) == {account: True}
