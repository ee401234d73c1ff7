"""Lines are given up, kept after all, reported as lost; their names are free then (R24, R27, R29)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from gateway.domain.errors import Conflict, NotFound
from gateway.postgres.types import Pool
from gateway.usecases.accounts.move_money import top_up
from gateway.usecases.lines.rent import give_up, rent_connector, rent_number, report_lost, undo_give_up
from tests.support import world
from tests.support.actors import CLERK
from tests.support.rent_rows import keep, line, mailed, mails, rents, states
from tests.support.rents import berlin

NUMBER = "+493055501"
D = Decimal
DUE_ON = date(2026, 7, 1)


async def test_r27_a_line_works_for_24_hours_more_and_nothing_is_given_back(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        number = await world.rented(conn, account, NUMBER, date(2026, 8, 1))

        given_up = await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(7, 10, 9))

        assert (given_up.state, given_up.ends_at) == ("active", berlin(7, 11, 9))
        assert await keep(conn, berlin(7, 11, 9) - timedelta(microseconds=1)) == {}
        assert await states(conn, number) == ["active"]
        assert await keep(conn, berlin(7, 11, 9)) == {"disconnected": 1}
        assert (await line(conn, number))["disconnected_at"] == berlin(7, 11, 9)
        assert await world.money(conn, account) == (D(100), D(0))
        [(kind, facts)] = await mails(conn)
        assert (kind, facts["why"], facts["line"]) == ("line_disconnected", "given_up", NUMBER)


@pytest.mark.parametrize("name", [NUMBER, "office"])
async def test_r27_it_is_not_renewed_in_between(pool: Pool, name: str) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        found = await world.rented(conn, account, name, DUE_ON)
        await give_up(conn, actor=CLERK, name=name, now=berlin(6, 30, 12))

        assert await keep(conn, berlin(7, 1, 11)) == {}

        assert (await states(conn, found), await rents(conn), await mailed(conn)) == (["active"], [], [])
        assert await keep(conn, berlin(7, 1, 12)) == {"disconnected": 1}
        assert await rents(conn) == []


async def test_r27_undone_in_time_it_is_as_if_nothing_had_been(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        number = await world.rented(conn, account, NUMBER, DUE_ON)
        before = await line(conn, number)
        await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(6, 10))

        kept = await undo_give_up(conn, actor=CLERK, name=NUMBER, now=berlin(6, 11) - timedelta(microseconds=1))

        assert (kept.state, kept.ends_at) == ("active", None)
        assert await line(conn, number) == before
        with pytest.raises(Conflict, match="is not given up"):
            await undo_give_up(conn, actor=CLERK, name=NUMBER, now=berlin(6, 12))


async def test_r27_undone_when_the_24_hours_are_over_is_too_late(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        number = await world.rented(conn, account, NUMBER, DUE_ON)
        await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(6, 10))

        with pytest.raises(Conflict, match="is disconnected"):
            await undo_give_up(conn, actor=CLERK, name=NUMBER, now=berlin(6, 11))

        await keep(conn, berlin(6, 11))
        assert await states(conn, number) == ["disconnected"]
        with pytest.raises(Conflict, match="is disconnected"):
            await undo_give_up(conn, actor=CLERK, name=NUMBER, now=berlin(6, 12))
        with pytest.raises(NotFound, match="no line nobody"):
            await undo_give_up(conn, actor=CLERK, name="nobody", now=berlin(6, 12))


@pytest.mark.parametrize(
    ("balance", "state", "due_on"), [("4", "active", "2026-08-01"), ("3", "suspended", "2026-07-01")]
)
async def test_r27_undone_after_the_due_date_the_rent_is_charged_from_that_date(
    pool: Pool, balance: str, state: str, due_on: str
) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance=balance)
        number = await world.rented(conn, account, NUMBER, DUE_ON)
        await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(6, 30, 12))
        await keep(conn, berlin(7, 1, 11))

        kept = await undo_give_up(conn, actor=CLERK, name=NUMBER, now=berlin(7, 1, 11))

        assert (kept.state, str(kept.due_on)) == (state, due_on)
        assert kept.reserved_until == (berlin(9, 1) if state == "suspended" else None)
        assert await rents(conn) == ([(number, "rent", "-4")] if state == "active" else [])


async def test_r27_a_suspended_number_that_is_given_up_is_not_paid_and_undone_it_is(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        number = await world.rented(conn, account, NUMBER, DUE_ON)
        await keep(conn, berlin(7, 1))

        given_up = await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(7, 10))
        await top_up(conn, actor=CLERK, account_id=account, amount=D(5), external_id="p", now=berlin(7, 10, 1))

        assert given_up.state == "suspended"
        assert (await states(conn, number), await rents(conn)) == (["suspended"], [])
        kept = await undo_give_up(conn, actor=CLERK, name=NUMBER, now=berlin(7, 10, 2))
        assert (kept.state, str(kept.due_on)) == ("active", "2026-08-10")
        assert await world.money(conn, account) == (D(1), D(0))


async def test_r24_r27_the_reserve_of_a_number_that_is_given_up_may_end_first(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        number = await world.rented(conn, account, NUMBER, DUE_ON)
        await keep(conn, berlin(8, 30))
        await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(8, 31, 12))

        assert await keep(conn, berlin(8, 31, 23, 59, 59)) == {}
        assert await keep(conn, berlin(9, 1)) == {"disconnected": 1}

        assert (await line(conn, number))["disconnected_at"] == berlin(9, 1)
        assert (await mails(conn))[-1][1]["why"] == "unpaid"


async def test_r27_a_line_that_is_not_rented_can_be_given_up_and_kept(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn)
        number = await world.number(conn, account, NUMBER)
        await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(7, 1))
        with pytest.raises(Conflict, match="given up already"):
            await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(7, 1))
        await undo_give_up(conn, actor=CLERK, name=NUMBER, now=berlin(7, 1, 1))
        await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(7, 1, 2))

        assert await keep(conn, berlin(7, 2, 2)) == {"disconnected": 1}

        assert await states(conn, number) == ["disconnected"]


@pytest.mark.parametrize("at", [berlin(6, 15), berlin(7, 15)], ids=["active", "suspended"])
async def test_r29_a_number_that_its_provider_lost_is_disconnected(pool: Pool, at: object) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        number = await world.rented(conn, account, NUMBER, DUE_ON)
        await keep(conn, at)

        lost = await report_lost(conn, actor=CLERK, name=NUMBER, now=at)
        await top_up(conn, actor=CLERK, account_id=account, amount=D(50), external_id="p", now=at)

        assert (lost.state, lost.disconnected_at) == ("disconnected", at)
        assert await keep(conn, berlin(12, 1)) == {}
        assert (await states(conn, number), await rents(conn)) == (["disconnected"], [])
        kind, facts = (await mails(conn))[-1]
        assert (kind, facts["why"]) == ("line_disconnected", "lost")
        with pytest.raises(Conflict, match="is disconnected"):
            await report_lost(conn, actor=CLERK, name=NUMBER, now=at)


async def test_r29_a_number_that_is_given_up_may_be_lost_before(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="0")
        await world.rented(conn, account, NUMBER, DUE_ON)
        await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(6, 15))
        await report_lost(conn, actor=CLERK, name=NUMBER, now=berlin(6, 15, 1))

        assert await keep(conn, berlin(6, 17)) == {}

        assert await mailed(conn) == ["line_disconnected"]


async def test_r24_a_disconnected_number_may_be_rented_by_another_account(pool: Pool) -> None:
    async with pool.acquire() as conn:
        first = await world.account(conn)
        second = await world.account(conn)
        await world.rate(conn, kind="rent", per_minute="4", fee="1")
        old = await world.rented(conn, first, NUMBER, DUE_ON)
        with pytest.raises(Conflict, match="in use"):
            await rent_number(conn, actor=CLERK, account_id=second, number=NUMBER, now=berlin(6, 15))
        await report_lost(conn, actor=CLERK, name=NUMBER, now=berlin(6, 15))

        new = await rent_number(conn, actor=CLERK, account_id=second, number=NUMBER, now=berlin(6, 15))

        assert new.account_id == second
        assert await keep(conn, berlin(7, 20)) == {"charged": 1}
        assert await states(conn, old, new.id) == ["disconnected", "active"]
        assert (await give_up(conn, actor=CLERK, name=NUMBER, now=berlin(7, 20))).id == new.id
        assert await world.money(conn, first) == (D(100), D(0))
        assert await world.money(conn, second) == (D(91), D(0))


async def test_r26_a_connector_is_given_up_and_its_name_is_free(pool: Pool) -> None:
    async with pool.acquire() as conn:
        account = await world.account(conn, balance="98")
        first = await rent_connector(conn, actor=CLERK, account_id=account, name="office", now=berlin(6, 15))
        await give_up(conn, actor=CLERK, name="office", now=berlin(6, 16))
        await keep(conn, berlin(6, 17))

        second = await rent_connector(conn, actor=CLERK, account_id=account, name="office", now=berlin(6, 17))

        assert await states(conn, first.id, second.id) == ["disconnected", "active"]
        assert await world.money(conn, account) == (D(0), D(0))
