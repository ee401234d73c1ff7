"""The pool lets no inexact amount and no ambiguous time through, and no slow statement or stuck transaction."""

import asyncio
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.postgres.errors import is_database_away, is_retryable
from gateway.postgres.pool import decode_timestamptz, encode_numeric, encode_timestamptz, open_pool

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, tzinfo=UTC)


@pytest.mark.parametrize("bad", [0.1, float("nan"), Decimal("NaN"), Decimal("Infinity"), True, "1.5"])
@pytest.mark.parametrize("query", ["SELECT $1::numeric", "SELECT $1::numeric[]"])
async def test_an_amount_that_is_not_exact_is_refused(pool, bad, query):
    value = [bad] if "[]" in query else bad

    with pytest.raises(asyncpg.DataError, match=r"is no amount|is given as Decimal or int"):
        await pool.fetchval(query, value)


async def test_a_domain_over_numeric_is_as_strict(pool):
    await pool.execute("CREATE DOMAIN price AS numeric(20,6); CREATE TABLE item (price price)")

    with pytest.raises(asyncpg.DataError, match="is given as Decimal or int"):
        await pool.execute("INSERT INTO item VALUES ($1)", 0.1)
    with pytest.raises(asyncpg.DataError, match="is given as Decimal or int"):
        await pool.execute("INSERT INTO item SELECT unnest($1::price[])", [0.1])
    await pool.execute("INSERT INTO item SELECT unnest($1::price[])", [Decimal("0.10")])
    await pool.execute("INSERT INTO item VALUES ($1)", Decimal("0.10"))

    assert [str(row["price"]) for row in await pool.fetch("SELECT price FROM item")] == ["0.100000"] * 2


async def test_amounts_come_back_exactly(pool):
    amounts = [Decimal("0.000001"), Decimal("-12345678901234.567891"), Decimal("0.100000"), Decimal("1E+3"), 7, None]

    result = await pool.fetchval("SELECT $1::numeric[]", amounts)

    assert result == amounts
    assert all(type(value) is Decimal for value in result[:-1])
    assert str(await pool.fetchval("SELECT 0.1::numeric(20,6)")) == "0.100000"


@pytest.mark.parametrize("bad", [NOON.replace(tzinfo=None), date(2026, 11, 22), "2026-11-22T12:00:00Z"])
@pytest.mark.parametrize("query", ["SELECT $1::timestamptz", "SELECT $1::timestamptz[]"])
async def test_a_time_that_is_no_instant_is_refused(pool, bad, query):
    value = [bad] if "[]" in query else bad

    with pytest.raises(asyncpg.DataError, match="is given as an aware datetime"):
        await pool.fetchval(query, value)


async def test_instants_come_back_in_utc_to_the_microsecond(pool):
    tokyo = NOON.astimezone(timezone(timedelta(hours=9)))
    before_the_epoch = datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)

    result = await pool.fetchval("SELECT $1::timestamptz[]", [NOON, tokyo, before_the_epoch, None])

    assert result == [NOON, NOON, before_the_epoch, None]
    assert all(value.tzinfo is UTC for value in result[:-1])
    assert await pool.fetchval("SELECT $1::timestamptz::text", tokyo) == "2026-11-22 12:00:00.123456+00"


@given(st.datetimes(timezones=st.timezones()))
def test_an_instant_survives_its_encoding(moment):
    # Python calls a time of the hour that comes twice unequal to all of another zone, so compare in one zone.
    assert decode_timestamptz(encode_timestamptz(moment)) == moment.astimezone(UTC)


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_an_amount_survives_its_encoding(amount):
    assert Decimal(encode_numeric(amount)) == amount


async def test_jsonb_is_python_objects(pool):
    value = {"a": [1, None, "ü"], "id": UUID(int=1), "amount": Decimal("0.10"), "at": NOON}

    result = await pool.fetchval("SELECT $1::jsonb", value)

    assert result["a"] == [1, None, "ü"]
    assert result["amount"] == "0.10"
    assert result["id"] == str(UUID(int=1))
    assert datetime.fromisoformat(result["at"]) == NOON
    assert await pool.fetchval("SELECT $1::jsonb[]", [None, {}, {"a": []}]) == [None, {}, {"a": []}]


@pytest.mark.parametrize(
    ("array", "values"),
    [
        ("boolean", [True, False, None]),
        ("int4", [-1, 2**31 - 1]),
        ("int8", [-1, 2**63 - 1]),
        ("date", [NOON.date(), None]),
        ("timestamptz", [NOON]),
        ("interval", [timedelta(days=-1, microseconds=1)]),
        ("numeric", [Decimal("0.10"), None]),
    ],
)
async def test_arrays_come_back_as_they_were_and_nobody_asks_the_server_about_them(dsn, array, values):
    asked = []
    async with await open_pool(dsn, size=1) as pool, pool.acquire() as conn:
        conn.add_query_logger(lambda query: asked.append(query.query))

        assert await conn.fetchval(f"SELECT $1::{array}[]", values) == values
        assert await conn.fetchval(f"SELECT $1::{array}[]", []) == []
        assert set(asked) == {f"SELECT $1::{array}[]"}


async def test_the_settings_of_a_connection_are_ours(pool):
    names = ["timezone", "jit", "plan_cache_mode", "enable_seqscan", "enable_hashjoin", "enable_mergejoin"]
    names += ["statement_timeout", "idle_in_transaction_session_timeout", "application_name"]

    found = {name: await pool.fetchval(f"SHOW {name}") for name in names}

    assert found == {
        "timezone": "UTC",
        "jit": "off",
        "plan_cache_mode": "force_generic_plan",
        "enable_seqscan": "off",
        "enable_hashjoin": "off",
        "enable_mergejoin": "off",
        "statement_timeout": "5s",
        "idle_in_transaction_session_timeout": "10s",
        "application_name": "gateway-test",
    }


async def test_all_connections_are_open_from_the_start(dsn):
    async with await open_pool(dsn, size=5) as pool:
        assert (pool.get_size(), pool.get_idle_size()) == (5, 5)


async def test_some_connections_may_be_opened_when_they_are_asked_for(dsn):
    async with await open_pool(dsn, size=5, opened_at_once=1) as pool:
        assert (pool.get_size(), pool.get_idle_size()) == (1, 1)
        await asyncio.gather(*(pool.fetchval("SELECT pg_sleep(0.05)") for _ in range(5)))
        assert (pool.get_size(), pool.get_idle_size()) == (5, 5)


async def test_a_slow_statement_is_cancelled_and_counts_as_the_database_being_away(dsn):
    async with await open_pool(dsn, size=1, statement_timeout=timedelta(milliseconds=50)) as quick:
        with pytest.raises(asyncpg.QueryCanceledError) as caught:
            await quick.execute("SELECT pg_sleep(5)")

    assert is_database_away(caught.value)


async def test_an_open_transaction_ends_when_its_connection_is_given_back(pool):
    async with pool.acquire() as conn:
        await conn.execute("BEGIN")
        await conn.execute("CREATE TABLE left_over ()")

    assert await pool.fetchval("SELECT to_regclass('left_over')::text") is None


@pytest.mark.parametrize("pause_s", [0, 0.02])
async def test_a_killed_connection_is_away_and_the_pool_recovers(pool, pause_s):
    """Whether the end is noticed before the next statement or by it is a race, with an error of its own each."""
    async with pool.acquire() as conn:
        pid = conn.get_server_pid()
        await pool.execute("SELECT pg_terminate_backend($1)", pid)
        await asyncio.sleep(pause_s)
        with pytest.raises(Exception) as caught:  # noqa: PT011 - see above
            await conn.fetchval("SELECT 1")

    assert is_database_away(caught.value)
    assert await pool.fetchval("SELECT 1") == 1


async def test_every_connection_killed_at_once_is_away_for_a_moment_only(pool):
    await pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )

    results = await asyncio.gather(*(pool.fetchval("SELECT 1") for _ in range(20)), return_exceptions=True)

    assert all(result == 1 or is_database_away(result) for result in results)
    assert await pool.fetchval("SELECT 1") == 1


async def test_a_closed_pool_is_away(dsn):
    closed = await open_pool(dsn, size=1)
    await closed.close()

    with pytest.raises(asyncpg.InterfaceError) as caught:
        await closed.fetchval("SELECT 1")

    assert is_database_away(caught.value)


@pytest.mark.parametrize("address", ["127.0.0.1:1", "?host=/nowhere"])
async def test_a_server_that_is_not_there_is_away(address):
    dsn = f"postgresql://postgres@{address}" if ":" in address else f"postgresql://postgres@/x{address}"

    with pytest.raises(OSError) as caught:  # noqa: PT011 - which one depends on the system
        await open_pool(dsn, size=1)

    assert is_database_away(caught.value)


async def test_a_database_that_is_not_there_is_away(postgres):
    with pytest.raises(asyncpg.InvalidCatalogNameError) as caught:
        await open_pool(postgres.admin_dsn.replace("/gateway?", "/nowhere?"), size=1)

    assert is_database_away(caught.value)


@pytest.mark.parametrize("query", ["SELECT 1/0", "SELECT * FROM nowhere", "SELEKT"])
async def test_mistakes_of_ours_are_neither_away_nor_retryable(pool, query):
    with pytest.raises(asyncpg.PostgresError) as caught:
        await pool.fetch(query)

    assert not is_database_away(caught.value)
    assert not is_retryable(caught.value)


async def test_wrong_use_of_the_driver_is_not_away(pool):
    with pytest.raises(asyncpg.InterfaceError) as caught:
        await pool.fetchval("SELECT $1::int")

    assert not is_database_away(caught.value)


async def test_a_deadlock_is_retryable_and_not_away(pool):
    async def both(first, second, turn):
        async with pool.acquire() as conn, conn.transaction():
            await conn.execute("SET LOCAL lock_timeout = 0")  # else that comes before the search for deadlocks
            await conn.execute("SELECT pg_advisory_xact_lock($1)", first)
            await turn.wait()
            await conn.execute("SELECT pg_advisory_xact_lock($1)", second)

    turn = asyncio.Barrier(2)

    one, other = await asyncio.gather(both(1, 2, turn), both(2, 1, turn), return_exceptions=True)

    (failed,) = [result for result in (one, other) if result is not None]
    assert isinstance(failed, asyncpg.DeadlockDetectedError)
    assert is_retryable(failed)
    assert not is_database_away(failed)


def test_the_cause_of_a_translated_error_counts():
    translated = RuntimeError("try again")
    translated.__cause__ = ConnectionResetError()

    assert is_database_away(translated)
