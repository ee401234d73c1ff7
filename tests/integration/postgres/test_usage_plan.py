"""What an account's calls add up to is found among its own days, however often a session has asked before."""

import json
from datetime import date, timedelta
from typing import Any

import asyncpg

from gateway.postgres.sql import sql

TODAY = date(2026, 3, 14)
# A hundred days of two hundred accounts.
FILL = """
    INSERT INTO usage_day (
        account_id, day, country, line, direction, outcome, connection, cost_currency, calls, answered, seconds, spend,
        costed, costed_spend, cost
    )
    SELECT account_id, $1::date - day, 'GB', '', 'outbound', 'answered', 'pbx', '', 1, 1, 60, 0.01, 0, 0, 0
    FROM generate_series(1, 200) AS account_id
    CROSS JOIN generate_series(0, 99) AS day
"""


def nodes(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [plan, *(node for part in plan.get("Plans", ()) for node in nodes(part))]


async def test_the_days_of_one_account_are_read_without_those_of_others(dsn: str) -> None:
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("SET plan_cache_mode = force_generic_plan")
        await conn.execute("SET session_replication_role = replica")  # rows of accounts that are not there
        await conn.execute(FILL, TODAY)
        await conn.execute("ANALYZE usage_day")
        types = "text, bigint, date, date, text[], text, text, integer"
        await conn.execute(f"PREPARE shown ({types}) AS {sql('usage_shown')}")
        asked = f"('day', 7, '{TODAY - timedelta(days=90)}', '{TODAY}', '{{refused}}', NULL, NULL, 1000)"

        [[explained]] = await conn.fetch(f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE shown {asked}")
        shown = await conn.fetch(f"EXECUTE shown {asked}")
    finally:
        await conn.close()

    read = [node for node in nodes(json.loads(explained)[0]["Plan"]) if node.get("Relation Name") == "usage_day"]
    assert sum(node["Actual Rows"] * node["Actual Loops"] for node in read) == len(shown) == 90
    assert sum(node.get("Rows Removed by Filter", 0) for node in read) == 0
