"""A year in the life of a rented number and a SIP connector, as callers hear it and as the account pays for it."""

from datetime import timedelta
from decimal import Decimal

from gateway.postgres.types import Pool
from gateway.usecases.lines.rent import give_up, rent_connector, report_lost, undo_give_up
from tests.support import world
from tests.support.actors import CLERK
from tests.support.company import MAIN, NUMBER, Company, berlin, open_company
from tests.support.running import Gateway

D = Decimal
MINUTE = timedelta(minutes=1)


async def heard(company: Company, call_id: str, number: str = NUMBER) -> object:
    """What a client hears who calls the number: 200, or the code of the rejection. It costs nothing."""
    balance = await company.balance()
    reply = await company.is_called(call_id, number)
    if reply["action"] == "connect":
        await company.talks(call_id, 60)
    assert await company.balance() == balance
    return reply.get("sip_code", 200)


async def shown(company: Company, call_id: str) -> object:
    """The number that an outgoing call shows; it lasts a minute."""
    reply = await company.calls(call_id)
    assert reply["action"] == "connect"
    assert (await company.talks(call_id, 60))["charged"] == "0.027000"
    return reply["caller_id"]


async def number_and_caller_id(company: Company, call_id: str) -> tuple[str, str]:
    """What the record of a call says of the line that was asked for, and the number that was used."""
    row = await company.pool.fetchrow(
        """
        SELECT call.line, call.caller_id
        FROM call
        WHERE provider_call_id = $1
        """,
        call_id,
    )
    assert row is not None
    return row["line"], row["caller_id"]


async def test_r23_r24_r25_the_example_of_the_article(gateway: Gateway, pool: Pool) -> None:
    company = await open_company(gateway, pool)
    await company.rents()  # on 1 June, 4.00 of 10.00
    assert (await heard(company, "june in"), await shown(company, "june out")) == (200, NUMBER)
    async with pool.acquire() as conn:
        await world.adjust(conn, company.id, "-4.973")
    assert await company.balance() == D(1)

    # A call is up when the rent is due and cannot be paid.
    await company.at(berlin(7, 1) - MINUTE)
    await company.is_called("across")
    await gateway.answer("across")
    await company.at(berlin(7, 1))
    assert await company.state() == "suspended"
    assert await heard(company, "july in") == 486
    assert await shown(company, "july out") == MAIN
    assert await number_and_caller_id(company, "july out") == (NUMBER, MAIN)
    gateway.clock.advance(30 * 60)
    await gateway.cut()
    assert gateway.provider.hang_ups() == []
    assert (await gateway.end("across", seconds=31 * 60, cause="normal"))["charged"] == "0.000000"

    # Paid on 15 July: the next call of the same second goes out by the number itself.
    await company.at(berlin(7, 15, 10))
    assert await shown(company, "before") == MAIN
    gateway.clock.at = berlin(7, 15, 10, 5)
    await company.pays("4", "july")
    reply = await company.calls("same second")
    assert reply["caller_id"] == NUMBER
    await company.talks("same second", 60)
    assert await heard(company, "after in") == 200

    # The next period ends on 15 August, not on the 1st.
    await company.pays("4", "august")
    balance = await company.balance()
    await company.at(berlin(8, 15) - MINUTE)
    assert await company.balance() == balance
    await company.at(berlin(8, 15))
    assert await company.balance() == balance - 4
    assert await heard(company, "august in") == 200

    # Never paid again: reserved for two months, and gone in the first second after them.
    await company.at(berlin(9, 15))
    assert await heard(company, "september in") == 486
    await company.at(berlin(11, 15) - timedelta(seconds=1))
    assert await heard(company, "last second") == 486
    await company.at(berlin(11, 15))
    assert await heard(company, "gone") == 404
    await company.pays("100", "too late")
    assert (await company.state(), await heard(company, "still gone")) == ("disconnected", 404)


async def test_r24_due_on_1_july_it_is_reserved_until_1_september_0_00_in_berlin(gateway: Gateway, pool: Pool) -> None:
    company = await open_company(gateway, pool)
    await company.rents()
    async with pool.acquire() as conn:
        await world.adjust(conn, company.id, "-6")
    await company.at(berlin(7, 1))

    await company.at(berlin(9, 1) - timedelta(seconds=1))
    assert await heard(company, "a1") == 486
    await company.at(berlin(9, 1))
    assert await heard(company, "a2") == 404


async def test_r11_without_a_main_number_a_suspended_number_calls_nobody(gateway: Gateway, pool: Pool) -> None:
    company = await open_company(gateway, pool)
    await company.rents()
    async with pool.acquire() as conn:
        await world.adjust(conn, company.id, "-3")
        await conn.execute("UPDATE account SET main_number = NULL")
    await company.at(berlin(7, 1))

    reply = await company.calls("a1")

    assert (reply["action"], reply["sip_code"]) == ("reject", 503)


async def test_r11_a_disconnected_number_calls_by_the_main_number_too(gateway: Gateway, pool: Pool) -> None:
    company = await open_company(gateway, pool)
    await company.rents()
    async with pool.acquire() as conn:
        await report_lost(conn, actor=CLERK, name=NUMBER, now=gateway.clock.now())

    assert await shown(company, "a1") == MAIN
    assert await heard(company, "a2") == 404


async def test_r11_r14_a_suspended_number_needs_money_for_calls_by_the_main_number(
    gateway: Gateway, pool: Pool
) -> None:
    company = await open_company(gateway, pool)
    await company.rents()
    async with pool.acquire() as conn:
        await world.adjust(conn, company.id, "-6")
    await company.at(berlin(7, 1))

    reply = await company.calls("a1")

    assert (reply["action"], reply["sip_code"]) == ("reject", 402)


async def test_r12_r26_a_sip_connector_through_a_month_that_was_not_paid(gateway: Gateway, pool: Pool) -> None:
    company = await open_company(gateway, pool)
    await company.pays("40", "first")
    async with pool.acquire() as conn:
        await rent_connector(conn, actor=CLERK, account_id=company.id, name="office", now=gateway.clock.now())
    assert await company.balance() == D(1)

    async def called() -> object:
        reply = await gateway.start(f"in {gateway.clock.at}", "office", caller="+447400123456", direction="inbound")
        return reply["action"]

    reply = await company.calls("paid", line="office")
    assert reply["action"] == "connect"
    assert (await company.talks("paid", 3600))["charged"] == "0.000000"
    assert await called() == "connect"

    await company.at(berlin(7, 1))
    reply = await company.calls("unpaid", line="office")
    assert (reply["action"], reply["sip_code"]) == ("reject", 402)
    assert await called() == "connect"

    # A year later: no reserve has ended.
    await company.at(berlin(7, 1) + timedelta(days=365))
    assert (await company.calls("a year later", line="office"))["sip_code"] == 402
    await company.pays("48", "second")
    reply = await company.calls("paid again", line="office")
    assert reply["action"] == "connect"
    assert await company.balance() == D(0)


async def test_r27_a_number_that_is_given_up_works_for_24_hours(gateway: Gateway, pool: Pool) -> None:
    company = await open_company(gateway, pool)
    await company.rents()
    async with pool.acquire() as conn:
        await give_up(conn, actor=CLERK, name=NUMBER, now=gateway.clock.now())
        await undo_give_up(conn, actor=CLERK, name=NUMBER, now=gateway.clock.now())
        await company.at(berlin(6, 30, 12))
        await give_up(conn, actor=CLERK, name=NUMBER, now=gateway.clock.now())

    await company.at(berlin(7, 1, 11, 58))
    assert (await heard(company, "a1"), await shown(company, "a2")) == (200, NUMBER)
    await company.at(berlin(7, 1, 12))

    assert (await heard(company, "a3"), await shown(company, "a4")) == (404, MAIN)
    assert await company.balance() == D("5.946")
