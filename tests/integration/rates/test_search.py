"""R6: rates are found by country, prefix and number; the answer says which row applies and what calls cost."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest

from gateway.domain.errors import InvalidInput, NotFound
from gateway.numbers import metadata
from gateway.usecases.lines.search import search_numbers
from gateway.usecases.rates.search import search_rates
from tests.support import world
from tests.support.world import NOON


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


async def search(conn, query: str, **more) -> list:
    return (await search_rates(conn, query=query, now=NOON, **more)).rates


async def prefixes(conn, query: str, **more) -> list[str]:
    return [rate.prefix for rate in await search(conn, query, **more)]


async def test_r6_a_full_number_gets_exactly_the_row_that_applies_and_what_1_5_and_60_minutes_cost(conn):
    await world.rate(conn, "44", "0.05")
    await world.rate(conn, "4420", "0.0270", fee="0.1", first_interval_s=30, increment_s=6)
    await world.rate(conn, "44207", "1", valid_from=NOON + timedelta(days=1))
    await world.rate(conn, "442079", "1", valid_until=NOON)

    for query in ("+442079460000", "442079460000", "+44 (20) 7946-0000"):
        [rate] = await search(conn, query)
        assert (rate.kind, rate.country, rate.prefix, rate.is_future) == ("outbound", "GB", "4420", False)
    assert (rate.currency, str(rate.per_minute), str(rate.connection_fee)) == ("USD", "0.027000", "0.100000")
    assert (rate.first_interval_s, rate.increment_s, rate.month, rate.setup_fee) == (30, 6, None, None)
    assert [(each.seconds, str(each.price)) for each in rate.prices] == [
        (60, "0.127000"),
        (300, "0.235000"),
        (3600, "1.720000"),
    ]


async def test_r6_a_number_that_no_row_covers_has_none(conn):
    await world.rate(conn, "44")

    assert await search(conn, "+12125550123") == []


async def test_r6_a_prefix_finds_its_rows_and_the_one_that_applies_to_it(conn):
    for prefix in ("4", "44", "4420", "447", "45", "49"):
        await world.rate(conn, prefix)

    assert await prefixes(conn, "44") == await prefixes(conn, "+44") == ["44", "4420", "447"]
    assert await prefixes(conn, "442") == ["44", "4420"]
    assert await prefixes(conn, "46") == ["4"]
    assert await prefixes(conn, "33") == []


async def test_r6_rows_of_the_future_are_found_and_flagged(conn):
    await world.rate(conn, "44", "0.01", valid_until=NOON + timedelta(days=5))
    await world.rate(conn, "44", "0.02", valid_from=NOON + timedelta(days=5))
    await world.rate(conn, "44", "0.03", valid_from=NOON - timedelta(days=50), valid_until=NOON - timedelta(days=30))

    found = await search(conn, "44")

    assert [(str(rate.per_minute), rate.is_future) for rate in found] == [("0.010000", False), ("0.020000", True)]
    assert found[1].valid_from == NOON + timedelta(days=5)


async def test_r6_a_search_has_as_many_rows_as_are_asked_for_and_says_how_many_more_there_are(conn):
    for prefix in ("4", "44", "4420", "447", "4479", "441481"):
        await world.rate(conn, prefix)
    await world.rate(conn, kind="inbound", country="GB")

    for query, limit, shown, more in [
        ("44", 2, ["44", "441481"], 3),
        ("44", 5, ["44", "441481", "4420", "447", "4479"], 0),
        ("442", 1, ["44"], 1),
        ("45", 1, ["4"], 0),
        ("GB", 3, ["44", "4420", "447"], 2),
        ("GB", 4, ["44", "4420", "447", "4479"], 1),
        ("GB", None, ["44", "4420", "447", "4479", ""], 0),
    ]:
        found = await search_rates(conn, query=query, now=NOON, limit=limit)
        assert ([rate.prefix for rate in found.rates], found.more) == (shown, more)


async def test_r6_a_country_is_found_by_label_or_by_its_digits(conn):
    await world.rate(conn, "44")
    await world.rate(conn, "447", country="GB")
    await world.rate(conn, "441481")  # Guernsey
    await world.rate(conn, "4478", country="JE")
    await world.rate(conn, "383", country="GB")  # A label goes before what the digits say.
    await world.rate(conn, "49")

    for query in ("United Kingdom", "united k", "GB", "gb", "GBR", "UK"):
        assert await prefixes(conn, query) == ["383", "44", "447"]
    assert await prefixes(conn, "Guernsey") == ["44", "441481"]
    assert {rate.country for rate in await search(conn, "GB")} == {"GB"}


async def test_r6_the_row_for_the_rest_of_a_shared_code_is_found_for_each_of_its_countries(conn):
    for prefix in ("1", "1416", "1212", "1242"):
        await world.rate(conn, prefix)

    assert await prefixes(conn, "Canada") == ["1", "1416"]
    assert await prefixes(conn, "USA") == ["1", "1212"]
    assert await prefixes(conn, "Bahamas") == ["1", "1242"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("Atlantis", "'Atlantis' is not a country, a prefix like 44 or a number"),
        ("", "'' is not a country"),
        ("Guin", r"'Guin' may be Guinea \(GN\), Guinea-Bissau \(GW\)"),
        ("S", r"'S' may be .* more"),
        ("1" * 16, "has more than 15 digits"),
    ],
)
async def test_r6_a_query_that_says_nothing_or_too_much_is_refused(conn, query, said):
    with pytest.raises(InvalidInput, match=said):
        await search(conn, query, currency="USD")


async def test_r6_a_whole_name_goes_before_longer_ones(conn):
    await world.rate(conn, "224")
    await world.rate(conn, "245")

    assert await prefixes(conn, "Guinea") == ["224"]
    assert await prefixes(conn, "Cote d'Ivoire") == []


async def test_r6_countries_are_computed_outside_of_the_event_loop(conn, monkeypatch):
    threads = set()

    def country_of_prefix(prefix: str) -> str:
        threads.add(threading.current_thread())
        return "GB"

    monkeypatch.setattr(metadata, "country_of_prefix", country_of_prefix)
    await world.rate(conn, "44")

    assert await prefixes(conn, "44") == await prefixes(conn, "GB") == ["44"]
    assert threads
    assert threading.current_thread() not in threads


async def test_r6_an_account_asks_in_its_currency_and_language(conn):
    account = await world.account(conn, currency="EUR")
    await conn.execute("UPDATE account SET language = 'de'")
    await world.rate(conn, "49", "0.01", currency="EUR")
    await world.rate(conn, "49", "0.02")

    for query in ("Deutschland", "Germany"):
        [rate] = await search(conn, query, account_id=account)
        assert (rate.currency, str(rate.per_minute)) == ("EUR", "0.010000")
    [dollars] = await search(conn, "49", account_id=account, currency="USD")
    assert dollars.currency == "USD"
    with pytest.raises(NotFound, match="there is no account 99"):
        await search(conn, "49", account_id=99)


async def test_r6_the_currency_is_the_only_one_there_is_or_must_be_said(conn):
    with pytest.raises(NotFound, match="there are no rates yet"):
        await search(conn, "49")
    await world.rate(conn, "49", currency="EUR")
    assert [rate.currency for rate in await search(conn, "49")] == ["EUR"]
    await world.rate(conn, "49")
    with pytest.raises(InvalidInput, match="currency: there are rates in EUR, USD; say which"):
        await search(conn, "49")
    with pytest.raises(InvalidInput, match="'EURO' is not a currency"):
        await search(conn, "49", currency="EURO")


async def test_r6_inbound_rates_and_rents_of_a_country_are_found_by_category(conn):
    await world.rate(conn, "1")
    await world.rate(conn, kind="inbound", country="US", category="toll_free", per_minute="0.018")
    await world.rate(conn, kind="inbound", category="toll_free", per_minute="0.02")
    await world.rate(conn, kind="inbound", category="mobile", per_minute="0.01")
    await world.rate(conn, kind="rent", country="US", category="geographic", per_minute="1.15", fee="0.5")
    await world.rate(conn, kind="rent", country="DE", category="geographic", per_minute="4")
    await world.rate(conn, kind="rent", category="connector", per_minute="49")

    found = await search(conn, "United States")

    assert [
        (rate.kind, rate.country, rate.category, rate.per_minute, rate.month, rate.setup_fee) for rate in found
    ] == [
        ("outbound", "US", "", Decimal("0.027"), None, None),
        ("inbound", "US", "toll_free", Decimal("0.018"), None, None),
        ("inbound", "", "mobile", Decimal("0.01"), None, None),
        ("rent", "US", "geographic", None, Decimal("1.15"), Decimal("0.5")),
    ]
    assert [str(each.price) for each in found[1].prices] == ["0.018000", "0.090000", "1.080000"]
    assert found[3].prices == []


async def test_r6_numbers_of_a_country_are_priced_by_category_with_what_incoming_calls_cost(conn):
    await world.rate(conn, kind="rent", country="US", per_minute="2", fee="1")
    await world.rate(conn, kind="rent", country="US", category="geographic", per_minute="1.15")
    await world.rate(conn, kind="rent", category="mobile", per_minute="9")  # The country goes before the category.
    await world.rate(conn, kind="inbound", country="US", category="toll_free", per_minute="0.018")
    await world.rate(conn, kind="rent", country="US", category="mobile", valid_from=NOON + timedelta(days=1))

    found = await search_numbers(conn, query="united states", now=NOON)

    assert (found.country, found.country_name, found.currency) == ("US", "United States", "USD")
    assert (found.number, found.is_taken) == (None, None)
    assert [
        (each.category, str(each.month), str(each.setup_fee), str(each.inbound_per_minute)) for each in found.prices
    ] == [
        ("geographic", "1.150000", "0.000000", "0.000000"),
        ("mobile", "2.000000", "1.000000", "0.000000"),
        ("toll_free", "2.000000", "1.000000", "0.018000"),
        ("national", "2.000000", "1.000000", "0.000000"),
    ]
    assert [str(each.price) for each in found.prices[2].inbound_prices] == ["0.018000", "0.090000", "1.080000"]
    assert found.prices[0].inbound_prices == []
    [only] = (await search_numbers(conn, query="US", category="toll_free", now=NOON)).prices
    assert only.category == "toll_free"


async def test_r6_of_a_number_country_and_category_follow_from_itself_and_it_is_said_whether_it_is_taken(conn):
    account = await world.account(conn)
    await world.number(conn, account, "+18005550100", category="toll_free")
    await world.number(conn, account, "+18005550101", category="toll_free", state="suspended")
    await world.number(conn, account, "+18005550102", category="toll_free", state="disconnected")
    await world.rate(conn, kind="rent", country="US", category="toll_free", per_minute="3")

    taken = {
        number: (await search_numbers(conn, query=number, account_id=account, now=NOON)).is_taken
        for number in ("+18005550100", "18005550101", "+1 800 555 0102", "+18005550103")
    }
    found = await search_numbers(conn, query="18005550103", now=NOON)

    assert list(taken.values()) == [True, True, False, False]
    assert (found.number, found.country) == ("+18005550103", "US")
    assert [(each.category, str(each.month)) for each in found.prices] == [("toll_free", "3.000000")]


async def test_r6_a_number_without_a_rent_has_no_price_and_a_country_without_rents_none_at_all(conn):
    await world.rate(conn, kind="rent", country="US", per_minute="3")

    number = await search_numbers(conn, query="+4930901820", now=NOON)
    country = await search_numbers(conn, query="Germany", now=NOON)

    assert [(each.category, each.month, each.setup_fee, each.valid_from) for each in number.prices] == [
        ("geographic", None, None, None)
    ]
    assert country.prices == []
    with pytest.raises(InvalidInput, match="category: 'fax' is not one of"):
        await search_numbers(conn, query="Germany", category="fax", now=NOON)
