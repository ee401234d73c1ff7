"""A short prefix prices the other countries of its code too: an import warns of it, and a search says so."""

import pytest

from gateway.usecases.rates.import_deck import import_rates, try_rates
from gateway.usecases.rates.search import search_rates
from tests.support.actors import CLERK
from tests.support.world import NOON, FakeClock

HEADER = "kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency\n"


@pytest.fixture
async def conn(pool):
    async with pool.acquire() as conn:
        yield conn


def deck(*rows: str) -> bytes:
    """Outbound rows, each a country and a prefix."""
    lines = (f"outbound,{row.split()[0].strip('-')},,{row.split()[1]},0.01,0,60,60,2026-01-01,USD\n" for row in rows)
    return (HEADER + "".join(lines)).encode()


async def warnings(conn, *rows: str) -> tuple[str, ...]:
    return (await try_rates(conn, content=deck(*rows), clock=FakeClock())).warnings


@pytest.mark.parametrize(
    ("row", "country"),
    [
        ("US 1", "Jamaica (JM)"),
        ("US 1", "Canada (CA)"),
        ("US 1", "Puerto Rico (PR)"),
        ("US 1", "Turks & Caicos Islands (TC)"),
        ("CA 1", "United States (US)"),
        ("RU 7", "Kazakhstan (KZ)"),
        ("GB 44", "Jersey (JE)"),
        ("GB 44", "Guernsey (GG)"),
        ("GB 44", "Isle of Man (IM)"),
        ("FI 358", "Åland Islands (AX)"),
        ("NO 47", "Svalbard & Jan Mayen (SJ)"),
        ("IT 39", "Vatican City (VA)"),
        ("AU 61", "Christmas Island (CX)"),
        ("AU 61", "Cocos (Keeling) Islands (CC)"),
        ("RE 262", "Mayotte (YT)"),
        ("GP 590", "St. Barthélemy (BL)"),
    ],
)
async def test_r39_a_short_row_prices_the_other_countries_of_its_code(conn, row, country):
    label, prefix = row.split()

    [warning] = await warnings(conn, row)

    assert warning.startswith(f"prefix {prefix} ({label}, USD) prices what has no row of its own: ")
    assert country in warning


async def test_r39_a_row_of_russia_prices_kazakhstan(conn):
    assert await warnings(conn, "RU 7") == ("prefix 7 (RU, USD) prices what has no row of its own: Kazakhstan (KZ)",)


async def test_r39_a_country_with_a_row_of_its_own_is_not_warned_of(conn):
    assert await warnings(conn, "RU 7", "KZ 77") == ()
    assert (
        await warnings(conn, "GB 44", "GG 441481", "GG 447781", "JE 441534", "JE 447797", "IM 441624", "IM 447924")
        == ()
    )


async def test_r39_an_area_of_a_country_that_is_left_out_is_warned_of(conn):
    assert await warnings(conn, "JM 1876", "US 1658") == (
        "prefix 1658 (US, USD) prices what has no row of its own: Jamaica (JM)",
    )


async def test_a_row_without_a_label_names_no_country_and_is_not_warned_of(conn):
    assert await warnings(conn, "- 1", "- 7") == ()


@pytest.mark.parametrize("query", ["Jamaica", "JM", "+18765230123"])
async def test_r6_a_search_says_by_which_row_and_that_its_label_is_another_countrys(conn, query):
    await import_rates(conn, actor=CLERK, content=deck("US 1", "RU 7"), source="deck.csv", clock=FakeClock())

    [rate] = (await search_rates(conn, query=query, now=NOON)).rates

    assert (rate.prefix, rate.country) == ("1", "US")
    assert rate.note == "prefix 1 prices Jamaica (JM), but its label is another country's: United States (US)"


async def test_r6_a_row_of_its_own_needs_no_word(conn):
    await import_rates(conn, actor=CLERK, content=deck("JM 1876"), source="deck.csv", clock=FakeClock(), ends=2)

    assert [rate.note for rate in (await search_rates(conn, query="Jamaica", now=NOON)).rates] == [None]
