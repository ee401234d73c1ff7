"""R6: a quote is what a real call would get."""

from decimal import Decimal

import pytest

from gateway.domain.calls.call import Limits
from gateway.domain.connection import Connection
from gateway.domain.errors import InvalidInput, NotFound
from gateway.usecases.calls.shown.quote import quote_call
from gateway.words.speech import say
from tests.support import world
from tests.support.world import NOON

LINE, CALLEE = "+15550100001", "+442079460000"


async def quote(conn, callee: str = CALLEE, *, line: str = LINE, **more):
    return await quote_call(conn, line=line, callee=callee, now=NOON, limits=Limits(), **more)


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


async def test_r6_a_quote_names_the_row_the_increment_and_the_price_of_1_5_and_60_minutes(conn):
    account = await world.account(conn, balance="1")
    await world.number(conn, account, LINE)
    await world.rate(conn, "44", "0.05")
    rate = await world.rate(conn, "4420", "0.0270")

    quoted = await quote(conn)

    assert (quoted.rate.id, quoted.rate.prefix, quoted.increment_s, quoted.currency) == (rate, "4420", 60, "USD")
    assert [(each.seconds, str(each.price)) for each in quoted.prices] == [
        (60, "0.027000"),
        (300, "0.135000"),
        (3600, "1.620000"),
    ]
    assert (quoted.line, quoted.callee, quoted.account_id, quoted.caller_id) == (LINE, CALLEE, account, LINE)
    assert (quoted.rule, quoted.refused, quoted.why, quoted.emergency) == ("R14", None, None, False)
    assert (str(quoted.available), quoted.granted_s) == ("1.000000", 2220)


async def test_r1_the_price_quoted_for_other_durations_is_the_price_charged(conn):
    account = await world.account(conn)
    await world.number(conn, account, LINE)
    await world.rate(conn, "44", "0.0270", first_interval_s=1, increment_s=1)

    quoted = await quote(conn, seconds=[0, 1, 59, 61, 95])

    assert [str(each.price) for each in quoted.prices] == ["0.000000", "0.000450", "0.026550", "0.027450", "0.042750"]


async def test_r41_a_quote_reads_as_a_webhook_does_and_says_how(conn):
    await world.number(conn, await world.account(conn), LINE)
    await world.rate(conn, "44")

    quoted = await quote(conn, "011442079460000", line="15550100001")
    unread = await quote(conn, "442079460000", line="15550100001")

    assert (quoted.line, quoted.callee, quoted.refused) == (LINE, CALLEE, None)
    assert say(quoted.read_how) == "read with the exit code of US"
    assert (unread.callee, unread.refused) == ("442079460000", "callee_invalid")
    assert "read in the plan of US" in say(unread.read_how)


async def test_r41_a_quote_reads_as_a_connection_does_that_sends_national_numbers(conn):
    account = await world.account(conn)
    await world.number(conn, account, "+16505550100")
    await world.connector(conn, account, "office")
    await world.rate(conn, "1")
    national = Connection(name="pbx", kind="native", numbers="US")

    quoted = await quote(conn, "6505551234", line="6505550100", connection=national)
    by_connector = await quote(conn, "6505551234", line="office", connection=national)

    assert (quoted.line, quoted.callee, quoted.refused) == ("+16505550100", "+16505551234", None)
    assert (by_connector.callee, say(by_connector.read_how)) == ("+16505551234", "read in the plan of US")
    with pytest.raises(NotFound):
        await quote(conn, "6505551234", line="6505550100")


async def test_r10_a_quote_by_a_connection_that_is_bound_to_others_is_refused(conn):
    await world.number(conn, await world.account(conn), LINE)
    await world.rate(conn, "44")

    quoted = await quote(conn, connection=Connection(name="pbx", kind="native", accounts=frozenset({7})))

    assert quoted.refused == "connection_bound"


@pytest.mark.parametrize(("line", "dialled", "callee"), [(LINE, "9-1-1", "911"), ("office", "999", "999")])
async def test_a_quote_says_that_a_callee_is_an_emergency_number(conn, line, dialled, callee):
    account = await world.account(conn, balance="0", main_number="+442079460000")
    await world.number(conn, account, LINE)
    await world.connector(conn, account, "office")
    await conn.execute("UPDATE line SET country = 'GB' WHERE kind = 'connector'")

    quoted = await quote(conn, dialled, line=line)

    assert (quoted.callee, quoted.emergency, quoted.rule, quoted.refused) == (callee, True, "emergency", None)
    assert say(quoted.read_how) == "read as an emergency number of where the line is"
    assert [each.price for each in quoted.prices] == [Decimal(0)] * 3


async def test_r12_a_quote_says_that_a_connector_dials_whatever_its_provider_can(conn):
    await world.connector(conn, await world.account(conn), "office")

    quoted = await quote(conn, "3001", line="office")

    assert (quoted.callee, quoted.rule) == ("3001", "R12")
    assert say(quoted.read_how) == "left as it is: a SIP connector dials what its own provider can"


async def test_r7_without_a_rate_there_is_no_price(conn):
    await world.number(conn, await world.account(conn), LINE)
    await world.rate(conn, "44", currency="EUR")

    quoted = await quote(conn)

    assert (quoted.refused, quoted.rule, say(quoted.why)) == ("no_rate", "R7", "no rate covers the callee")
    assert (quoted.rate, quoted.increment_s, quoted.prices, quoted.granted_s) == (None, None, [], 0)


async def test_r14_a_quote_without_money_still_tells_the_price(conn):
    await world.number(conn, await world.account(conn, balance="0.02"), LINE)
    await world.rate(conn, "44")

    quoted = await quote(conn, seconds=[60])

    assert (quoted.refused, quoted.granted_s) == ("no_money", 0)
    assert str(quoted.prices[0].price) == "0.027000"


async def test_r11_a_suspended_number_is_quoted_by_the_main_number(conn):
    account = await world.account(conn, main_number="+15550100009")
    await world.number(conn, account, LINE, state="suspended")
    await world.rate(conn, "44")

    quoted = await quote(conn)

    assert (quoted.line_state, quoted.caller_id, quoted.rule, quoted.refused) == (
        "suspended",
        "+15550100009",
        "R11",
        None,
    )


async def test_r10_a_callee_that_is_no_number_is_refused(conn):
    await world.number(conn, await world.account(conn), LINE)

    assert (await quote(conn, "12")).refused == "callee_invalid"


async def test_an_emergency_number_costs_nothing(conn):
    await world.number(conn, await world.account(conn, balance="0"), LINE, state="suspended")

    quoted = await quote(conn, "911", seconds=[60])

    assert (quoted.emergency, quoted.rule, quoted.granted_s, quoted.prices[0].price) == (True, "emergency", 3600, 0)


async def test_r12_a_connector_costs_nothing_a_minute(conn):
    await world.connector(conn, await world.account(conn, balance="0"), "pbx")

    quoted = await quote(conn, line="pbx", seconds=[3600])

    assert (quoted.rule, quoted.prices[0].price, quoted.granted_s) == ("R12", Decimal(0), 3600)


async def test_a_line_that_is_not_there_is_not_found(conn):
    with pytest.raises(NotFound, match="there is no line 15550100001"):
        await quote(conn, line="15550100001")
    with pytest.raises(NotFound, match="there is no line pbx"):
        await quote(conn, line="pbx")


@pytest.mark.parametrize("seconds", [-1, 3601])
async def test_no_call_is_longer_than_an_hour(conn, seconds):
    with pytest.raises(InvalidInput, match="from 0 to 3600"):
        await quote(conn, seconds=[60, seconds])


async def test_a_quote_leaves_nothing_behind(conn):
    account = await world.account(conn)
    await world.number(conn, account, LINE)
    await world.rate(conn, "44")

    await quote(conn)

    assert await world.money(conn, account) == (100, 0)
    assert await conn.fetchval("SELECT count(*) FROM call") == 0
