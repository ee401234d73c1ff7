"""What is measured: each scenario gives its figures by name, and for those with a target whether it is met."""

import asyncio
import json
import urllib.request
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

import asyncpg

from gateway.clock import SystemClock
from tests.bench import client, hooks
from tests.bench.figures import Figure, Result
from tests.bench.hooks import LIVE, Hooks
from tests.bench.pace import paced
from tests.bench.processes import module
from tests.bench.rounds import Round, Subject, Wrong, alternate, check_ledger
from tests.bench.scenarios.crowd import crowd
from tests.bench.scenarios.growth import growth
from tests.bench.scenarios.lists import lists
from tests.bench.scenarios.mails import mail
from tests.bench.scenarios.rents import rents
from tests.bench.scenarios.sip import sip
from tests.bench.scenarios.slow_links import replay
from tests.bench.stage import Stage
from tests.bench.world import CONNECTION

PACE: Final = 500


async def main(stage: Stage) -> Result:
    """The gateway beside the empty handler."""
    dsn, world = await stage.world("main")
    async with stage.subject("main", dsn, world) as subject:
        turns = await _alternate(stage, subject)
        rss_mb = subject.server.rss_mb()
    await check_ledger(dsn)
    ours, empty = Round.median(turns["main"]), Round.median(turns["empty"])
    return Result(
        figures=[
            Figure(what="gateway", value=ours.per_second, unit="webhooks/s"),
            Figure(what="empty handler", value=empty.per_second, unit="requests/s"),
            _ratio("gateway of empty handler", turns["main"], turns["empty"], 0.40),
            Figure(what="latency, half", value=ours.p50_ms, unit="ms"),
            Figure(what="latency, 99 of 100", value=ours.p99_ms, unit="ms", target=50),
            Figure(what="starts in a batch", value=ours.starts_batch, unit=""),
            Figure(what="ends in a batch", value=ours.ends_batch, unit=""),
            Figure(what="processor, gateway", value=ours.gateway_cpu_ms, unit="ms/webhook"),
            Figure(what="processor, PostgreSQL", value=ours.postgres_cpu_ms, unit="ms/webhook"),
            Figure(what="processor, empty handler", value=empty.gateway_cpu_ms, unit="ms/request"),
            Figure(what="write-ahead log", value=ours.wal_bytes, unit="bytes/webhook"),
            Figure(what="memory after it", value=rss_mb, unit="MB"),
        ],
        raw=_raw(turns),
    )


async def hot(stage: Stage) -> Result:
    """All calls by the five numbers of one account, beside calls by all."""
    dsn, world = await stage.world("main")
    async with stage.subject("spread", dsn, world) as spread:
        # The same gateway, called by another provider.
        one = Subject(
            name="hot",
            server=spread.server,
            dsn=dsn,
            postmaster=spread.postmaster,
            provider=Hooks(world.of_one_account()),
            path=stage.directory / "hot.requests",
        )
        turns = await _alternate(stage, spread, one)
    await check_ledger(dsn)
    return Result(
        figures=[
            Figure(what="one hot account", value=Round.median(turns["hot"]).per_second, unit="webhooks/s"),
            _ratio("of calls of all accounts", turns["hot"], turns["spread"], 0.75),
        ],
        raw=_raw(turns),
    )


async def large(stage: Stage) -> Result:
    """1,000,000 numbers and 5,000,000 closed calls, beside 10,000 numbers and none."""
    numbers, calls = (100_000, 500_000) if stage.is_quick else (1_000_000, 5_000_000)
    dsn, world = await stage.world("main")
    large_dsn, large_world = await stage.world("large", numbers=numbers, closed_calls=calls)
    async with (
        stage.subject("small", dsn, world) as small,
        stage.subject("large", large_dsn, large_world) as big,
    ):
        turns = await _alternate(stage, small, big)
    await check_ledger(large_dsn)
    return Result(
        figures=[
            Figure(what="numbers", value=numbers, unit=""),
            Figure(what="closed calls", value=calls, unit=""),
            Figure(what="large database", value=Round.median(turns["large"]).per_second, unit="webhooks/s"),
            _ratio("of the small one", turns["large"], turns["small"], 0.80),
        ],
        raw=_raw(turns),
    )


async def pace(stage: Stage) -> Result:
    """500 webhooks a second, sent when they are due whether or not earlier ones are answered."""
    seconds = 5 if stage.is_quick else 30
    dsn, world = await stage.world("main")
    async with stage.subject("pace", dsn, world) as subject:
        provider, port = subject.provider, subject.server.port
        await client.exchange(port, [provider.start() for _ in range(LIVE)])
        hooks.write(subject.path, provider.mixed(2 * PACE))
        await paced(subject, PACE)  # to warm up
        runs = []
        for _ in range(1 if stage.is_quick else 3):
            provider.refresh()
            hooks.write(subject.path, provider.mixed(seconds * PACE))
            runs.append(await paced(subject, PACE))
        await client.exchange(port, [provider.end() for _ in range(LIVE)])
    await check_ledger(dsn)
    run = sorted(runs, key=lambda run: run["p99_ms"])[len(runs) // 2]
    return Result(
        figures=[
            Figure(what="pace", value=run["per_second"], unit="webhooks/s"),
            Figure(what="latency, half", value=run["p50_ms"], unit="ms"),
            Figure(what="latency, 99 of 100", value=run["p99_ms"], unit="ms", target=20),
            Figure(what="latency, longest", value=run["max_ms"], unit="ms"),
        ],
        raw={"runs": runs},
    )


async def memory(stage: Stage) -> Result:
    """Resident memory of the gateway's process after 200,000 calls, and after as many again."""
    calls, chunk = (20_000, 10_000) if stage.is_quick else (200_000, 25_000)
    dsn, world = await stage.world("main")
    seen = []
    async with stage.subject("memory", dsn, world) as subject:
        begun = subject.server.rss_mb()
        for number in range(2 * calls // chunk):
            provider = subject.provider
            provider.refresh()
            requests = [*(provider.start() for _ in range(LIVE)), *provider.mixed(2 * (chunk - LIVE))]
            requests += [provider.end() for _ in range(LIVE)]
            replies = await client.exchange(subject.server.port, requests)
            if any(status != 200 for status, _ in replies):
                raise Wrong("not every webhook was answered with 200")
            seen.append({"calls": (number + 1) * chunk, "rss_mb": subject.server.rss_mb()})
    await check_ledger(dsn)
    first, second = seen[len(seen) // 2 - 1]["rss_mb"], seen[-1]["rss_mb"]
    return Result(
        figures=[
            Figure(what="memory at the start", value=begun, unit="MB"),
            Figure(what=f"memory after {calls:,} calls", value=first, unit="MB", target=120),
            Figure(what=f"growth over the next {calls:,}", value=second - first, unit="MB", target=1),
        ],
        raw={"seen": seen},
    )


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


async def _alternate(stage: Stage, *subjects: Subject) -> dict[str, list[Round]]:
    return await alternate(subjects, stage.empty, subjects[0].path, rounds=stage.rounds, seconds=stage.seconds)


def _ratio(what: str, ours: list[Round], theirs: list[Round], target: float) -> Figure:
    """The ratio of the medians."""
    value = Round.median(ours).per_second / Round.median(theirs).per_second
    return Figure(what=what, value=value, unit="", target=target, at_most=False)


def _raw(turns: Mapping[str, list[Round]]) -> dict[str, Any]:
    return {name: [asdict(one) for one in rounds] for name, rounds in turns.items()}


SCENARIOS: Final[Mapping[str, Callable[[Stage], Awaitable[Result]]]] = MappingProxyType(
    {
        "main": main,
        "hot": hot,
        "large": large,
        "growth": growth,
        "pace": pace,
        "crowd": crowd,
        "memory": memory,
        "due": due,
        "rents": rents,
        "mail": mail,
        "replay": replay,
        "sip": sip,
        "lists": lists,
    }
)
