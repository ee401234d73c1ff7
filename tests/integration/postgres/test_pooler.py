"""PgBouncer before the database: what it needs is said, and what it drops is set another way or refused."""

import asyncio
import os
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.log_events import LogEvent
from gateway.postgres import migrate as module
from gateway.postgres.migrate import LOCK_KEY, migrate, pending
from gateway.postgres.migrations import MigrationError
from gateway.postgres.pool import open_pool, session_settings
from gateway.postgres.pooler import PoolerUnfit
from gateway.postgres.session import connected
from tests.support import processes
from tests.support.pgbouncer import pgbouncer, pgbouncer_program
from tests.support.running import gateway_on

needs_pgbouncer = pytest.mark.skipif(
    pgbouncer_program() is None or "GATEWAY_TEST_DATABASE_URL" in os.environ,
    reason="there is no PgBouncer, or the server has no socket for it",
)
needs_newer = pytest.mark.skipif(
    pgbouncer_program(newer=True) is None, reason="there is no PgBouncer that keeps prepared statements"
)
CALLER = "+15550100001"
KEEPS = {"max_prepared_statements": "500"}
LOSES = {} if pgbouncer_program(newer=True) is None else {"max_prepared_statements": "0"}


@pytest.fixture
async def empty(postgres) -> AsyncIterator[str]:
    async with postgres.database(template="template1") as url:
        yield url


async def settings_of(pool) -> dict[str, str]:
    names = list(session_settings())
    rows = await pool.fetch("SELECT lower(name), setting FROM pg_settings WHERE lower(name) = ANY($1)", names)
    return dict(map(tuple, rows))


@needs_pgbouncer
class TestSessionMode:
    async def test_settings_that_it_ignores_are_set_all_the_same(self, dsn):
        async with pgbouncer(dsn, mode="session") as url, await open_pool(url, size=3) as pool:
            for found in await asyncio.gather(*(settings_of(pool) for _ in range(3))):
                assert found == session_settings()

    async def test_what_it_must_be_given_is_said_in_one_sentence(self, dsn):
        async with pgbouncer(dsn, mode="session", settings={"ignore_startup_parameters": ""}) as url:
            with pytest.raises(PoolerUnfit) as caught:
                await open_pool(url, size=3)

        assert str(caught.value).startswith("PgBouncer before the database refuses our settings: give it")
        assert "statement_timeout, lock_timeout, idle_in_transaction_session_timeout, plan_cache_mode" in str(
            caught.value
        )

    async def test_a_database_is_migrated_and_calls_are_decided_through_it(self, empty, tmp_path):
        async with pgbouncer(empty, mode="session") as url:
            assert await migrate(url)
            assert await pending(url) == []
            await assert_calls_are_connected(url, tmp_path)


@needs_pgbouncer
class TestTransactionMode:
    async def test_without_prepared_statements_it_is_refused(self, dsn):
        async with pgbouncer(dsn, mode="transaction", settings=LOSES) as url:
            with pytest.raises(PoolerUnfit, match=r"must be 1\.21 or newer with max_prepared_statements = 500, else"):
                await open_pool(url, size=3)

    async def test_a_database_is_migrated_through_it_even_so(self, empty):
        async with pgbouncer(empty, mode="transaction", settings=LOSES) as url:
            assert await asyncio.gather(pending(url), pending(url))
            assert await migrate(url)
            assert await pending(url) == []

    @needs_newer
    async def test_settings_are_the_defaults_of_the_role_once_it_is_migrated(self, empty):
        async with pgbouncer(empty, mode="transaction", settings=KEEPS) as url:
            await migrate(url)

            async with await open_pool(url, size=3) as pool:
                for found in await asyncio.gather(*(settings_of(pool) for _ in range(3))):
                    assert found == session_settings()

    @needs_newer
    async def test_settings_that_did_not_arrive_are_never_lost_in_silence(self, dsn):
        async with pgbouncer(dsn, mode="transaction", settings=KEEPS) as url:
            with pytest.raises(
                PoolerUnfit, match=r"keeps statement_timeout, .*, jit from its sessions: run `gateway mig"
            ):
                await open_pool(url, size=3)

    @needs_newer
    async def test_calls_are_decided_through_it_by_many_at_once(self, empty, tmp_path):
        async with pgbouncer(empty, mode="transaction", settings=KEEPS | {"default_pool_size": "3"}) as url:
            await migrate(url)
            await assert_calls_are_connected(url, tmp_path)

    @needs_newer
    async def test_a_command_may_be_cancelled_sooner_but_not_wait_for_ever(self, empty):
        async with pgbouncer(empty, mode="transaction", settings=KEEPS) as url:
            await migrate(url)

            async with connected(url, application_name="test") as conn:
                assert await conn.fetchval("SHOW statement_timeout") == "5s"


async def assert_calls_are_connected(url: str, data: Path) -> None:
    async with processes.connected(url) as conn:
        await processes.a_rate(conn)
        await processes.an_account(conn, CALLER)
    async with gateway_on(url, data) as gateway:
        replies = await asyncio.gather(*(gateway.start(f"call-{number}", caller=CALLER) for number in range(20)))

        assert {reply["action"] for reply in replies} == {"connect"}
        assert (await gateway.client.get("/readyz")).status == 200


async def test_another_that_migrates_is_waited_for_and_told_of_and_given_up(empty, monkeypatch):
    """Its lock may be one of a session, as versions before took it, and a pooler kept it."""
    monkeypatch.setattr(module, "WAIT_MAX", timedelta(seconds=0.5))
    other = await asyncpg.connect(empty)
    await other.execute(f"SELECT pg_advisory_lock({LOCK_KEY})")

    with capture_logs() as logged, pytest.raises(MigrationError, match="another process has been migrating"):
        await migrate(empty)
    await other.close()

    assert [line["event"] for line in logged] == [LogEvent.MIGRATION_AWAITED]
    assert await migrate(empty)


async def test_who_waited_goes_on_where_the_other_ended(empty):
    names = await asyncio.gather(migrate(empty), migrate(empty))

    assert sorted([*names[0], *names[1]]) == sorted({*names[0], *names[1]})
    assert await pending(empty) == []
