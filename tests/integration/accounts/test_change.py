"""What is set of an account can be changed: what is named, as a whole or not at all."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.domain.accounts.caps import Cap
from gateway.domain.accounts.caps_change import CapsChange
from gateway.domain.accounts.when_withheld import WhenWithheld
from gateway.domain.errors import Conflict, InvalidInput, NotFound
from gateway.usecases.accounts.change import AccountChange, change_account
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.accounts.close import close_account
from gateway.usecases.accounts.set_caps import set_caps
from gateway.usecases.accounts.show import show_account
from gateway.usecases.lines.run_due import run_all_due
from tests.support import calls, world
from tests.support.actors import CLERK
from tests.support.company import berlin
from tests.support.world import NOON

D = Decimal
ALL = {
    "name": " Globex ",
    "email": "new@b.example",
    "time_zone": "Asia/Tokyo",
    "language": "de",
    "main_number": "+44 (0)20 7946 0000",
    "credit_limit": D("2.5"),
    "free_inbound_needs_balance": True,
    "when_unavailable": "60",
    "when_withheld": WhenWithheld.REFUSED,
}


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


async def test_every_setting_can_be_changed_and_the_others_stay(conn):
    account = await world.account(conn)
    for name, value in ALL.items():
        before = await show_account(conn, account_id=account)
        after = await change_account(
            conn, actor=CLERK, account_id=account, change=AccountChange(**{name: value}), now=NOON
        )

        changed = {each for each in before.__slots__ if getattr(before, each) != getattr(after, each)}
        assert changed - {"available"} == {name}
        assert await show_account(conn, account_id=account) == after
    assert (after.name, after.main_number, after.when_unavailable) == ("Globex", "+442079460000", 60)

    again = await change_account(
        conn, actor=CLERK, account_id=account, change=AccountChange(main_number="", when_unavailable="reject"), now=NOON
    )
    assert (again.main_number, again.when_unavailable) == (None, "reject")


async def test_all_that_is_wrong_is_said_and_nothing_is_changed(conn):
    account = await world.account(conn)
    await world.number(conn, account, "+15550100001")
    before = await show_account(conn, account_id=account)

    wrong = AccountChange(
        name="new", email="x", time_zone="Berlin", language="xx", main_number="+15550100001", credit_limit=D(-1)
    )
    with pytest.raises(InvalidInput) as caught:
        await change_account(conn, actor=CLERK, account_id=account, change=wrong, now=NOON)

    named = [line.partition(":")[0] for line in str(caught.value).splitlines()]
    assert named == ["e-mail", "time zone", "language", "credit limit", "main number"]
    assert await show_account(conn, account_id=account) == before


async def test_a_change_of_nothing_or_of_no_living_account_is_refused(conn):
    account = await world.account(conn, balance="0")
    change = AccountChange(name="new")

    with pytest.raises(InvalidInput, match="name a setting"):
        await change_account(conn, actor=CLERK, account_id=account, change=AccountChange(), now=NOON)
    with pytest.raises(NotFound):
        await change_account(conn, actor=CLERK, account_id=account + 1, change=change, now=NOON)
    await close_account(conn, actor=CLERK, account_id=account, money=None, now=NOON)
    with pytest.raises(Conflict, match="is closed"):
        await change_account(conn, actor=CLERK, account_id=account, change=change, now=NOON)


async def test_more_credit_pays_an_overdue_rent_at_once(conn):
    account = await world.account(conn, balance="1")
    line = await world.rented(conn, account, "+493023125101", due_on=berlin(7, 1).date() + timedelta(days=1))
    await run_all_due(conn, now=berlin(7, 2))
    assert await conn.fetchval("SELECT state FROM line WHERE id = $1", line) == "suspended"

    after = await change_account(
        conn, actor=CLERK, account_id=account, change=AccountChange(credit_limit=D(3)), now=berlin(7, 3)
    )

    assert await conn.fetchval("SELECT state FROM line WHERE id = $1", line) == "active"
    assert after.available == 0


async def test_a_new_time_zone_is_that_of_all_midnights_to_come(conn):
    account = await world.account(conn, balance="10")
    await world.number(conn, account, "+15550100001")
    await world.rate(conn, "44")
    await set_caps(conn, actor=CLERK, account_id=account, change=CapsChange(limits={Cap.SPEND_A_DAY: "50"}), now=NOON)
    await calls.start(conn, "a1")
    await calls.end(conn, "a1", 60)
    line = await world.rented(conn, account, "+493023125101", due_on=date(2026, 4, 1))

    change = AccountChange(time_zone="Pacific/Kiritimati")  # where it is the next day already
    await change_account(conn, actor=CLERK, account_id=account, change=change, now=NOON)

    assert (await check_ledger(conn)).ok
    assert await conn.fetchval("SELECT (spent_on, spent::text) FROM account") == (date(2026, 3, 12), "0.027000")
    due_at = datetime(2026, 3, 31, 10, tzinfo=UTC)  # midnight there
    await run_all_due(conn, now=due_at - timedelta(seconds=1))
    assert await conn.fetchval("SELECT due_on FROM line WHERE id = $1", line) == date(2026, 4, 1)
    await run_all_due(conn, now=due_at)
    assert await conn.fetchval("SELECT due_on FROM line WHERE id = $1", line) == date(2026, 5, 1)


async def test_portuguese_is_that_of_brazil_however_it_is_changed_or_stored(conn):
    account = await world.account(conn)

    changed = await change_account(conn, actor=CLERK, account_id=account, change=AccountChange(language="pt"), now=NOON)
    await conn.execute("UPDATE account SET language = 'pt'")
    renamed = await change_account(conn, actor=CLERK, account_id=account, change=AccountChange(name="Loja"), now=NOON)

    assert (changed.language, renamed.language) == ("pt-BR", "pt-BR")
