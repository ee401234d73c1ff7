"""The article "Telephony charges", sentence by sentence: calls and their prices, through HTTP, with a moved clock."""

from decimal import Decimal

import pytest

from gateway.domain.calls.call import Limits
from gateway.postgres.types import Pool
from gateway.usecases.calls.shown.quote import quote_call
from gateway.usecases.lines.rent import rent_connector
from gateway.usecases.lines.search import search_numbers
from gateway.usecases.rates.search import search_rates
from tests.support import world
from tests.support.actors import CLERK
from tests.support.company import CLIENT, LONDON, NUMBER, Company, berlin, open_company
from tests.support.running import Gateway

D = Decimal
TOLL_FREE = "+18005550199"


@pytest.fixture
async def company(gateway: Gateway, pool: Pool) -> Company:
    return await open_company(gateway, pool)


async def test_r9_incoming_calls_are_free(company: Company) -> None:
    await company.rents()
    before = await company.balance()

    assert (await company.is_called("a1"))["action"] == "connect"

    assert (await company.talks("a1", 600))["charged"] == "0.000000"
    assert await company.balance() == before


async def test_r9_some_countries_require_additional_fees_for_incoming_calls(company: Company) -> None:
    await company.rents()
    async with company.pool.acquire() as conn:
        await world.rate(conn, kind="inbound", per_minute="0.0100", country="DE", valid_from=berlin(1, 1))

    await company.is_called("a1")

    assert (await company.talks("a1", 61))["charged"] == "0.020000"


async def test_r23_there_is_a_monthly_payment_for_renting_a_phone_number(company: Company) -> None:
    await company.rents()
    assert await company.balance() == D(6)

    await company.at(berlin(7, 1))

    assert await company.balance() == D(2)


async def test_r6_r23_the_price_depends_on_your_location(company: Company) -> None:
    await company.rents("+12125550101")

    assert await company.balance() == D(7)


async def test_r9_toll_free_your_clients_are_not_charged_you_are(company: Company) -> None:
    await company.rents(TOLL_FREE)

    await company.is_called("a1", TOLL_FREE)

    assert (await company.talks("a1", 60))["charged"] == "0.018000"


async def test_r4_r23_outbound_calls_of_a_rented_number_are_charged_as_well_as_the_rent(company: Company) -> None:
    await company.rents()

    await company.calls("a1")

    assert (await company.talks("a1", 95))["charged"] == "0.054000"
    assert await company.balance() == D("5.946")


async def test_r13_call_forwarding_is_in_fact_an_outbound_call_and_charged_accordingly(company: Company) -> None:
    await company.rents()
    await company.is_called("a1")

    forwarded = await company.gateway.start(
        "a2", LONDON, caller=CLIENT, direction="forward", line=NUMBER, parent_call_id="a1"
    )

    assert forwarded["action"] == "connect"
    assert (await company.talks("a2", 95))["charged"] == "0.054000"


async def test_r12_r26_a_sip_connector_is_charged_monthly_and_its_calls_by_your_own_provider(company: Company) -> None:
    await company.pays("88")
    async with company.pool.acquire() as conn:
        await rent_connector(conn, actor=CLERK, account_id=company.id, name="office", now=company.gateway.clock.now())
    assert await company.balance() == D(49)

    assert (await company.calls("a1", "office"))["action"] == "connect"
    assert (await company.talks("a1", 600))["charged"] == "0.000000"
    await company.at(berlin(7, 1))
    assert await company.balance() == D(0)
    await company.at(berlin(8, 1))

    unpaid = await company.calls("a2", "office")
    assert (unpaid["action"], unpaid["sip_code"]) == ("reject", 402)
    assert (await company.is_called("a3", "office"))["action"] == "connect"


@pytest.mark.parametrize("direction", ["inbound", "outbound", "forward"])
async def test_r18_the_maximum_duration_of_incoming_and_outbound_calls_is_one_hour(
    company: Company, direction: str
) -> None:
    await company.rents()
    call_id = "a1"
    if direction == "outbound":
        reply = await company.calls(call_id)
    else:
        reply = await company.is_called(call_id)
    if direction == "forward":
        call_id = "a2"
        reply = await company.gateway.start(
            call_id, LONDON, caller=CLIENT, direction="forward", line=NUMBER, parent_call_id="a1"
        )
    await company.gateway.answer(call_id)
    assert reply["max_seconds"] == 3600

    company.gateway.clock.advance(3600)
    await company.gateway.extend()
    await company.gateway.cut()

    assert (call_id, "limit") in company.gateway.provider.hang_ups()


async def test_r20_funds_are_taken_after_finishing_a_call(company: Company) -> None:
    await company.rents()
    await company.calls("a1")
    await company.gateway.answer("a1")
    company.gateway.clock.advance(60)
    assert await company.balance() == D(6)

    await company.gateway.end("a1", seconds=60, cause="normal")

    assert await company.balance() == D("5.973")


async def test_r6_you_can_view_the_rates_for_outbound_calls(company: Company) -> None:
    await company.rents()
    async with company.pool.acquire() as conn:
        quoted = await quote_call(conn, line=NUMBER, callee=LONDON, now=company.gateway.clock.now(), limits=Limits())

    assert [(60, D("0.027")), (300, D("0.135")), (3600, D("1.62"))] == [
        (each.seconds, each.price) for each in quoted.prices
    ]


async def test_r6_you_can_view_the_prices_of_incoming_calls_of_a_toll_free_number(company: Company) -> None:
    async with company.pool.acquire() as conn:
        now = company.gateway.clock.now()
        found = await search_rates(conn, query="United States", account_id=company.id, now=now)

    [inbound] = [each for each in found.rates if each.kind == "inbound" and each.category == "toll_free"]
    assert [(60, D("0.018")), (300, D("0.09")), (3600, D("1.08"))] == [
        (each.seconds, each.price) for each in inbound.prices
    ]


async def test_r6_you_can_find_out_the_exact_price_of_a_number_by_country_and_type(company: Company) -> None:
    async with company.pool.acquire() as conn:
        now = company.gateway.clock.now()
        searched = await search_numbers(conn, query="Germany", category="geographic", account_id=company.id, now=now)

    assert [("geographic", D(4), D(0))] == [(each.category, each.month, each.setup_fee) for each in searched.prices]
