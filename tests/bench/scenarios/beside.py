"""Starts of calls while programs read lists: calls come first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Any, Final

import aiohttp

from tests.bench import client, hooks
from tests.bench.figures import Figure, Result
from tests.bench.hooks import LIVE
from tests.bench.pace import paced
from tests.bench.rounds import Subject, Wrong, check_ledger
from tests.bench.scenarios.lists import UNLIMITED, questions, token_of
from tests.bench.stage import Stage

PACE: Final = 200
ASKED_A_SECOND: Final = 50
_STATISTICS: Final = ("alone", "beside")


async def beside(stage: Stage) -> Result:
    """200 webhooks a second, with and without 50 requests a second for lists of a fifth of many calls."""
    calls = stage.sizes.listed_calls // (10 if stage.is_quick else 1)
    dsn, world = await stage.world("lists", closed_calls=calls, has_busiest=True)
    async with stage.subject("beside", dsn, world, environment=UNLIMITED) as subject:
        runs = await run_beside(stage, subject, calls)
    await check_ledger(dsn)
    alone, with_lists = (sorted(run["starts_p99_ms"] for run in runs[name]) for name in _STATISTICS)
    half = len(alone) // 2
    return Result(
        figures=[
            Figure(what="starts alone, 99 of 100", value=alone[half], unit="ms"),
            Figure(what="beside lists", value=with_lists[half], unit="ms"),
            Figure(what="of that alone", value=with_lists[half] / alone[half], unit="", target=1.5),
        ],
        raw=runs,
    )


async def run_beside(stage: Stage, subject: Subject, calls: int) -> dict[str, list[dict[str, Any]]]:
    """Runs in turn, alone and beside who asks for lists."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in _STATISTICS}
    port = subject.server.port
    await client.exchange(port, [subject.provider.start() for _ in range(LIVE)])
    await _run(stage, subject)  # to warm up
    for _ in range(stage.rounds):
        runs["alone"].append(await _run(stage, subject))
        async with _asked(subject, calls):
            runs["beside"].append(await _run(stage, subject))
    await client.exchange(port, [subject.provider.end() for _ in range(LIVE)])
    return runs


async def _run(stage: Stage, subject: Subject) -> dict[str, Any]:
    subject.provider.refresh()
    hooks.write(subject.path, subject.provider.mixed(stage.seconds * PACE))
    return await paced(subject, PACE)


@asynccontextmanager
async def _asked(subject: Subject, calls: int) -> AsyncIterator[None]:
    """Somebody asks for lists at a fixed pace, whether or not earlier ones are there, as long as the block lasts."""
    headers = {"Authorization": f"Bearer {await token_of(subject.dsn)}"}
    pages = cycle([page for question in questions(calls) for asked in question.pages for page in asked])
    async with aiohttp.ClientSession(subject.server.url, headers=headers) as session, asyncio.TaskGroup() as tasks:

        async def ask(path: str, query: Any) -> None:
            async with session.get(path, params=query) as response:
                if response.status != 200:
                    raise Wrong(f"{path} was answered with {response.status}")
                await response.read()

        async def ask_all() -> None:
            while True:
                tasks.create_task(ask(*next(pages)))
                await asyncio.sleep(1 / ASKED_A_SECOND)

        asking = tasks.create_task(ask_all())
        yield
        asking.cancel()
