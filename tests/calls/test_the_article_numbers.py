"""The article "Telephony charges", sentence by sentence: what becomes of a number that is not paid in time."""

from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.postgres.types import Pool
from gateway.usecases.accounts.warn_low_balance import warn_low_balances
from tests.support import world
from tests.support.company import MAIN, NUMBER, Company, berlin, open_company
from tests.support.running import Gateway

D = Decimal


@pytest.fixture
async def company(gateway: Gateway, pool: Pool) -> Company:
    return await open_company(gateway, pool)


async def test_r23_the_rent_is_charged_automatically_after_the_term(company: Company) -> None:
    await company.rents()

    await company.at(berlin(7, 1) - timedelta(seconds=1))
    assert await company.balance() == D(6)
    await company.at(berlin(7, 1))

    assert await company.balance() == D(2)
    assert await company.state() == "active"


async def _unpaid(company: Company) -> None:
    """A number whose rent of 4.00 was due on 1 August, with 2.00 there."""
    await company.rents()
    await company.at(berlin(7, 1))
    await company.at(berlin(8, 1))


async def test_r24_without_enough_money_the_number_stops_working(company: Company) -> None:
    await _unpaid(company)

    assert await company.state() == "suspended"
    assert await company.balance() == D(2)


async def test_r25_the_rent_is_charged_after_you_top_up_then_you_can_go_on_using_the_number(company: Company) -> None:
    await _unpaid(company)

    await company.pays("2")

    assert await company.balance() == D(0)
    assert (await company.is_called("a1"))["action"] == "connect"


async def test_r24_the_number_is_not_taken_immediately_but_reserved_for_two_months(company: Company) -> None:
    await _unpaid(company)
    await company.at(berlin(10, 1) - timedelta(seconds=1))
    assert await company.state() == "suspended"

    await company.pays("2")

    assert await company.state() == "active"


async def test_r24_to_be_renewed_by_1_july_it_is_reserved_till_1_september(company: Company) -> None:
    await company.pays("1")
    await company.rents()
    async with company.pool.acquire() as conn:
        await world.adjust(conn, company.id, "-7")

    await company.at(berlin(7, 1))

    until = await company.pool.fetchval("SELECT reserved_until FROM line WHERE name = $1", NUMBER)
    assert until == berlin(9, 1)


async def test_r24_after_two_months_it_is_completely_disconnected(company: Company) -> None:
    await _unpaid(company)
    await company.at(berlin(10, 1))

    await company.pays("100")

    assert await company.state() == "disconnected"
    assert await company.balance() == D(102)
    assert (await company.is_called("a1"))["sip_code"] == 404


async def test_r8_clients_of_a_suspended_number_hear_the_busy_tone(company: Company) -> None:
    await _unpaid(company)

    reply = await company.is_called("a1")

    assert (reply["action"], reply["sip_code"]) == ("reject", 486)


async def test_r11_calls_of_a_suspended_number_go_out_by_the_main_outgoing_number(company: Company) -> None:
    await _unpaid(company)

    reply = await company.calls("a1")

    assert (reply["action"], reply["caller_id"]) == ("connect", MAIN)


async def test_r25_the_new_period_counts_from_the_payment_15_july_till_15_august(company: Company) -> None:
    await company.rents()
    async with company.pool.acquire() as conn:
        await world.adjust(conn, company.id, "-6")
    await company.at(berlin(7, 1))
    await company.at(berlin(7, 15, 9, 30))

    await company.pays("8")
    await company.at(berlin(8, 1))
    assert await company.balance() == D(4)
    await company.at(berlin(8, 15))

    assert await company.balance() == D(0)


async def test_r30_the_administrator_is_told_when_the_rest_lasts_less_than_two_days(company: Company) -> None:
    # Rent 4.00 and a call of an hour, 1.62: 5.62 in ten days, so the minimum is 1.124.
    await company.rents()
    await company.calls("a1")
    for _ in range(11):
        company.gateway.clock.advance(300)
        await company.gateway.extend()
    await company.gateway.end("a1", seconds=3600, cause="normal")
    await warn_low_balances(company.gateway.process.context)
    assert (await company.balance(), await company.mails("low_balance")) == (D("4.38"), 0)

    async with company.pool.acquire() as conn:
        await world.adjust(conn, company.id, "-2.5")
        await conn.execute("UPDATE account SET low_balance_due_at = 'epoch'")
    await warn_low_balances(company.gateway.process.context)

    # 8.12 in ten days: the minimum is 1.624, and 1.88 is more. After one more dollar it is not.
    assert await company.mails("low_balance") == 0
    async with company.pool.acquire() as conn:
        await world.adjust(conn, company.id, "-1")
        await conn.execute("UPDATE account SET low_balance_due_at = 'epoch'")
    await warn_low_balances(company.gateway.process.context)
    assert await company.mails("low_balance") == 1


async def test_r3_you_can_top_up_your_balance(company: Company) -> None:
    await company.pays("5")
    await company.pays("5")

    assert await company.balance() == D(15)
