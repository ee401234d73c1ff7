"""R39: a rate may be for some callers only, dearer or cheaper, and hides nothing from the others."""

from collections.abc import AsyncIterator
from decimal import Decimal

import pytest

from gateway.domain.calls.call import Limits
from gateway.domain.errors import InvalidInput
from gateway.domain.events import CallStarted, Direction
from gateway.domain.phone import WITHHELD
from gateway.postgres.calls import last_known, starts
from gateway.postgres.calls.starts import StartKey
from gateway.postgres.types import Pool, PoolConnection
from gateway.usecases.calls.shown.quote import quote_call
from gateway.usecases.calls.starts.known_rates import KnownRates
from gateway.usecases.rates.search import search_rates
from tests.support import world
from tests.support.world import NOON

BRITISH, GERMAN, AMERICAN = "+442071838750", "+4930901820", "+15550100001"
MOBILE, BELGIAN = "+447911123456", "+32467012345"


@pytest.fixture
async def conn(pool: Pool) -> AsyncIterator[PoolConnection]:
    async with pool.acquire() as conn:
        yield conn


@pytest.fixture
async def account(conn: PoolConnection) -> int:
    """British mobiles are dearer from abroad but Germany, cheaper from home; a Belgian prefix is priced for Germans."""
    account = await world.account(conn)
    for number in (BRITISH, GERMAN, AMERICAN):
        await world.number(conn, account, number)
    await world.rate(conn, "447", "0.0305")
    await world.rate(conn, "447", "0.4730", caller_prefixes="1 4")
    await world.rate(conn, "447", "0.0100", caller_prefixes="33 44")
    await world.rate(conn, "447", "0.0200", caller_prefixes="49")
    await world.rate(conn, "3246", "0.5576")
    await world.rate(conn, "324670", "0.0387", caller_prefixes="30 49")
    return account


async def price_of(
    conn: PoolConnection,
    line: str,
    callee: str,
    *,
    caller: str | None = None,
    direction: Direction = Direction.OUTBOUND,
) -> str:
    """What a minute costs a call that starts."""
    call = CallStarted(call_id="a1", direction=direction, caller=caller or line, callee=callee, line=line)
    [start] = await starts.gather(conn, [StartKey(connection="pbx", call=call, started_at=NOON)], now=NOON)
    assert start.rate is not None
    return str(start.rate.per_minute)


@pytest.mark.parametrize(
    ("line", "callee", "price"),
    [
        (AMERICAN, MOBILE, "0.473000"),
        (BRITISH, MOBILE, "0.010000"),  # 44 is longer than 4
        (GERMAN, MOBILE, "0.020000"),
        (GERMAN, BELGIAN, "0.038700"),
        (AMERICAN, BELGIAN, "0.557600"),  # what is for some does not hide what is for all
    ],
)
async def test_r39_a_start_and_a_quote_have_the_rate_for_their_caller(
    conn: PoolConnection, account: int, line: str, callee: str, price: str
) -> None:
    quote = await quote_call(conn, line=line, callee=callee, now=NOON, limits=Limits())

    assert await price_of(conn, line, callee) == price
    assert quote.rate is not None
    assert str(quote.rate.per_minute) == price


async def test_r39_a_forwarded_call_is_priced_by_the_number_that_forwards_and_not_by_who_calls_it(
    conn: PoolConnection, account: int
) -> None:
    assert await price_of(conn, BRITISH, MOBILE, caller=AMERICAN, direction=Direction.FORWARD) == "0.010000"


async def test_r11_a_call_by_the_main_number_is_priced_by_that(conn: PoolConnection) -> None:
    account = await world.account(conn, main_number=GERMAN)
    await world.number(conn, account, AMERICAN, state="suspended")
    await world.rate(conn, "447", "0.0305")
    await world.rate(conn, "447", "0.4730", caller_prefixes="1")
    await world.rate(conn, "447", "0.0200", caller_prefixes="49")

    assert await price_of(conn, AMERICAN, MOBILE) == "0.020000"


async def test_r39_a_caller_who_is_not_known_pays_the_dearest(conn: PoolConnection, account: int) -> None:
    assert await price_of(conn, BRITISH, MOBILE, caller=WITHHELD) == "0.473000"
    assert await price_of(conn, GERMAN, BELGIAN, caller=WITHHELD) == "0.557600"


async def test_r39_while_the_database_is_away_the_dearest_counts(conn: PoolConnection, account: int) -> None:
    rates = [rate async for page in last_known.read_call_rates(conn, ["USD"], now=NOON) for rate in page]
    known = KnownRates(rates)
    some = KnownRates(rate for rate in rates if rate.caller_prefixes)

    prices = [known.of_callee("USD", callee, country="US", at=NOON) for callee in (MOBILE, BELGIAN, "+33123456789")]
    alone = some.of_callee("USD", BELGIAN, country="US", at=NOON)

    assert [None if rate is None else str(rate.per_minute) for rate in prices] == ["0.473000", "0.557600", None]
    assert alone is not None
    assert alone.per_minute == Decimal("0.0387")


async def test_r6_a_search_shows_what_is_for_all_and_what_is_for_some_or_what_a_caller_pays(
    conn: PoolConnection, account: int
) -> None:
    everybody = (await search_rates(conn, query=BELGIAN, now=NOON)).rates
    german = (await search_rates(conn, query=BELGIAN, caller=GERMAN, now=NOON)).rates
    beginning = (await search_rates(conn, query="447", now=NOON)).rates

    assert [(row.prefix, row.caller_prefixes) for row in everybody] == [("3246", ""), ("324670", "30 49")]
    assert [(row.prefix, row.caller_prefixes) for row in german] == [("324670", "30 49")]
    assert [row.caller_prefixes for row in beginning] == ["", "1 4", "33 44", "49"]


@pytest.mark.parametrize(
    ("query", "caller", "said"),
    [(MOBILE, "me", "caller: 'me' is not a number in E.164"), ("447", GERMAN, "caller: is for a full number")],
)
async def test_r6_a_search_says_what_is_wrong_with_its_caller(
    conn: PoolConnection, account: int, query: str, caller: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        await search_rates(conn, query=query, caller=caller, now=NOON)
