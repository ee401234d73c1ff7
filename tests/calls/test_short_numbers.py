"""R40: short numbers of a line's country are called at the price that a deck has for them."""

from decimal import Decimal

import pytest

from gateway.domain.calls.call import Limits
from gateway.domain.errors import InvalidInput
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.calls.shown.quote import quote_call
from gateway.usecases.calls.shown.show import show_call
from gateway.usecases.rates.import_deck import import_rates
from gateway.usecases.rates.search import search_rates
from gateway.words.speech import say
from tests.support import world
from tests.support.actors import CLERK
from tests.support.running import Gateway
from tests.support.world import NOON

BERLIN, PARIS, US, LONDON = "+4930123456", "+33140000000", "+15550100001", "+442079460000"
HEADER = "kind,country,category,prefix,per_minute,connection_fee,first_interval_s,increment_s,valid_from,currency\n"
LONG = "outbound,,,1,0.01,0,60,60,2026-01-01,USD\noutbound,,,49,0.01,0,60,60,2026-01-01,USD\n"
SHORT = (
    "outbound,DE,short,118,1.99,0,60,60,2026-01-01,USD\noutbound,DE,short,11,0.10,0,60,60,2026-01-01,USD\n"
    "outbound,US,short,4,0.02,0,60,60,2026-01-01,USD\n"
)


async def a_world(conn: PgConnection, gateway: Gateway, deck: str = LONG + SHORT) -> int:
    account = await world.account(conn, balance="100")
    for line in (BERLIN, PARIS, US, LONDON):
        await world.number(conn, account, line, country={"4": "DE", "3": "FR", "1": "US"}[line[1]])
    await conn.execute("UPDATE line SET country = 'GB' WHERE name = $1", LONDON)
    await import_deck(conn, gateway, deck)
    return account


async def import_deck(conn: PgConnection, gateway: Gateway, rows: str) -> tuple[int, int]:
    done = await import_rates(
        conn, actor=CLERK, content=(HEADER + rows).encode(), source="deck.csv", clock=gateway.clock, ends=100
    )
    return done.added, done.removed


async def dial(gateway: Gateway, line: str, callee: str, call_id: str = "a1") -> str:
    """What becomes of a call: `connect`, or why not."""
    reply = await gateway.start(call_id, caller=line, line=line, callee=callee)
    return str(reply.get("reason", reply["action"]))


@pytest.mark.parametrize(
    ("line", "dialled", "prefix"),
    [
        (BERLIN, "11833", "118"),
        (BERLIN, "118 33", "118"),
        (BERLIN, "tel:11833;phone-context=+49", "118"),
        (BERLIN, "115", "11"),
        (BERLIN, "116117", "11"),  # priced, so not free
        (US, "411", "4"),
    ],
)
async def test_r40_a_short_number_costs_what_the_deck_has_for_the_lines_country(
    gateway: Gateway, pool: Pool, *, line: str, dialled: str, prefix: str
) -> None:
    async with pool.acquire() as conn:
        await a_world(conn, gateway)

        assert await dial(gateway, line, dialled) == "connect"
        quoted = await quote_call(conn, line=line, callee=dialled, now=NOON, limits=Limits())
        view = await show_call(conn, reference="pbx:a1")

        assert view.call.rate is not None
        assert quoted.rate is not None
        assert (view.call.rate.prefix, quoted.rate.prefix, quoted.rule) == (prefix, prefix, "R14")
        assert say(quoted.read_how).startswith("read as a short number of")
        assert any(f"(short numbers {prefix})" in sentence for sentence in view.explanation)


@pytest.mark.parametrize(
    ("line", "dialled"),
    [(PARIS, "118218"), (PARIS, "3939"), (US, "211"), (LONDON, "116123")],
)
async def test_r40_a_short_number_without_a_price_has_no_rate(
    gateway: Gateway, pool: Pool, line: str, dialled: str
) -> None:
    async with pool.acquire() as conn:
        await a_world(conn, gateway, LONG + SHORT + "outbound,,,2,0.01,0,60,60,2026-01-01,USD\n")

        assert await dial(gateway, line, dialled) == "no_rate"


async def test_r40_a_short_number_is_never_priced_by_a_row_for_long_ones_nor_a_long_one_by_its(
    gateway: Gateway, pool: Pool
) -> None:
    async with pool.acquire() as conn:
        await a_world(conn, gateway, LONG)
        assert await dial(gateway, BERLIN, "115", "a1") == "no_rate"

        await import_deck(conn, gateway, SHORT.replace("118", "1183"))
        await conn.execute("UPDATE rate SET valid_until = valid_from WHERE category = ''")

        assert await dial(gateway, BERLIN, "115", "a2") == "connect"
        assert await dial(gateway, BERLIN, "+12015550123", "a3") == "no_rate"


@pytest.mark.parametrize(("line", "dialled"), [(BERLIN, "116117"), (PARIS, "116000"), (BERLIN, "116 006")])
async def test_r40_a_harmonised_number_of_social_value_is_free_in_the_eu_unless_priced(
    gateway: Gateway, pool: Pool, line: str, dialled: str
) -> None:
    async with pool.acquire() as conn:
        account = await a_world(conn, gateway, LONG)

        assert await dial(gateway, line, dialled) == "connect"
        quoted = await quote_call(conn, line=line, callee=dialled, now=NOON, limits=Limits())
        gateway.clock.advance(60)
        await gateway.end("a1", seconds=60)

        view = await show_call(conn, reference="pbx:a1")
        assert (view.call.rule, view.call.charge, view.call.rate) == ("R40", Decimal(0), None)
        assert (quoted.rule, [each.price for each in quoted.prices]) == ("R40", [Decimal(0)] * 3)
        assert (view.call.account_id, list(view.call.flags)) == (account, [])


async def test_r5_short_numbers_are_a_deck_of_their_own(gateway: Gateway, pool: Pool) -> None:
    async with pool.acquire() as conn:
        await a_world(conn, gateway)

        assert await import_deck(conn, gateway, LONG) == (0, 0)
        assert await dial(gateway, BERLIN, "11833", "a1") == "connect"
        assert await import_deck(conn, gateway, SHORT.splitlines()[0] + "\n") == (0, 2)
        assert await dial(gateway, BERLIN, "+12015550123", "a2") == "connect"
        assert await dial(gateway, BERLIN, "115", "a3") == "no_rate"
        assert await import_deck(conn, gateway, SHORT) == (2, 0)


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("outbound,,short,118,1", "line 2, country: '' is not the country of a short number, like DE"),
        ("outbound,001,short,118,1", "line 2, country: '001' is not the country of a short number, like DE"),
        ("outbound,DE,short,,1", "line 2, prefix: '' is not a short number of 1 to 6 digits"),
        ("outbound,DE,short,1183333,1", "line 2, prefix: '1183333' is not a short number of 1 to 6 digits"),
        ("outbound,US,short,12,1", "line 2, prefix: no short number of US begins with 12"),
        ("inbound,DE,short,,1", "line 2, category: 'short' is not one of"),
        ("rent,DE,short,,1", "line 2, category: 'short' is not one of"),
    ],
)
async def test_r40_a_row_that_no_short_number_has_is_refused(
    gateway: Gateway, pool: Pool, row: str, problem: str
) -> None:
    async with pool.acquire() as conn:
        with pytest.raises(InvalidInput) as caught:
            await import_deck(conn, gateway, f"{row},0,60,60,2026-01-01,USD\n")

    assert str(caught.value).startswith(problem)


async def test_r6_a_search_has_short_numbers_by_country_and_by_digits(gateway: Gateway, pool: Pool) -> None:
    async def found(query: str) -> list[tuple[str, str, str]]:
        rates = (await search_rates(conn, query=query, now=NOON)).rates
        return [(rate.country, rate.category, rate.prefix) for rate in rates]

    async with pool.acquire() as conn:
        await a_world(conn, gateway)

        assert await found("Germany") == [("DE", "short", "11"), ("DE", "short", "118"), ("DE", "", "49")]
        assert await found("118") == [("US", "", "1"), ("DE", "short", "11"), ("DE", "short", "118")]
        assert await found("+4930123456") == [("DE", "", "49")]
