"""The queries that calls and workers wait for find their rows by an index, and touch no more than they need.

As in production they are prepared once, before the rows were there, and keep the plan of that moment; and a second
time after the database has counted its rows.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from gateway.domain.calls.decision import Parent
from gateway.domain.events import CallStarted, Direction
from gateway.postgres import crm
from gateway.postgres.accounts import caps, ledger, low_balances
from gateway.postgres.accounts.low_balances import Spent
from gateway.postgres.calls import ends, found_calls, live_calls, starts
from gateway.postgres.calls.starts import StartKey
from gateway.postgres.lines import subscriptions
from gateway.postgres.pool import open_pool
from gateway.postgres.sql import sql
from gateway.postgres.types import PoolConnection
from gateway.usecases.calls.cut import CLAIMS
from tests.support.postgres import DatabaseServer
from tests.support.world import NOON

ROWS = 20_000
PARTS = {"call_first", "ledger_entry_kept", "crm_call_first"}
TABLES = {"account", "line", "rate", "live_call", "recent_start", "known_call"} | PARTS

# 200 accounts with 100 numbers each; a rate for each of 20,000 prefixes; of 40,000 calls every second is up.
FILL = f"""
    INSERT INTO account (name, currency, email, time_zone, language, created_at)
    SELECT 'Acme', 'USD', 'a@b.example', 'UTC', 'en', $1 FROM generate_series(1, 200);

    INSERT INTO line (
        account_id, kind, name, state, country, category, created_at, rent, due_on, anchor_day, calendar_due_at
    )
    SELECT
        1 + n % 200, 'number', '+1555' || (1000000 + n), 'active', 'US', 'geographic', $1,
        4, '2026-03-14', 14, $1 + n * '1 s'::interval
    FROM generate_series(1, {ROWS}) AS n;

    INSERT INTO rate_version (imported_at, source) VALUES ($1, 'test');
    INSERT INTO rate (
        version_id, kind, currency, prefix, per_minute, connection_fee, first_interval_s, increment_s, valid_from
    )
    SELECT 1, 'outbound', 'USD', 44000000 + n, 0.03, 0, 60, 60, $1 - '30 d'::interval
    FROM generate_series(1, {ROWS}) AS n;
    INSERT INTO rate (
        version_id, kind, currency, country, per_minute, connection_fee, first_interval_s, increment_s, valid_from
    )
    SELECT 1, 'rent', 'USD', chr(65 + n / 26) || chr(65 + n % 26), 4, 1, 60, 60, $1 - '30 d'::interval
    FROM generate_series(0, 675) AS n;

    INSERT INTO call (
        has_key, connection, provider_call_id, account_id, line_id, rate_id, direction, caller, callee, line, state,
        rule, record_code, sip_code, granted_s, started_at, ended_at, reported_s, billed_s, charge, cause
    )
    SELECT
        true, 'pbx', 'call-' || n, 1 + n % 200, n, n, 'outbound', '+1555' || (1000000 + n), '+4420',
        '+1555' || (1000000 + n),
        CASE n % 2 WHEN 0 THEN 'open' ELSE 'ended' END, 'R14', 200, 200, 3600, $1,
        CASE n % 2 WHEN 1 THEN $1 END, CASE n % 2 WHEN 1 THEN 60 END, CASE n % 2 WHEN 1 THEN 60 END,
        CASE n % 2 WHEN 1 THEN 0.03 END, 'normal'
    FROM generate_series(1, {2 * ROWS}) AS n;

    INSERT INTO known_call (key, reuse, call_id) SELECT call_key(connection, provider_call_id), 0, id FROM call;

    INSERT INTO live_call (
        call_id, account_id, hold, held_s, must_end_at, cut_due_at, extend_due_at, reconcile_due_at
    )
    SELECT
        id, account_id, 0.15, 300, $1 + id * '1 s'::interval, $1 + id * '1 s'::interval, $1 + id * '1 s'::interval,
        $1 + id * '1 s'::interval
    FROM call
    WHERE state = 'open';

    UPDATE live_call SET forwarded_to = '+1555' || (1000000 + call_id);
    UPDATE call SET flags = '{{over_grant}}', flagged_at = $1 - id * '1 s'::interval WHERE id % 50 = 1;

    INSERT INTO recent_start (call_id, account_id, started_at) SELECT call_id, account_id, $1 FROM live_call;

    INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, call_id, booked_at)
    SELECT account_id, 'call', -0.03, 0, 'call:' || id, id, $1 FROM call WHERE state = 'ended';

    INSERT INTO crm_portal (connection, account_id, seen_call_id) VALUES ('b24', 7, 20000);
    INSERT INTO crm_call (connection, call_id, state, crm_call_id, created_at, due_at)
    SELECT 'b24', id, CASE WHEN id < 10000 THEN 'registered' ELSE 'queued' END, id, $1, $1
    FROM call
    WHERE account_id = 7 AND id <= 20000;
    UPDATE crm_call SET state = 'given_up', due_at = NULL WHERE call_id BETWEEN 12000 AND 14000;
"""  # noqa: S608 - the numbers are ours


# The index of a whole table that one of its parts belongs to.
WHOLES = """
    SELECT inhrelid::regclass::text AS part, inhparent::regclass::text AS whole
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    WHERE relkind = 'i'
"""


class Asked:
    """A connection that only notes what it is asked."""

    def __init__(self) -> None:
        self.query = ""
        self.arguments: tuple[object, ...] = ()

    async def fetch(self, query: str, *arguments: object) -> list[Any]:
        self.query, self.arguments = query, arguments
        return []

    async def fetchrow(self, query: str, *arguments: object) -> None:
        self.query, self.arguments = query, arguments


@dataclass(frozen=True, kw_only=True)
class Hot:
    """A question, the name of its query, the indexes it must use, and how many rows it may touch in one table."""

    name: str
    ask: Callable[[Any], Awaitable[object]]
    indexes: frozenset[str]
    rows_max: int


def start(number: int) -> StartKey:
    line = f"+1555{1_000_000 + 97 * number}"
    callee = f"+4400{100 + number:04}12345"
    call = CallStarted(call_id=f"new-{number}", direction=Direction.OUTBOUND, caller=line, callee=callee, line=line)
    return StartKey(connection="pbx", call=call, started_at=NOON)


SOON = NOON + timedelta(seconds=20)
ALL_DUE = NOON + timedelta(days=30)
LONG_AGO = NOON - timedelta(days=10)
LAST_ENTRIES = [
    Spent(account_id=account_id, balance=Decimal(1), spent=Decimal(1), last_entry_id=ROWS - 100)
    for account_id in range(1, 11)
]
TEN_STARTS = [start(number) for number in range(1, 11)]
TEN_ENDS = [("pbx", f"call-{2 * number}") for number in range(1, 11)]
TEN_FORWARDS = {
    number: (start(number), Parent(id=2 * number, account_id=7, direction=Direction.INBOUND)) for number in range(1, 11)
}
REUSED = ("pbx", "call-2", "outbound", "+4420", "+15551000002")
HOT = (
    Hot(
        name="start_gather",
        ask=lambda conn: starts.gather(conn, TEN_STARTS, now=NOON),
        indexes=frozenset({"line_name", "known_call_pkey", "account_pkey", "rate_lookup_outbound"}),
        rows_max=20,
    ),
    Hot(
        name="forwards_in_circles",
        ask=lambda conn: starts.forwards_in_circles(conn, TEN_FORWARDS),
        indexes=frozenset({"live_call_forwarded"}),
        rows_max=20,
    ),
    Hot(
        name="reused_id_reply",
        ask=lambda conn: conn.fetch(sql("reused_id_reply"), *REUSED),
        indexes=frozenset({"known_call_pkey"}),
        rows_max=1,
    ),
    Hot(
        name="cap_counts",
        ask=lambda conn: caps.count(conn, [7], now=NOON),
        indexes=frozenset({"live_call_account", "recent_start_account"}),
        rows_max=200,  # the calls of an account that are up, and those of its last minute
    ),
    Hot(
        name="starts_count",
        ask=lambda conn: conn.fetch(sql("starts_count"), [50_000], [7], NOON, NOON - timedelta(minutes=2)),
        indexes=frozenset({"recent_start_account"}),
        rows_max=1,
    ),
    Hot(
        name="end_gather",
        ask=lambda conn: ends.gather(conn, TEN_ENDS),
        indexes=frozenset({"known_call_pkey", "live_call_pkey", "account_pkey", "rate_pkey"}),
        rows_max=20,
    ),
    Hot(
        name="cut_claim",
        ask=lambda conn: live_calls.claim_cuts(conn, now=SOON, delays=CLAIMS, limit=200),
        indexes=frozenset({"live_call_cut", "call_once"}),
        rows_max=20,
    ),
    Hot(
        name="cut_claim",
        ask=lambda conn: live_calls.claim_cuts(conn, now=ALL_DUE, delays=CLAIMS, limit=20),
        indexes=frozenset({"live_call_cut", "call_once"}),
        rows_max=20,
    ),
    Hot(
        name="extend_due",
        ask=lambda conn: live_calls.due_extensions(conn, now=SOON, limit=200),
        indexes=frozenset({"live_call_extend"}),
        rows_max=20,
    ),
    Hot(
        name="extend_due",
        ask=lambda conn: live_calls.due_extensions(conn, now=ALL_DUE, limit=20),
        indexes=frozenset({"live_call_extend"}),
        rows_max=20,
    ),
    Hot(
        name="extend_gather",
        ask=lambda conn: live_calls.gather_extensions(conn, list(range(2, 22, 2)), now=ALL_DUE),
        indexes=frozenset({"live_call_pkey", "account_pkey", "call_once", "rate_pkey"}),
        rows_max=20,
    ),
    Hot(
        name="reconcile_claim",
        ask=lambda conn: live_calls.claim_reconciliations(conn, now=SOON, until=ALL_DUE, limit=100),
        indexes=frozenset({"live_call_reconcile", "call_once"}),
        rows_max=20,
    ),
    Hot(
        name="reconcile_claim",
        ask=lambda conn: live_calls.claim_reconciliations(conn, now=ALL_DUE, until=ALL_DUE, limit=20),
        indexes=frozenset({"live_call_reconcile", "call_once"}),
        rows_max=20,
    ),
    Hot(
        name="low_balance_claim",
        ask=lambda conn: low_balances.claim(conn, now=ALL_DUE, until=ALL_DUE, limit=20),
        indexes=frozenset({"account_low_balance_due", "account_pkey"}),
        rows_max=20,
    ),
    Hot(
        name="low_balance_spent",
        ask=lambda conn: low_balances.read_spent(conn, [7, 8], after=LONG_AGO, count_rent=True),
        indexes=frozenset({"account_pkey", "ledger_entry_debits", "ledger_entry_account"}),
        rows_max=200,  # the debits of two accounts
    ),
    Hot(
        name="low_balance_leaving",
        ask=lambda conn: low_balances.find_leaving(conn, {7: Decimal(1)}, after=LONG_AGO, count_rent=True),
        indexes=frozenset({"ledger_entry_debits"}),
        rows_max=100,
    ),
    Hot(
        name="low_balance_gather",
        ask=lambda conn: low_balances.gather(conn, LAST_ENTRIES, count_rent=True),
        indexes=frozenset({"account_pkey", "ledger_entry_account"}),
        rows_max=20,
    ),
    Hot(
        name="subscription_due",
        ask=lambda conn: subscriptions.due_accounts(conn, now=SOON, limit=16),
        indexes=frozenset({"line_calendar_due"}),
        rows_max=20,
    ),
    Hot(
        name="subscription_due",
        ask=lambda conn: subscriptions.due_accounts(conn, now=ALL_DUE, limit=16),
        indexes=frozenset({"line_calendar_due"}),
        rows_max=20,
    ),
    Hot(
        name="subscription_due_lines",
        ask=lambda conn: subscriptions.due_lines(conn, [7, 8], now=ALL_DUE, limit=16),
        indexes=frozenset({"line_account_calendar_due"}),
        rows_max=200,  # the lines of two accounts
    ),
    Hot(
        name="subscription_lines",
        ask=lambda conn: subscriptions.read(conn, list(range(1, 21)), now=NOON),
        indexes=frozenset({"line_pkey", "account_pkey", "rate_lookup_number"}),
        rows_max=20,
    ),
    Hot(
        name="subscription_overdue",
        ask=lambda conn: subscriptions.overdue(conn, account_id=7),
        indexes=frozenset({"line_account"}),
        rows_max=100,  # the lines of the account
    ),
    Hot(
        name="subscription_coming",
        ask=lambda conn: subscriptions.coming(conn, {7: date(2026, 3, 14)}),
        indexes=frozenset({"line_account"}),
        rows_max=100,
    ),
    Hot(
        name="subscription_line",
        ask=lambda conn: subscriptions.find(conn, name="+15551000007"),
        indexes=frozenset({"line_name"}),
        rows_max=1,
    ),
    Hot(
        name="crm_see",
        ask=lambda conn: conn.fetch(sql("crm_see"), "b24", NOON, 20),
        indexes=frozenset({"crm_portal_pkey", "call_account"}),
        rows_max=20,
    ),
    Hot(
        name="crm_claim",
        ask=lambda conn: crm.claim(conn, connection="b24", now=NOON, until=SOON, limit=8),
        indexes=frozenset({"crm_call_due", "live_call_pkey", "call_once", "account_pkey"}),
        rows_max=100,  # the account's registered calls that are up, and those that are queued
    ),
    Hot(
        name="crm_of_calls",
        ask=lambda conn: crm.of_calls(conn, list(range(1, 51))),
        indexes=frozenset({"crm_call_call"}),
        rows_max=50,
    ),
    Hot(
        name="crm_list_given_up",
        ask=lambda conn: crm.given_up(conn, before=None, limit=5),
        indexes=frozenset({"crm_call_given_up"}),
        rows_max=6,  # one more, to see that it is of another call
    ),
    Hot(
        name="crm_page_given_up",
        ask=lambda conn: crm.page_given_up(conn, after=crm.CrmPlace(13_007, "b24"), limit=5),
        indexes=frozenset({"crm_call_given_up"}),
        rows_max=6,  # the row that it goes on after is looked at, too
    ),
    Hot(
        name="crm_again",
        ask=lambda conn: crm.try_again(conn, call_id=13_007, now=NOON),
        indexes=frozenset({"crm_call_given_up"}),
        rows_max=1,
    ),
    Hot(
        name="ledger_list",
        ask=lambda conn: ledger.page(conn, account_id=7, after=0, limit=50, filters=ledger.EntryFilters()),
        indexes=frozenset({"ledger_entry_account"}),
        rows_max=50,
    ),
    Hot(
        name="ledger_page",
        ask=lambda conn: ledger.newest(conn, account_id=7, before=None, limit=50, filters=ledger.EntryFilters()),
        indexes=frozenset({"ledger_entry_debits", "ledger_entry_besides_calls"}),
        rows_max=50,
    ),
    Hot(
        name="ledger_refunded",
        ask=lambda conn: conn.fetch(sql("ledger_refunded"), 7, 7),
        indexes=frozenset({"call_account", "ledger_entry_call_refunded"}),
        rows_max=1,
    ),
    Hot(
        name="ledger_payment_owner",
        ask=lambda conn: conn.fetch(sql("ledger_payment_owner"), "p-1", 7),
        indexes=frozenset({"ledger_entry_payment"}),
        rows_max=1,
    ),
    Hot(
        name="call_ids",
        ask=lambda conn: conn.fetch(sql("call_ids"), None, 50),
        indexes=frozenset({"call_once"}),
        rows_max=50,
    ),
    Hot(
        name="call_ids_of_account",
        ask=lambda conn: conn.fetch(sql("call_ids_of_account"), 7, 20_000, 50),
        indexes=frozenset({"call_account"}),
        rows_max=50,
    ),
    Hot(
        name="call_ids_live",
        ask=lambda conn: conn.fetch(sql("call_ids_live"), None, None, 50),
        indexes=frozenset({"live_call_pkey"}),
        rows_max=ROWS,  # an operator's list, for which all that are up may be sorted
    ),
    Hot(
        name="call_ids_flagged",
        ask=lambda conn: found_calls.flagged_ids(conn, before=None, limit=50),
        indexes=frozenset({"call_flagged"}),
        rows_max=50,
    ),
    Hot(
        name="flags_count",
        ask=lambda conn: conn.fetch(sql("flags_count"), NOON - timedelta(minutes=30), None, 1_000),
        indexes=frozenset({"call_flagged_at"}),
        rows_max=40,
    ),
    Hot(
        name="call_rates",
        ask=lambda conn: conn.fetch(sql("call_rates"), ["USD"], 10_000, NOON, 500),
        indexes=frozenset(),
        rows_max=ROWS,  # after an import all are read, by a worker
    ),
    Hot(
        name="call_show",
        ask=lambda conn: conn.fetch(sql("call_show"), list(range(1, 51))),
        indexes=frozenset({"call_once", "ledger_entry_once", "live_call_pkey"}),
        rows_max=50,
    ),
    Hot(
        name="events_of_ends",
        ask=lambda conn: conn.fetch(sql("events_of_ends"), NOON, 1_000),
        indexes=frozenset(),
        rows_max=1,  # none is followed
    ),
    Hot(
        name="event_sources",
        ask=lambda conn: conn.fetch(sql("event_sources"), 10),
        indexes=frozenset(),
        rows_max=10,
    ),
    Hot(
        name="usage_settled",
        ask=lambda conn: conn.fetch(sql("usage_settled"), 500),
        indexes=frozenset(),
        rows_max=1,  # none is awaited
    ),
)


@pytest.fixture(scope="module", params=["before the rows came", "after they were counted"])
async def filled(request: pytest.FixtureRequest, postgres: DatabaseServer) -> AsyncIterator[PoolConnection]:
    """A connection of the production pool to a database with many rows; every query is prepared on it."""
    async with postgres.database() as dsn:
        pool = await open_pool(dsn, size=1, statement_timeout=timedelta(minutes=1))
        try:
            async with pool.acquire() as conn:
                if request.param.startswith("before"):
                    await _prepare(conn)
                for statement in FILL.split(";"):
                    if statement.strip():
                        await conn.execute(statement.replace("$1", f"'{NOON.isoformat()}'::timestamptz"))
                if request.param.startswith("after"):
                    await conn.execute("ANALYZE")
                    await _prepare(conn)
                yield conn
        finally:
            pool.terminate()


async def _prepare(conn: PoolConnection) -> None:
    for hot in {hot.name: hot for hot in HOT}.values():
        await conn.execute(f"PREPARE {hot.name} AS {sql(hot.name)}")
        await _explain(conn, hot)  # its plan is made now


async def _explain(conn: PoolConnection, hot: Hot) -> dict[str, Any]:
    """How the query was run; nothing of what it changed stays."""
    asked = Asked()
    await hot.ask(asked)
    assert asked.query == sql(hot.name)
    types: list[str] = await conn.fetchval(
        "SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = $1", hot.name
    )
    arguments = [
        await conn.fetchval(f"SELECT quote_nullable($1::{kind}) || '::{kind}'", value)
        for value, kind in zip(asked.arguments, types, strict=True)
    ]
    transaction = conn.transaction()
    await transaction.start()
    try:
        explained: str = await conn.fetchval(
            f"EXPLAIN (ANALYZE, FORMAT JSON) EXECUTE {hot.name}({', '.join(arguments)})"
        )
    finally:
        await transaction.rollback()
    plan: dict[str, Any] = json.loads(explained)[0]["Plan"]
    return plan


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from _nodes(child)


def _touched(node: dict[str, Any]) -> float:
    """The rows that a scan looked at."""
    removed = node.get("Rows Removed by Filter", 0) + node.get("Rows Removed by Index Recheck", 0)
    rows: float = (node["Actual Rows"] + removed) * node["Actual Loops"]
    return rows


@pytest.mark.parametrize("hot", HOT, ids=lambda hot: hot.name)
async def test_a_hot_query_finds_its_rows_by_an_index(filled: PoolConnection, hot: Hot) -> None:
    nodes = list(_nodes(await _explain(filled, hot)))
    wholes = {row["part"]: row["whole"] for row in await filled.fetch(WHOLES)}

    scanned = {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}
    assert scanned & TABLES == set()
    used = {node["Index Name"] for node in nodes if "Index Name" in node}
    assert hot.indexes <= {wholes.get(index, index) for index in used}
    touched = {(node.get("Relation Name"), node.get("Index Name")): _touched(node) for node in nodes}
    assert {table: rows for table, rows in touched.items() if table[0] in TABLES and rows > hot.rows_max} == {}
    assert not [node for node in nodes if node["Node Type"] == "Sort" and node["Actual Rows"] > hot.rows_max]
