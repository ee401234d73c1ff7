"""Starts of calls while programs read lists: calls come first."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import cycle
from typing import Any, Final

import aiohttp

from gateway.web.api.database import SIZE as API_CONNECTIONS
from tests.bench import client, hooks
from tests.bench.figures import Figure, Result
from tests.bench.hooks import LIVE
from tests.bench.pace import paced
from tests.bench.rounds import Subject, Wrong, check_ledger
from tests.bench.scenarios.lists import UNLIMITED, token_of
from tests.bench.stage import Stage

PACE: Final = 200
ASKED_A_SECOND: Final = 50
ACCOUNTS: Final = range(1, 21)
_STATISTICS: Final = ("alone", "beside")


async def beside(stage: Stage) -> Result:
    """200 webhooks a second, with and without 50 requests a second for lists of calls."""
    dsn, world = await stage.world("main")
    async with stage.subject("beside", dsn, world, environment=UNLIMITED) as subject:
        runs = await run_beside(stage, subject)
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


async def run_beside(stage: Stage, subject: Subject) -> dict[str, list[dict[str, Any]]]:
    """Runs in turn, alone and beside who asks for lists."""
    runs: dict[str, list[dict[str, Any]]] = {name: [] for name in _STATISTICS}
    port = subject.server.port
    await client.exchange(port, [subject.provider.start() for _ in range(LIVE)])
    await _run(stage, subject)  # to warm up
    for _ in range(stage.rounds):
        runs["alone"].append(await _run(stage, subject))
        async with _asked(subject):
            runs["beside"].append(await _run(stage, subject))
    await client.exchange(port, [subject.provider.end() for _ in range(LIVE)])
    return runs


async def _run(stage: Stage, subject: Subject) -> dict[str, Any]:
    subject.provider.refresh()
    hooks.write(subject.path, subject.provider.mixed(stage.seconds * PACE))
    return await paced(subject, PACE)


@asynccontextmanager
async def _asked(subject: Subject) -> AsyncIterator[None]:
    """Somebody asks for first pages as long as the block lasts, whether or not earlier ones are there.

    Each is of another account. The connections that they need are there already.
    """
    headers, accounts = {"Authorization": f"Bearer {await token_of(subject.dsn)}"}, cycle(ACCOUNTS)
    async with aiohttp.ClientSession(subject.server.url, headers=headers) as session, asyncio.TaskGroup() as tasks:

        async def ask() -> None:
            async with session.get("/v1/calls", params={"account_id": next(accounts)}) as response:
                if response.status != 200:
                    raise Wrong(f"a list was answered with {response.status}")
                await response.read()

        async def ask_all() -> None:
            while True:
                tasks.create_task(ask())
                await asyncio.sleep(1 / ASKED_A_SECOND)

        for _ in range(ASKED_A_SECOND):
            await asyncio.gather(*(ask() for _ in range(API_CONNECTIONS)))
        asking = tasks.create_task(ask_all())
        yield
        asking.cancel()
