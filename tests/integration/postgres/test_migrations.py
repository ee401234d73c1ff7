"""Migrations are applied once, in order, all or nothing, by one process at a time."""

import asyncio
import itertools
from functools import partial

import asyncpg
import pytest

from gateway.postgres import migrate as module
from gateway.postgres.migrate import migrate, pending
from gateway.postgres.migrations import MigrationError, load_migrations
from tests.support.processes import until

LOCKED = """
    SELECT EXISTS (SELECT FROM pg_locks WHERE relation = 'shop'::regclass AND mode = 'AccessExclusiveLock' AND granted)
"""


@pytest.fixture
async def empty(postgres):
    async with postgres.database(template="template1") as url:
        yield url


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "0001_shops.sql").write_text("CREATE TABLE shop (id int PRIMARY KEY);")
    (tmp_path / "0002_names.sql").write_text(
        "ALTER TABLE shop ADD COLUMN name text; INSERT INTO shop VALUES (1, 'first');",
    )
    return tmp_path


async def fetch(dsn, query):
    conn = await asyncpg.connect(dsn)
    try:
        return [tuple(row) for row in await conn.fetch(query)]
    finally:
        await conn.close()


async def test_a_fresh_database_gets_all_of_them_in_order(empty, directory):
    assert await pending(empty, directory=directory) == ["0001_shops", "0002_names"]

    assert await migrate(empty, directory=directory) == ["0001_shops", "0002_names"]

    assert await fetch(empty, "SELECT name FROM shop") == [("first",)]
    assert await pending(empty, directory=directory) == []
    applied = await fetch(empty, "SELECT version, name, applied_at IS NOT NULL FROM migration ORDER BY version")
    assert applied == [(1, "0001_shops", True), (2, "0002_names", True)]


async def test_a_second_run_changes_nothing(empty, directory):
    await migrate(empty, directory=directory)

    assert await migrate(empty, directory=directory) == []

    assert await fetch(empty, "SELECT count(*) FROM shop") == [(1,)]


async def test_a_new_file_is_applied_alone(empty, directory):
    await migrate(empty, directory=directory)
    (directory / "0003_more.sql").write_text("INSERT INTO shop VALUES (2, 'second');")

    assert await migrate(empty, directory=directory) == ["0003_more"]


async def test_of_migrators_at_the_same_time_one_applies_each_and_the_others_wait(empty, directory):
    (directory / "0003_slow.sql").write_text("SELECT pg_sleep(0.1);")

    results = await asyncio.gather(*(migrate(empty, directory=directory) for _ in range(3)))

    assert sorted(itertools.chain(*results)) == ["0001_shops", "0002_names", "0003_slow"]
    assert await fetch(empty, "SELECT count(*) FROM shop") == [(1,)]


@pytest.mark.parametrize("run", [migrate, pending])
async def test_a_file_changed_after_it_was_applied_is_refused(empty, directory, run):
    await migrate(empty, directory=directory)
    (directory / "0001_shops.sql").write_text("CREATE TABLE shop (id bigint PRIMARY KEY);")

    with pytest.raises(MigrationError, match="0001_shops was changed after it had been applied"):
        await run(empty, directory=directory)


@pytest.mark.parametrize("run", [migrate, pending])
async def test_a_database_newer_than_the_code_is_refused(empty, directory, run):
    await migrate(empty, directory=directory)
    (directory / "0002_names.sql").unlink()

    with pytest.raises(MigrationError, match="newer than this code: it has the migration 0002_names"):
        await run(empty, directory=directory)


async def test_a_file_numbered_before_applied_ones_is_refused(empty, directory):
    (directory / "0002_names.sql").rename(directory / "0003_names.sql")
    await migrate(empty, directory=directory)
    (directory / "0002_late.sql").write_text("SELECT 1;")

    with pytest.raises(MigrationError, match="0002_late comes before"):
        await migrate(empty, directory=directory)


async def test_a_file_that_fails_leaves_nothing_of_itself_and_keeps_those_before(empty, directory):
    (directory / "0003_half.sql").write_text("CREATE TABLE half (); SELECT 1/0;")

    with pytest.raises(MigrationError, match="0003_half failed: division by zero"):
        await migrate(empty, directory=directory)

    assert await fetch(empty, "SELECT to_regclass('half')::text") == [(None,)]
    assert await pending(empty, directory=directory) == ["0003_half"]


async def test_a_migration_that_a_gateway_was_in_the_way_of_is_tried_again(empty, directory):
    await migrate(empty, directory=directory)
    (directory / "0003_locks.sql").write_text("LOCK TABLE shop; SELECT pg_sleep(0.3); LOCK TABLE migration;")
    gateway = await asyncpg.connect(empty)
    try:
        async with gateway.transaction():
            # Whoever has waited for a second is the one that finds the deadlock, and dies of it.
            await gateway.execute("SET LOCAL deadlock_timeout = '1min'; LOCK TABLE migration IN ROW SHARE MODE")
            migrating = asyncio.create_task(migrate(empty, directory=directory))
            await until(partial(gateway.fetchval, LOCKED))
            await gateway.execute("LOCK TABLE shop")

        assert await migrating == ["0003_locks"]
    finally:
        await gateway.close()


@pytest.mark.parametrize(
    ("names", "complaint"),
    [
        (["0001_a.sql", "0001_b.sql"], "two migrations have one number: 0001_a and 0001_b"),
        (["1_a.sql"], r"1_a\.sql is no name for a migration"),
    ],
)
async def test_file_names_are_numbers_that_are_not_shared(empty, tmp_path, names, complaint):
    for name in names:
        (tmp_path / name).write_text("SELECT 1;")

    with pytest.raises(MigrationError, match=complaint):
        await migrate(empty, directory=tmp_path)


async def test_a_missing_directory_is_refused(empty, tmp_path):
    with pytest.raises(MigrationError, match="no directory of migrations"):
        await migrate(empty, directory=tmp_path / "nowhere")


async def test_a_server_that_is_too_old_is_refused(empty, directory, monkeypatch):
    monkeypatch.setattr(module, "OLDEST_MAJOR", 99)

    with pytest.raises(MigrationError, match="PostgreSQL 99 or newer is needed; this server is"):
        await migrate(empty, directory=directory)


async def test_our_own_migrations_are_applied_to_the_template(dsn):
    assert await pending(dsn) == []


async def test_accounts_whose_language_was_portuguese_have_that_of_brazil(dsn):
    [migration] = [each for each in load_migrations() if each.name.endswith("brazilian_portuguese")]
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(
            """
            INSERT INTO account (name, currency, email, time_zone, language, created_at)
            SELECT language, 'USD', 'a@b.example', 'UTC', language, now() FROM unnest('{pt,de}'::text[]) AS language
            """
        )
        await conn.execute(migration.text)
    finally:
        await conn.close()

    assert await fetch(dsn, "SELECT name, language FROM account ORDER BY id") == [("pt", "pt-BR"), ("de", "de")]
