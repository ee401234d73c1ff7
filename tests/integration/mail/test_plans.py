"""However many mails were sent, the next one is found by an index (R32)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gateway.postgres.pool import open_pool
from gateway.postgres.sql import sql
from tests.support.world import NOON

MAILS = 20_000
ACCOUNTS = 200
AT = f"'{NOON.isoformat()}'::timestamptz"
QUERIES = {
    "mail_settle": (f"7, {AT}, 'sent', NULL, '250', {AT}, {AT}, {AT}, '<1@b>'", "mail_due", 20),
    "mail_due": (AT, "mail_due", 20),
    "mail_give_up": (f"{AT}, {AT}, {AT}, 'away', 10", "mail_due", 20),
    "mail_counts": ("", "mail_failed", 20),
    "mail_list": ("NULL, NULL, 50, NULL", "mail_pkey", 50),
    "mail_list_failed": ("'refused', NULL, 50, NULL", "mail_failed", 50),
    "mail_list_of_account": ("1, NULL, 15000, 50, NULL", "mail_account", 50),
}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


@pytest.mark.parametrize("is_counted", [False, True], ids=["before the rows came", "after they were counted"])
async def test_the_queries_of_mails_touch_no_more_than_they_need(dsn: str, is_counted: bool) -> None:
    pool = await open_pool(dsn, size=1)
    async with pool.acquire() as conn:
        if not is_counted:
            await prepare(conn)
        await conn.execute(
            """
            INSERT INTO account (name, currency, email, time_zone, language, created_at)
            SELECT 'Acme', 'USD', 'a@b.example', 'UTC', 'en', $1 FROM generate_series(1, $2::integer)
            """,
            NOON,
            ACCOUNTS,
        )
        await conn.execute(
            """
            INSERT INTO mail (
                account_id, kind, key, recipient, language, facts, state, created_at, queued_at, due_at, sent_at
            )
            SELECT
                1 + n % $1::integer, 'rent_due', n, 'a@b.example', 'en', '{}',
                CASE WHEN n % 2000 = 7 THEN 'queued' ELSE 'sent' END,
                $2::timestamptz, $2::timestamptz, CASE WHEN n % 2000 = 7 THEN $2::timestamptz END,
                CASE WHEN n % 2000 <> 7 THEN $2::timestamptz END
            FROM generate_series(1, $3::integer) AS n
            """,
            ACCOUNTS,
            NOON,
            MAILS,
        )
        if is_counted:
            await conn.execute("ANALYZE")
            await prepare(conn)
        found = {name: await plan_of(conn, name) for name in QUERIES}
    pool.terminate()

    for name, (_, index, rows_max) in QUERIES.items():
        of_mails = [node for node in nodes(found[name]) if node.get("Relation Name") == "mail"]
        assert [node for node in of_mails if node["Node Type"] == "Seq Scan"] == [], name
        assert index in {node.get("Index Name") for node in nodes(found[name])}, name
        assert max(node["Actual Rows"] * node["Actual Loops"] for node in of_mails) <= rows_max, name


async def prepare(conn: Any) -> None:
    for name in QUERIES:
        await conn.execute(f"PREPARE {name} AS {sql(name)}")
        await plan_of(conn, name)


async def plan_of(conn: Any, name: str) -> dict[str, Any]:
    """How the query was run; nothing of what it changed stays."""
    arguments = f"({QUERIES[name][0]})" if QUERIES[name][0] else ""
    transaction = conn.transaction()
    await transaction.start()
    try:
        explained: str = await conn.fetchval(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE {name}{arguments}")
    finally:
        await transaction.rollback()
    plan: dict[str, Any] = json.loads(explained)[0]["Plan"]
    return plan
