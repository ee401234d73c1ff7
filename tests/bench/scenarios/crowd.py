"""Webhooks at a fixed pace, beside thousands of connections that say nothing or hardly anything."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from tests.bench import client, hooks
from tests.bench.figures import Figure, Result
from tests.bench.hooks import LIVE
from tests.bench.pace import paced
from tests.bench.processes import ROOT
from tests.bench.rounds import Subject, Wrong, check_ledger
from tests.bench.stage import Stage

_PACE: Final = 200
_IDLE: Final = 10_000
_SLOW: Final = 1_000


async def crowd(stage: Stage) -> Result:
    """10,000 idle connections and 1,000 slow ones beside the webhooks: what they change."""
    idle, slow = (_IDLE // 10, _SLOW // 10) if stage.is_quick else (_IDLE, _SLOW)
    dsn, world = await stage.world("main")
    async with stage.subject("crowd", dsn, world) as subject:
        await client.exchange(subject.server.port, [subject.provider.start() for _ in range(LIVE)])
        await _run(stage, subject)  # to warm up
        alone = await _run(stage, subject)
        rss_mb = subject.server.rss_mb()
        with _besieged(subject.server.port, idle, slow):
            crowded = await _run(stage, subject)
            used_mb = subject.server.rss_mb() - rss_mb
        await client.exchange(subject.server.port, [subject.provider.end() for _ in range(LIVE)])
    await check_ledger(dsn)
    ratio = crowded["p99_ms"] / alone["p99_ms"]
    return Result(
        figures=[
            Figure(what="connections", value=idle + slow, unit=""),
            Figure(what="latency alone, 99 of 100", value=alone["p99_ms"], unit="ms"),
            Figure(what="latency beside them", value=crowded["p99_ms"], unit="ms"),
            Figure(what="of that alone", value=ratio, unit="", target=1.5),
            Figure(what="memory for each connection", value=used_mb * 1024 / (idle + slow), unit="kB"),
        ],
        raw={"alone": alone, "crowded": crowded},
    )


async def _run(stage: Stage, subject: Subject) -> dict[str, Any]:
    subject.provider.refresh()
    hooks.write(subject.path, subject.provider.mixed((5 if stage.is_quick else 20) * _PACE))
    return await paced(subject, _PACE)


@contextmanager
def _besieged(port: int, idle: int, slow: int) -> Iterator[None]:
    """Connections that a process of its own opens, and keeps as long as the block lasts."""
    command = [sys.executable, "-m", "tests.bench.siege", str(port), str(idle), str(slow)]
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        if not process.stdout.readline():
            raise Wrong("the connections could not be opened")
        yield
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait()
