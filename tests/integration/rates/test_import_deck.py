"""R5: a deck is imported as one atomic version; what it replaces is ended, never deleted."""

import asyncio
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.decks import COLUMNS
from gateway.domain.calls.call import Limits
from gateway.domain.errors import InvalidInput
from gateway.domain.rates.deck import DeckKey
from gateway.postgres import rates
from gateway.postgres.pool import LOCK_TIMEOUT
from gateway.postgres.session import connected
from gateway.usecases.calls.shown.quote import quote_call
from gateway.usecases.rates.import_deck import ImportedRates, import_rates, try_rates
from tests.support import world
from tests.support.actors import CLERK
from tests.support.world import NOON, FakeClock

DAY = timedelta(days=1)
LINE = "+15550100001"
CALLEES = {"44": "+442079460000", "46": "+46812345678", "47": "+4721234567"}
# Pairs of rates that some call could be charged by either of.
OVERLAPS = """
    SELECT count(*)
    FROM rate AS one
    JOIN rate AS other ON other.id > one.id AND (other.kind, other.currency, other.prefix) = (
        one.kind, one.currency, one.prefix
    )
    WHERE one.kind = 'outbound'
        AND tstzrange(one.valid_from, one.valid_until) && tstzrange(other.valid_from, other.valid_until)
"""


def deck(*rows: str) -> bytes:
    return "\n".join([",".join(COLUMNS), *rows]).encode()


def row(prefix: str, price: str = "0.01", *, valid_from: datetime = NOON - DAY, currency: str = "USD") -> str:
    return f"outbound,,,{prefix},{price},0,60,60,{valid_from.isoformat()},{currency}"


async def load(conn, *rows: str, now: datetime = NOON, **more) -> tuple[int, int, int]:
    done = await import_rates(
        conn, actor=CLERK, content=deck(*rows), source="test.csv", clock=FakeClock(now), ends=1_000, **more
    )
    return done.added, done.changed, done.removed


async def price_at(conn, prefix: str, at: datetime) -> Decimal | None:
    """What a call that starts at an instant is charged by; no two rates apply to one."""
    if not await conn.fetchval("SELECT count(*) FROM line"):
        await world.number(conn, await world.account(conn), LINE)
    assert await conn.fetchval(OVERLAPS) == 0
    quoted = await quote_call(conn, line=LINE, callee=CALLEES[prefix], now=at, limits=Limits())
    return None if quoted.rate is None else quoted.rate.per_minute


async def test_r5_the_first_deck_is_added_as_it_stands(pool):
    async with pool.acquire() as conn:
        done = await import_rates(
            conn,
            actor=CLERK,
            content=deck(
                "outbound,GB,mobile,447,0.0270,0.05,30,6,2026-01-01,USD",
                "inbound,US,toll_free,,0.0180,0,60,60,2026-01-01,USD",
                "rent,,connector,,49,,,,2026-01-01,USD",
            ),
            source="deck.csv",
            clock=FakeClock(),
        )

        warning = "prefix 447 (GB, USD) prices what has no row of its own: Guernsey (GG), Jersey (JE)"
        assert done == ImportedRates(added=3, changed=0, removed=0, version=1, left_out=0, warnings=(warning,))
        assert [
            tuple(row)
            for row in await conn.fetch(
                """
                SELECT version_id, kind, currency::text, country, category, prefix, per_minute::numeric,
                    connection_fee::numeric, first_interval_s, increment_s, valid_from, valid_until
                FROM rate ORDER BY id
                """
            )
        ] == [
            (1, "outbound", "USD", "GB", "mobile", "447", Decimal("0.027"), Decimal("0.05"), 30, 6, JANUARY, None),
            (1, "inbound", "USD", "US", "toll_free", "", Decimal("0.018"), Decimal(0), 60, 60, JANUARY, None),
            (1, "rent", "USD", "", "connector", "", Decimal(49), Decimal(0), 60, 60, JANUARY, None),
        ]
        assert await conn.fetchval("SELECT source FROM rate_version WHERE imported_at = $1", NOON) == "deck.csv"


JANUARY = datetime(2026, 1, 1, tzinfo=UTC)


async def test_r5_the_same_deck_again_changes_nothing(pool):
    async with pool.acquire() as conn:
        await load(conn, row("44"), row("45"))
        before = await conn.fetch("SELECT id, valid_until FROM rate ORDER BY id")

        assert await load(conn, row("45"), row("44", valid_from=NOON), now=NOON + DAY) == (0, 0, 0)
        assert await conn.fetch("SELECT id, valid_until FROM rate ORDER BY id") == before


async def test_r5_changed_rows_change_now_and_rows_that_are_gone_end_now(pool):
    async with pool.acquire() as conn:
        await load(conn, row("44"), row("45"), row("46"))

        assert await load(conn, row("44", "0.02"), row("45"), row("47"), now=NOON + DAY) == (1, 1, 1)

        before, after = NOON + DAY - timedelta(microseconds=1), NOON + DAY
        assert await price_at(conn, "44", before) == Decimal("0.01")
        assert await price_at(conn, "44", after) == Decimal("0.02")
        assert await price_at(conn, "46", before) == Decimal("0.01")
        assert await price_at(conn, "46", after) is None
        assert await price_at(conn, "47", NOON) == Decimal("0.01")


async def test_r5_a_deck_of_the_future_leaves_the_present_as_it_is(pool):
    async with pool.acquire() as conn:
        await load(conn, row("44"), row("46"))

        future = NOON + 30 * DAY
        assert await load(conn, row("44", "0.02", valid_from=future)) == (0, 1, 1)

        assert await price_at(conn, "44", future - DAY) == Decimal("0.01")
        assert await price_at(conn, "44", future) == Decimal("0.02")
        assert await price_at(conn, "46", future - DAY) == Decimal("0.01")
        assert await price_at(conn, "46", future) is None


async def test_r5_a_present_deck_replaces_one_of_the_future(pool):
    async with pool.acquire() as conn:
        await load(conn, row("44"))
        await load(conn, row("44", "0.02", valid_from=NOON + 30 * DAY))

        assert await load(conn, row("44", "0.03")) == (0, 1, 0)

        for at in (NOON, NOON + 30 * DAY, NOON + 60 * DAY):
            assert await price_at(conn, "44", at) == Decimal("0.03")
        assert await conn.fetchval("SELECT count(*) FROM rate WHERE valid_until = valid_from") == 1


async def test_r5_decks_of_two_months_ahead_follow_each_other(pool):
    async with pool.acquire() as conn:
        await load(conn, row("44"))
        await load(conn, row("44", "0.02", valid_from=NOON + 30 * DAY))
        await load(conn, row("44", "0.03", valid_from=NOON + 60 * DAY))

        prices = [await price_at(conn, "44", NOON + days * DAY) for days in (0, 30, 60)]

    assert prices == [Decimal("0.01"), Decimal("0.02"), Decimal("0.03")]


async def test_r5_a_destination_that_comes_back_is_not_priced_twice_for_the_past(pool):
    async with pool.acquire() as conn:
        await load(conn, row("44"), row("45"))
        await load(conn, row("45"), now=NOON + DAY)

        assert await load(conn, row("44", "0.02"), row("45"), now=NOON + 3 * DAY) == (1, 0, 0)

        assert await price_at(conn, "44", NOON) == Decimal("0.01")
        assert await price_at(conn, "44", NOON + 2 * DAY) == Decimal("0.02")


async def test_r5_other_kinds_and_currencies_are_left_alone(pool):
    async with pool.acquire() as conn:
        await load(conn, row("44"), "inbound,US,,,1,0,,,2026-01-01,USD")

        assert await load(conn, row("45", currency="EUR")) == (1, 0, 0)
        assert await load(conn, "inbound,DE,,,1,0,,,2026-01-01,USD") == (1, 0, 1)
        assert await price_at(conn, "44", NOON) == Decimal("0.01")


async def test_r5_a_new_label_of_a_destination_is_a_new_row(pool):
    async with pool.acquire() as conn:
        await load(conn, "outbound,,,44,1,0,,,2026-01-01,USD")

        assert await load(conn, "outbound,GB,,44,1,0,,,2026-01-01,USD") == (0, 1, 0)
        assert await load(conn, "outbound,GB,,44,1,0,,,2026-01-01,USD") == (0, 0, 0)


async def test_r5_a_dry_run_says_the_same_and_changes_nothing(pool):
    async with pool.acquire() as conn:
        await load(conn, row("44"), row("45"))

        tried = await try_rates(conn, content=deck(row("44", "0.02"), row("46")), clock=FakeClock())

        assert (tried.added, tried.changed, tried.removed, tried.version) == (1, 1, 1, None)
        assert [
            (each.change, each.prefix, each.old and str(each.old.per_minute), each.new and str(each.new.per_minute))
            for each in tried.rows
        ] == [
            ("changed", "44", "0.010000", "0.020000"),
            ("added", "46", None, "0.010000"),
            ("removed", "45", "0.010000", None),
        ]
        assert [each.valid_from for each in tried.rows] == [NOON, NOON - DAY, NOON]
        assert await conn.fetchval("SELECT count(*) FROM rate WHERE valid_until IS NULL") == 2
        assert await conn.fetchval("SELECT count(*) FROM rate_version") == 1


async def test_r5_of_a_deck_with_a_bad_row_nothing_is_imported(pool):
    async with pool.acquire() as conn:
        with pytest.raises(InvalidInput, match=r"^line 3, per_minute: 'x'"):
            await load(conn, row("44"), row("45", "x"))

        assert await conn.fetchval("SELECT count(*) FROM rate") == 0


async def test_r5_imports_at_the_same_time_follow_each_other(dsn, pool):
    async def one(number: int) -> None:
        async with connected(dsn, application_name="gateway-test") as conn:
            await load(conn, row("44", f"0.0{number}"), row(f"9{number}"), now=NOON + timedelta(seconds=number))

    await asyncio.gather(*map(one, range(1, 6)))

    async with pool.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM rate WHERE valid_until IS NULL") == 2
        for seconds in range(10):
            await price_at(conn, "44", NOON + timedelta(seconds=seconds))


async def test_r5_the_time_that_an_import_waits_for_another_is_still_the_old_decks(pool):
    async with pool.acquire() as conn, pool.acquire() as other:
        clock = FakeClock()
        await load(conn, row("44"))
        async with other.transaction():
            await rates.begin_import(other)
            importing = asyncio.create_task(
                import_rates(conn, actor=CLERK, content=deck(row("44", "0.02")), source="test.csv", clock=clock)
            )
            while not await other.fetchval("SELECT EXISTS (SELECT 1 FROM pg_locks WHERE NOT granted)"):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
            clock.advance(5)
        await importing

        assert await price_at(conn, "44", NOON + timedelta(seconds=4)) == Decimal("0.01")
        assert await price_at(conn, "44", NOON + timedelta(seconds=5)) == Decimal("0.02")


async def test_r5_an_import_waits_for_another_for_longer_than_a_call_waits_for_a_lock(pool):
    async with pool.acquire() as conn, pool.acquire() as other:
        async with other.transaction():
            await rates.begin_import(other)
            importing = asyncio.create_task(load(conn, row("44"), now=NOON))
            await asyncio.wait([importing], timeout=2 * LOCK_TIMEOUT.total_seconds())
            assert not importing.done()
        await importing

        assert await price_at(conn, "44", NOON) == Decimal("0.01")


async def test_an_import_leaves_the_connection_as_the_calls_need_it(pool):
    async with pool.acquire() as conn:
        await load(conn, row("44"))

        assert await conn.fetchval("SHOW enable_hashjoin") == "off"
        assert await conn.fetchval("SHOW statement_timeout") == "5s"


def test_a_key_of_a_destination_has_no_labels():
    assert DeckKey._fields == ("kind", "currency", "country", "category", "prefix", "caller_prefixes")
