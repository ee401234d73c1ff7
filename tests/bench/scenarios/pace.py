"""Webhooks that come at a fixed pace, whether or not earlier ones are answered."""

from dataclasses import replace
from statistics import median
from typing import Any, Final

from tests.bench import client, hooks
from tests.bench.figures import Figure, Result
from tests.bench.hooks import LIVE
from tests.bench.pace import paced
from tests.bench.rounds import check_ledger
from tests.bench.stage import Stage

PACE: Final = 1000


async def pace(stage: Stage) -> Result:
    """1,000 webhooks a second, sent when they are due, to the gateway and to the empty handler in turn."""
    seconds, times = (5, 1) if stage.is_quick else (20, stage.rounds)
    dsn, world = await stage.world("main")
    runs: dict[str, list[dict[str, Any]]] = {"gateway": [], "empty": []}
    async with stage.subject("pace", dsn, world) as subject:
        provider, port = subject.provider, subject.server.port
        empty = replace(subject, server=stage.empty)
        await client.exchange(port, [provider.start() for _ in range(LIVE)])
        hooks.write(subject.path, provider.mixed(2 * PACE))
        await paced(subject, PACE)  # to warm up
        for _ in range(times):
            provider.refresh()
            hooks.write(subject.path, provider.mixed(seconds * PACE))
            runs["gateway"].append(await paced(subject, PACE))
            runs["empty"].append(await paced(empty, PACE))
        await client.exchange(port, [provider.end() for _ in range(LIVE)])
    await check_ledger(dsn)
    half, late, longest, empty_late = (
        median(run[which] for run in runs[name])
        for name, which in (("gateway", "p50_ms"), ("gateway", "p99_ms"), ("gateway", "max_ms"), ("empty", "p99_ms"))
    )
    return Result(
        figures=[
            Figure(what="latency, half", value=half, unit="ms"),
            Figure(what="latency, 99 of 100", value=late, unit="ms", target=10),
            Figure(what="of the empty handler's", value=late / empty_late, unit="", target=4),
            Figure(what="latency, longest", value=longest, unit="ms"),
        ],
        raw=runs,
    )
