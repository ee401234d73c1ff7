"""What is measured: each scenario gives its figures by name, and for those with a target whether it is met."""

from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import Final

from tests.bench import client
from tests.bench.figures import Figure, Result
from tests.bench.hooks import LIVE, Hooks
from tests.bench.rounds import Round, Subject, Wrong, check_ledger
from tests.bench.scenarios.beside import beside
from tests.bench.scenarios.crowd import crowd
from tests.bench.scenarios.due import due
from tests.bench.scenarios.growth import growth
from tests.bench.scenarios.lists import lists
from tests.bench.scenarios.lone import lone
from tests.bench.scenarios.mails import mail
from tests.bench.scenarios.pace import pace
from tests.bench.scenarios.pages import pages
from tests.bench.scenarios.rents import rents
from tests.bench.scenarios.sip import sip
from tests.bench.scenarios.slow_links import replay
from tests.bench.scenarios.together import together
from tests.bench.scenarios.turns import in_turn, ratio, raw_of
from tests.bench.stage import Stage


async def main(stage: Stage) -> Result:
    """The gateway beside the empty handler."""
    dsn, world = await stage.world("main")
    async with stage.subject("main", dsn, world) as subject:
        turns = await in_turn(stage, subject)
        rss_mb = subject.server.rss_mb()
    await check_ledger(dsn)
    ours, empty = Round.median(turns["main"]), Round.median(turns["empty"])
    return Result(
        figures=[
            Figure(what="gateway", value=ours.per_second, unit="webhooks/s"),
            Figure(what="empty handler", value=empty.per_second, unit="requests/s"),
            ratio("gateway of empty handler", turns["main"], turns["empty"], 0.50),
            Figure(what="latency, half", value=ours.p50_ms, unit="ms"),
            Figure(what="latency, 99 of 100", value=ours.p99_ms, unit="ms", target=50),
            Figure(what="starts in a batch", value=ours.starts_batch, unit=""),
            Figure(what="ends in a batch", value=ours.ends_batch, unit=""),
            Figure(what="processor, gateway", value=ours.gateway_cpu_ms, unit="ms/webhook"),
            Figure(what="processor, PostgreSQL", value=ours.postgres_cpu_ms, unit="ms/webhook"),
            Figure(what="processor, empty handler", value=empty.gateway_cpu_ms, unit="ms/request"),
            Figure(
                what="of the empty handler's, gateway",
                value=ours.gateway_cpu_ms / empty.gateway_cpu_ms,
                unit="",
                target=1.9,
            ),
            Figure(what="of it, PostgreSQL", value=ours.postgres_cpu_ms / empty.gateway_cpu_ms, unit="", target=0.9),
            Figure(what="write-ahead log", value=ours.wal_bytes, unit="bytes/webhook"),
            Figure(what="memory after it", value=rss_mb, unit="MB"),
        ],
        raw=raw_of(turns),
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
        turns = await in_turn(stage, spread, one)
    await check_ledger(dsn)
    return Result(
        figures=[
            Figure(what="one hot account", value=Round.median(turns["hot"]).per_second, unit="webhooks/s"),
            ratio("of calls of all accounts", turns["hot"], turns["spread"], 0.90),
        ],
        raw=raw_of(turns),
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
        turns = await in_turn(stage, small, big)
    await check_ledger(large_dsn)
    return Result(
        figures=[
            Figure(what="numbers", value=numbers, unit=""),
            Figure(what="closed calls", value=calls, unit=""),
            Figure(what="large database", value=Round.median(turns["large"]).per_second, unit="webhooks/s"),
            ratio("of the small one", turns["large"], turns["small"], 0.90),
        ],
        raw=raw_of(turns),
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


SCENARIOS: Final[Mapping[str, Callable[[Stage], Awaitable[Result]]]] = MappingProxyType(
    {
        "main": main,
        "hot": hot,
        "together": together,
        "lone": lone,
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
        "pages": pages,
        "beside": beside,
    }
)
