"""A database with rows in every table that the months of calls touch is brought to them, and nothing of it is lost."""

import shutil
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import asyncpg
import pytest

from gateway.postgres.migrate import migrate
from gateway.postgres.pool import open_pool
from gateway.postgres.sql import sql_directory
from gateway.postgres.types import PgConnection
from gateway.usecases.accounts.check_ledger import check_ledger
from tests.support.postgres import DatabaseServer

FIRST_OF_MONTHS = "0032"
FILL = """
    INSERT INTO account (name, currency, email, time_zone, language, balance, held, created_at)
    VALUES ('Acme', 'USD', 'a@b.example', 'UTC', 'en', 7, 1, now());
    INSERT INTO call (
        connection, provider_call_id, reuse, account_id, direction, caller, callee, line, state, rule, reason,
        record_code, sip_code, granted_s, started_at, answered_at, ended_at, reported_s, billed_s, charge, cause
    )
    SELECT
        'pbx', id, reuse, 1, 'outbound', '+15551', '+4420', '+15551', state, 'R14', reason, 200, 200, granted_s, now(),
        answered_at, answered_at, seconds, seconds, charge, cause
    FROM (VALUES
        ('up', 0, 'open', NULL, 60, NULL::timestamptz, NULL::integer, NULL::numeric, NULL),
        ('ended', 0, 'ended', NULL, 60, now(), 60, 2, 'normal'),
        ('ended', 1, 'refused', 'id_reused', 0, NULL, NULL, NULL, NULL),
        ('doubted', 0, 'ended', NULL, 60, now(), 0, 0, 'normal')
    ) AS i (id, reuse, state, reason, granted_s, answered_at, seconds, charge, cause);
    INSERT INTO live_call (call_id, account_id, hold, held_s, must_end_at, reconcile_due_at)
    VALUES (1, 1, 1, 60, now(), now());
    INSERT INTO doubted_end (call_id, heard_at, due_at) VALUES (4, now(), now());
    INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, call_id, booked_at)
    VALUES
        (1, 'top_up', 8, 13, 'top_up:a', NULL, now()),
        (1, 'call', -2, 11, 'call:2', 2, now()),
        (1, 'adjustment', -5, 6, 'adjustment:b', NULL, now()),
        (1, 'refund', 1, 7, 'refund:c', 2, now());
    INSERT INTO archived_call (key) VALUES (call_key('pbx', 'archived'));
    INSERT INTO account_opening (account_id, entry_id, balance, archived) VALUES (1, 0, 5, 5);
    INSERT INTO crm_portal (connection, account_id, seen_call_id) VALUES ('b24', 1, 4);
    INSERT INTO crm_call (connection, call_id, state, created_at, due_at) VALUES ('b24', 2, 'queued', now(), now());
"""


@pytest.fixture
async def conn(postgres: DatabaseServer, tmp_path: Path) -> AsyncIterator[PgConnection]:
    """A connection of the production pool to a database of the version before, which was filled and then migrated."""
    for file in (sql_directory() / "migrations").glob("*.sql"):
        if file.name < FIRST_OF_MONTHS:
            shutil.copy(file, tmp_path)
    async with postgres.database(template="template0") as dsn:
        await migrate(dsn, directory=tmp_path)
        before = await asyncpg.connect(dsn)
        await before.execute(FILL)
        await before.close()
        await migrate(dsn)
        pool = await open_pool(dsn, size=1)
        async with pool.acquire() as conn:
            yield conn
        pool.terminate()


async def test_every_row_is_there_and_the_books_are_right(conn: PgConnection) -> None:
    counted = await conn.fetchrow(
        """
        SELECT
            (SELECT count(*) FROM call) AS calls, (SELECT count(*) FROM live_call) AS live,
            (SELECT count(*) FROM doubted_end) AS doubted, (SELECT count(*) FROM ledger_entry) AS entries,
            (SELECT count(*) FROM crm_call) AS told
        """
    )

    assert counted is not None
    assert dict(counted) == {"calls": 4, "live": 1, "doubted": 1, "entries": 4, "told": 1}
    assert await conn.fetchrow("SELECT * FROM account_opening") == (1, 0, Decimal(5), Decimal(5))
    assert (await check_ledger(conn)).differences == []


async def test_every_call_is_known_by_its_id(conn: PgConnection) -> None:
    known = await conn.fetch(
        """
        SELECT id, known_call.reuse, known_call.call_id
        FROM unnest('{up,ended,doubted,archived,new}'::text[]) AS id
        JOIN known_call ON known_call.key = call_key('pbx', id)
        ORDER BY known_call.call_id, id
        """
    )

    assert [tuple(row) for row in known] == [
        ("up", 0, 1),
        ("ended", 0, 2),
        ("ended", 1, 3),
        ("doubted", 0, 4),
        ("archived", 0, None),
    ]


async def test_ids_go_on_where_they_were(conn: PgConnection) -> None:
    call = await conn.fetchval(
        """
        INSERT INTO call (
            connection, provider_call_id, direction, caller, callee, line, state, rule, record_code, sip_code,
            granted_s, started_at
        )
        VALUES ('pbx', 'new', 'outbound', '', '', '', 'open', 'R14', 200, 200, 60, now())
        RETURNING id
        """
    )
    entry = await conn.fetchval(
        """
        INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, booked_at)
        VALUES (1, 'top_up', 1, 8, 'top_up:d', now())
        RETURNING id
        """
    )

    assert (call, entry) == (5, 5)


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM call",
        "DELETE FROM ledger_entry",
        "UPDATE ledger_entry SET amount = 1",
        "TRUNCATE ledger_entry_kept",
        "UPDATE live_call SET call_id = 9",
        "UPDATE doubted_end SET call_id = 9",
        "UPDATE crm_call SET call_id = 9",
        "UPDATE call SET account_id = 9",
    ],
)
async def test_what_was_forbidden_is_forbidden(conn: PgConnection, statement: str) -> None:
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await conn.execute(statement)


@pytest.mark.parametrize(
    "statement",
    [
        """
        INSERT INTO call (connection, provider_call_id, caller, callee, line, state, rule, record_code, sip_code,
            granted_s, started_at, direction)
        VALUES ('pbx', 'up', '', '', '', 'open', 'R14', 200, 200, 60, now(), 'inbound')
        ON CONFLICT ON CONSTRAINT call_once DO NOTHING
        """,
        """
        INSERT INTO call (connection, provider_call_id, caller, callee, line, state, rule, record_code, sip_code,
            granted_s, started_at, direction)
        SELECT 'pbx', 'archived', '', '', '', 'open', 'R14', 200, 200, 60, now(), 'inbound'
        WHERE NOT EXISTS (SELECT FROM archived_call WHERE archived_call.key = call_key('pbx', 'archived'))
        ON CONFLICT ON CONSTRAINT call_once DO NOTHING
        """,
    ],
)
async def test_a_gateway_of_the_version_before_puts_no_call_on_record_twice(conn: PgConnection, statement: str) -> None:
    assert await conn.execute(statement) == "INSERT 0 0"
