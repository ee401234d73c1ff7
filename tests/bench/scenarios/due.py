"""Calls whose deadlines come: how soon their provider is asked to end them."""

import asyncio
import json
import urllib.request
from datetime import timedelta

import asyncpg

from gateway.clock import SystemClock
from tests.bench.figures import Figure, Result
from tests.bench.processes import module
from tests.bench.rounds import Wrong, check_ledger
from tests.bench.stage import Stage
from tests.bench.world import CONNECTION


async def due(stage: Stage) -> Result:
    """20,000 live calls whose deadlines fall into one minute: how late their hang-up requests arrive."""
    calls, within_s = (2_000, 6) if stage.is_quick else (20_000, 60)
    dsn, world = await stage.world("main")
    with module(stage.directory, "sink") as sink:
        async with stage.subject("due", dsn, world, control_url=f"{sink.url}/control") as subject:
            _ask(f"{sink.url}/gateway", f"{subject.server.url}/hooks/{CONNECTION}".encode())
            before = subject.server.cpu_s()
            await _make_due(dsn, calls, within_s)
            await asyncio.sleep(within_s + 10)
            figures = json.loads(_ask(f"{sink.url}/figures"))
            used_s = subject.server.cpu_s() - before
    await check_ledger(dsn)
    if figures["calls"] != calls or figures["ends_failed"]:
        raise Wrong(f"of {calls} calls {figures['calls']} were hung up, {figures['ends_failed']} ends failed")
    return Result(
        figures=[
            Figure(what="calls due in a minute", value=calls / within_s * 60, unit=""),
            Figure(what="lateness, half", value=figures["p50_s"], unit="s"),
            Figure(what="lateness, 99 of 100", value=figures["p99_s"], unit="s", target=1),
            Figure(what="lateness, longest", value=figures["max_s"], unit="s"),
            Figure(what="asked more than once", value=figures["repeats"], unit="calls"),
            Figure(what="processor, gateway", value=used_s / (within_s + 10), unit="cores"),
        ],
        raw=figures,
    )


async def _make_due(dsn: str, calls: int, within_s: int) -> None:
    """Live calls that were answered, each with its deadline in its id; the first is due in five seconds."""
    conn = await asyncpg.connect(dsn)
    try:
        await conn.execute(
            """
            WITH made AS (
                SELECT
                    line.account_id, line.id AS line_id, line.name AS line, at AS must_end_at,
                    'due-' || n || '-' || (extract(epoch FROM at) * 1000)::bigint AS provider_call_id
                FROM generate_series(0, $1::integer - 1) AS n
                JOIN line ON line.id = 1 + n % 10000
                CROSS JOIN LATERAL (SELECT date_trunc('milliseconds', $2::timestamptz + n * $3::interval) AS at) AS at
            ),
            opened AS (
                INSERT INTO call (
                    connection, provider_call_id, account_id, line_id, rate_id, direction, caller, callee, line,
                    caller_id, state, rule, record_code, sip_code, available, granted_s, reply, started_at, answered_at
                )
                SELECT
                    'bench', provider_call_id, account_id, line_id, 1, 'outbound', line, '+442079460000', line, line,
                    'open', 'R14', 200, 200, 1000000, 60, '', must_end_at - interval '60 s',
                    must_end_at - interval '60 s'
                FROM made
                RETURNING id, account_id, answered_at + interval '60 s' AS must_end_at
            ),
            held AS (
                UPDATE account SET held = held + sums.hold
                FROM (SELECT account_id, count(*) * 0.02 AS hold FROM opened GROUP BY account_id) AS sums
                WHERE account.id = sums.account_id
            )
            INSERT INTO live_call (call_id, account_id, hold, held_s, must_end_at, cut_due_at, reconcile_due_at)
            SELECT id, account_id, 0.02, 60, must_end_at, must_end_at, must_end_at + interval '120 s' FROM opened
            """,
            calls,
            SystemClock().now() + timedelta(seconds=5),
            timedelta(seconds=within_s / calls),
            timeout=120,
        )
    finally:
        await conn.close()


def _ask(url: str, data: bytes | None = None) -> bytes:
    with urllib.request.urlopen(url, data=data, timeout=60) as response:  # noqa: S310 - our own address
        body: bytes = response.read()
        return body
