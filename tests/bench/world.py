"""The world the benchmark runs in: accounts, numbers and a deck, put into the database by a few statements."""

import random
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import asyncpg

from gateway.clock import SystemClock
from gateway.domain.lines.rent_dates import add_months
from gateway.postgres.sql import sql

NUMBERS_PER_ACCOUNT: Final = 5
PREFIXES: Final = 100_000
MONTHS_KEPT: Final = 25
CALLEES: Final = 200_000
CONNECTION: Final = "bench"

# Country codes with the number of digits that follow them in a number somebody can be called at.
COUNTRIES: Final = {
    "1": 10, "7": 10, "20": 10, "27": 9, "30": 10, "31": 9, "32": 9, "33": 9, "34": 9, "36": 9, "39": 10, "40": 9,
    "41": 9, "43": 10, "44": 10, "45": 8, "46": 9, "47": 8, "48": 9, "49": 11, "51": 9, "52": 10, "54": 10, "55": 11,
    "56": 9, "57": 10, "60": 9, "61": 9, "62": 10, "63": 10, "64": 9, "65": 8, "66": 9, "81": 10, "82": 10, "84": 9,
    "86": 11, "90": 10, "91": 10, "92": 10, "212": 9, "234": 10, "254": 9, "351": 9, "353": 9, "358": 9, "380": 9,
    "420": 9, "852": 8, "880": 10, "966": 9, "971": 9, "972": 9,
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What calls can be made of."""

    lines: list[str]
    callees: list[str]

    def of_one_account(self) -> "World":
        return World(lines=self.lines[:NUMBERS_PER_ACCOUNT], callees=self.callees)


def line_name(position: int) -> str:
    return f"+1212{2_000_000 + position:07d}"


def deck() -> list[str]:
    """Prefixes as an A to Z deck has them: each country, and ever finer areas of it. The same on every run."""
    chance = random.Random(7)
    found = dict.fromkeys(COUNTRIES)
    codes = list(COUNTRIES)
    while len(found) < PREFIXES:
        prefix = chance.choice(codes)
        for _ in range(chance.choice((2, 3, 4, 4, 5, 5))):
            prefix += str(chance.randrange(10))
            found[prefix] = None
    return list(found)[:PREFIXES]


def callees() -> list[str]:
    """Numbers to call, many more than the gateway remembers (its caches take 16,384)."""
    chance = random.Random(11)
    codes = list(COUNTRIES.items())
    numbers = []
    for _ in range(CALLEES):
        code, digits = chance.choice(codes)
        numbers.append(f"+{code}{chance.randrange(2, 10)}" + "".join(chance.choices("0123456789", k=digits - 1)))
    return numbers


async def seed(dsn: str, *, numbers: int, closed_calls: int = 0, has_busiest: bool = False) -> World:
    """Accounts with ample balance and five numbers each, the deck, and calls that are over with their charges.

    `has_busiest`: a fifth of those calls are the first account's.
    """
    now = SystemClock().now()
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute("SET synchronous_commit = off")
        async with conn.transaction():
            await conn.execute(
                """
                INSERT INTO account (name, currency, email, time_zone, language, balance, created_at)
                SELECT 'Account ' || n, 'USD', 'a@b.example', 'UTC', 'en', 1000000, $2
                FROM generate_series(1, $1::integer) AS n
                """,
                numbers // NUMBERS_PER_ACCOUNT,
                now,
            )
            await conn.execute(
                """
                INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, booked_at)
                SELECT id, 'top_up', balance, balance, 'seed:' || id, created_at FROM account
                """
            )
            await conn.execute(
                """
                INSERT INTO line (account_id, kind, name, state, country, category, created_at)
                SELECT n / $2::integer + 1, 'number', '+1212' || (2000000 + n), 'active', 'US', 'geographic', $3
                FROM generate_series(0, $1::integer - 1) AS n
                """,
                numbers,
                NUMBERS_PER_ACCOUNT,
                now,
            )
            await conn.execute(
                """
                WITH version AS (INSERT INTO rate_version (imported_at, source) VALUES ($2, 'bench') RETURNING id)
                INSERT INTO rate (
                    version_id, kind, currency, prefix, per_minute, connection_fee, first_interval_s, increment_s,
                    valid_from
                )
                SELECT id, 'outbound', 'USD', prefix, 0.0100 + length(prefix) * 0.0013, 0, 60, 60, $2
                FROM version, unnest($1::text[]) AS prefix
                """,
                deck(),
                now - timedelta(days=1),
            )
        if closed_calls:
            await _close_calls(conn, closed_calls, numbers, has_busiest=has_busiest)
        # live_call while it is empty, as a quiet night leaves it; call only with rows, as nobody vacuums it without.
        await conn.execute(
            f"VACUUM ANALYZE account, line, rate, ledger_entry, live_call{', call' if closed_calls else ''}"
        )
        # As it is when months were turned to one by one.
        await conn.execute(sql("months_sum_up"))
        await conn.execute("CHECKPOINT")
    finally:
        await conn.close()
    return World(lines=[line_name(position) for position in range(numbers)], callees=callees())


async def make_months(conn: "asyncpg.Connection[asyncpg.Record]") -> None:
    """Months until this one; ids go on in it."""
    this = SystemClock().now().date().replace(day=1)
    for ago in reversed(range(MONTHS_KEPT)):
        await conn.execute("SELECT add_month($1)", add_months(this, -ago))
    await conn.execute("SELECT setval('call_id_seq', max(first_id) + 1000000000, false) FROM call_month")


async def live_calls(dsn: str, calls: int) -> None:
    """Calls that are up for an hour, of all accounts in turn, which hold a cent each."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(
            """
            WITH opened AS (
                INSERT INTO call (
                    connection, provider_call_id, account_id, line_id, rate_id, direction, caller, callee, line,
                    caller_id, state, rule, record_code, sip_code, available, granted_s, reply, started_at, answered_at
                )
                SELECT
                    'bench', 'up-' || n, line.account_id, line.id, 1, 'outbound', line.name, '+442079460000',
                    line.name, line.name, 'open', 'R14', 200, 200, 1000000, 3600, '', $2::timestamptz, $2::timestamptz
                FROM generate_series(0, $1::integer - 1) AS n
                JOIN line ON line.id = 1 + n % (SELECT max(id) FROM line)
                RETURNING id, account_id
            ),
            held AS (
                UPDATE account SET held = held + sums.hold
                FROM (SELECT account_id, count(*) * 0.01 AS hold FROM opened GROUP BY account_id) AS sums
                WHERE account.id = sums.account_id
            )
            INSERT INTO live_call (call_id, account_id, hold, held_s, must_end_at, cut_due_at, reconcile_due_at)
            SELECT
                id, account_id, 0.01, 3600, $2::timestamptz + interval '1 hour', $2::timestamptz + interval '1 hour',
                $2::timestamptz + interval '1 hour'
            FROM opened
            """,
            calls,
            SystemClock().now(),
            timeout=600,
        )
        await conn.execute("VACUUM ANALYZE live_call")
    finally:
        await conn.close()


async def _close_calls(
    conn: "asyncpg.Connection[asyncpg.Record]", calls: int, numbers: int, *, has_busiest: bool
) -> None:
    """Calls of two years and this month, a charge for each, in the order in which they came."""
    await make_months(conn)
    step = 250_000
    for first in range(0, calls, step):
        await conn.execute(
            """
            WITH made AS (
                INSERT INTO call (
                    id, has_key, connection, provider_call_id, account_id, line_id, rate_id, direction, caller, callee,
                    line, caller_id, state, rule, record_code, sip_code, available, granted_s, reply, started_at,
                    answered_at, ended_at, reported_s, billed_s, charge, cause
                )
                OVERRIDING SYSTEM VALUE
                SELECT
                    (n::bigint * $5::integer / $4::integer + 1) * 10000000000 + n + 1, true,
                    'bench', 'old-' || md5(n::text), line.account_id, line.id, 1, 'outbound', line.name,
                    '+4420' || (10000000 + n), line.name, line.name, 'ended', 'R14', 200, 200, 1000000, 3600,
                    convert_to('{"action":"connect","call_id":"old-' || md5(n::text) || '"}', 'UTF8'),
                    at, at + interval '5 s', at + interval '65 s', 60, 60, 0.010000, 'normal'
                FROM generate_series($1::integer, $2::integer) AS n
                JOIN line ON line.id = 1 + CASE
                    WHEN $6::boolean AND n % 5 = 0 THEN n / 5 % 5
                    ELSE (n * 7919::bigint) % $3::integer
                END
                CROSS JOIN LATERAL (
                    SELECT now() - interval '760 days' + n::float8 / $4::integer * interval '760 days' AS at
                ) AS at
                RETURNING id, connection, provider_call_id, account_id, charge, ended_at
            ),
            known AS (
                INSERT INTO known_call (key, reuse, call_id)
                SELECT call_key(connection, provider_call_id), 0, id
                FROM made
            ),
            charged AS (
                UPDATE account SET balance = balance - sums.total
                FROM (SELECT account_id, sum(charge) AS total FROM made GROUP BY account_id) AS sums
                WHERE account.id = sums.account_id
                RETURNING account.id, account.balance + sums.total AS balance
            )
            INSERT INTO ledger_entry (account_id, kind, amount, balance_after, key, call_id, charged_call_id, booked_at)
            SELECT
                made.account_id, 'call', -made.charge,
                charged.balance - sum(made.charge) OVER (PARTITION BY made.account_id ORDER BY made.id),
                'call:' || made.id, made.id, made.id, made.ended_at
            FROM made
            JOIN charged ON charged.id = made.account_id
            ORDER BY made.id
            """,
            first,
            min(first + step, calls) - 1,
            numbers,
            calls,
            MONTHS_KEPT,
            has_busiest,
            timeout=600,
        )
