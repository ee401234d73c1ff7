"""A number is moved to another account with its paid month; its calls stay where they belong."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from gateway.domain.errors import Conflict, NotFound
from gateway.domain.lines.line import LineState
from gateway.postgres.lines.lines import LineFilters
from gateway.usecases.accounts.check_ledger import check_ledger
from gateway.usecases.lines.manage import search_lines
from gateway.usecases.lines.move import move_number
from gateway.usecases.lines.rent import give_up, report_lost
from gateway.usecases.lines.run_due import run_all_due
from tests.support import calls, world
from tests.support.actors import CLERK
from tests.support.company import berlin
from tests.support.world import NOON

D = Decimal
NUMBER = "+493023125101"


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


@pytest.fixture
async def owner(conn) -> int:
    owner = await world.account(conn, balance="10")
    await world.rented(conn, owner, NUMBER, due_on=date(2026, 4, 1))
    await world.rate(conn, "44")
    return owner


async def test_a_number_moves_with_its_paid_month_and_is_charged_to_its_new_account(conn, owner):
    taker = await world.account(conn, balance="10")

    moved = await move_number(conn, actor=CLERK, name=NUMBER, account_id=taker, now=NOON)

    assert (moved.account_id, moved.state, moved.rent, moved.due_on) == (taker, "active", D(4), date(2026, 4, 1))
    assert await conn.fetchval("SELECT count(*) FROM ledger_entry WHERE kind = 'rent'") == 0
    await run_all_due(conn, now=berlin(4, 1))
    assert [await world.money(conn, each) for each in (owner, taker)] == [(10, 0), (6, 0)]
    assert await conn.fetchval("SELECT count(*) FROM mail WHERE account_id = $1", owner) == 0
    assert (await check_ledger(conn, now=berlin(4, 1))).ok


async def test_a_call_that_is_up_while_its_number_moves_is_charged_where_it_began(conn, owner):
    taker = await world.account(conn, balance="10")
    await calls.start(conn, "a1", line=NUMBER)

    later = NOON + timedelta(seconds=30)
    await move_number(conn, actor=CLERK, name=NUMBER, account_id=taker, now=later)
    await calls.end(conn, "a1", 60)
    await calls.start(conn, "a2", line=NUMBER, now=later)
    await calls.end(conn, "a2", 60, now=later)

    assert [await world.money(conn, each) for each in (owner, taker)] == [(D("9.973"), 0), (D("9.973"), 0)]


async def test_a_suspended_number_is_paid_for_by_its_new_account_at_once(conn):
    owner, taker, poor = [await world.account(conn, balance=balance) for balance in ("1", "10", "0")]
    await world.rented(conn, owner, NUMBER, due_on=date(2026, 4, 1))
    await run_all_due(conn, now=berlin(4, 1))

    still = await move_number(conn, actor=CLERK, name=NUMBER, account_id=poor, now=berlin(4, 2))
    paid = await move_number(conn, actor=CLERK, name=NUMBER, account_id=taker, now=berlin(4, 3))

    assert (still.state, still.reserved_until) == ("suspended", berlin(6, 1))
    assert (paid.state, paid.due_on) == ("active", date(2026, 5, 3))
    assert (await world.money(conn, taker))[0] == 6


async def test_what_cannot_be_moved_is_refused_and_nothing_changes(conn, owner):
    taker, euros = await world.account(conn), await world.account(conn, currency="EUR")
    await world.connector(conn, owner, "office")

    async def refused(said: str, *, name: str = NUMBER, account_id: int = taker, error: type = Conflict) -> None:
        with pytest.raises(error, match=said):
            await move_number(conn, actor=CLERK, name=name, account_id=account_id, now=NOON)

    await refused("no line", name="+15550100009", error=NotFound)
    await refused("no account 99", account_id=99, error=NotFound)
    await refused("already", account_id=owner)
    await refused("in USD, and account", account_id=euros)
    await refused("connector", name="office")
    await give_up(conn, actor=CLERK, name=NUMBER, now=NOON)
    await refused("given up")
    await report_lost(conn, actor=CLERK, name=NUMBER, now=NOON)
    await refused("disconnected")
    assert await search_lines(conn, LineFilters(account_id=taker)) == []


async def test_a_number_without_rent_moves_to_any_currency(conn):
    owner, taker = await world.account(conn), await world.account(conn, currency="EUR")
    await world.number(conn, owner, NUMBER, state="suspended")

    moved = await move_number(conn, actor=CLERK, name=NUMBER, account_id=taker, now=NOON)

    assert (moved.account_id, moved.state, moved.rent) == (taker, "suspended", None)


async def test_lines_are_listed_over_all_accounts_by_state_and_due_date(conn, owner, monkeypatch):
    monkeypatch.setattr("gateway.usecases.lines.manage.PAGE_SIZE", 2)
    other = await world.account(conn)
    early = await world.rented(conn, other, "+493023125102", due_on=date(2026, 3, 20))
    plain = await world.number(conn, other, "+15550100001", state="suspended")
    gone = await world.number(conn, other, "+15550100002", state="disconnected")
    [first] = [line.id for line in await search_lines(conn, LineFilters(account_id=owner))]

    async def ids(**wanted) -> list[int]:
        return [line.id for line in await search_lines(conn, LineFilters(**wanted))]

    assert await ids() == [first, early, plain, gone]
    assert await ids(account_id=other) == [early, plain, gone]
    assert await ids(state=LineState.SUSPENDED) == [plain]
    assert await ids(due_before=date(2026, 4, 2)) == [early, first]
    assert await ids(due_before=date(2026, 4, 1)) == [early]
    with pytest.raises(NotFound):
        await ids(account_id=99)
