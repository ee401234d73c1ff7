"""What programs are shown by the API beside many calls, a fifth of which are one account's."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle, islice
from typing import Any, Final

import aiohttp
import asyncpg

from gateway.clock import SystemClock
from gateway.domain.access.actor import command_line
from gateway.domain.access.roles import Role
from gateway.postgres.session import connected
from gateway.usecases.access.tokens import TokenTerms, create_token
from tests.bench.figures import Figure, Result
from tests.bench.processes import Server
from tests.bench.rounds import Wrong
from tests.bench.stage import Stage
from tests.bench.world import line_name

BUSIEST: Final = 1
ASKED: Final = 60
OUT_OF: Final = 20
ROLLED_UP_WITHIN_S: Final = 3600
UNLIMITED: Final = {"GATEWAY_API_RATE": "100000"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One thing that a page shows, which may take several requests; they are asked in turn."""

    what: str
    pages: tuple[tuple[tuple[str, Mapping[str, Any]], ...], ...]
    target_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Several days and numbers, so that no answer is one that was just given; and a number with many calls."""

    days: list[date]
    numbers: list[str]
    frequent: str


async def lists(stage: Stage) -> Result:
    """First pages, filters, usage, an overview and CSV, of an account that has a fifth of all closed calls."""
    calls = stage.sizes.listed_calls // (10 if stage.is_quick else 1)
    dsn, world = await stage.world("lists", closed_calls=calls, has_busiest=True)
    async with stage.subject("lists", dsn, world, environment=UNLIMITED) as subject:
        per_second = await wait_for_roll_up(dsn, calls)
        headers = {"Authorization": f"Bearer {await token_of(dsn)}"}
        async with aiohttp.ClientSession(subject.server.url, headers=headers) as session:
            timed = {each.what: await ask(session, each) for each in questions(calls)}
            csv = await _take_csv(session, subject.server)
    figures = [Figure(what="calls", value=calls, unit=""), Figure(what="rolled up", value=per_second, unit="calls/s")]
    figures += [
        Figure(what=each.what, value=late(timed[each.what]), unit="ms, 95 of 100", target=each.target_ms)
        for each in questions(calls)
    ]
    return Result(figures=[*figures, *csv], raw=timed)


async def wait_for_roll_up(dsn: str, calls: int) -> float:
    """How many calls a second are added up; nothing else is asked for meanwhile."""
    begun = time.perf_counter()
    conn = await asyncpg.connect(dsn)
    try:
        for _ in range(ROLLED_UP_WITHIN_S):
            if await conn.fetchval("SELECT sum(calls) FROM usage_day") == calls:
                break
            await asyncio.sleep(1)
        else:
            raise Wrong(f"calls were not added up within {ROLLED_UP_WITHIN_S} s")
        await conn.execute("VACUUM ANALYZE usage_day")
    finally:
        await conn.close()
    return calls / (time.perf_counter() - begun)


async def token_of(dsn: str) -> str:
    async with connected(dsn, application_name="bench") as conn:
        terms = TokenTerms(role=Role.OPERATOR, account_id=None, name="bench")
        return (await create_token(conn, actor=command_line("bench"), terms=terms, now=SystemClock().now())).token


def questions(calls: int) -> Iterator[Question]:
    sample = sample_of(calls)
    yield Question(what="first page", pages=(_calls(),), target_ms=20)
    yield Question(what="of a day", pages=tuple(_calls(**_day(day)) for day in sample.days), target_ms=100)
    yield Question(what="refused", pages=(_calls(state="refused"),), target_ms=100)
    yield Question(what="of a reason", pages=(_calls(reason="no_money"),), target_ms=100)
    yield Question(what="of a number", pages=tuple(_calls(number=each) for each in sample.numbers), target_ms=100)
    yield Question(what="of a number with many calls", pages=(_calls(number=sample.frequent),), target_ms=100)
    yield Question(what="of those the refused", pages=(_calls(number=sample.frequent, state="refused"),), target_ms=100)
    today = SystemClock().now().date()
    usage = ("usage", {"from": str(today - timedelta(days=90)), "to": str(today + timedelta(days=1))})
    account = f"/v1/accounts/{BUSIEST}"
    yield Question(what="usage of 90 days", pages=(((f"{account}/usage", usage[1]),),), target_ms=50)
    overview = ((account, {}), (f"{account}/forecast", {}), (f"{account}/usage", {}), *_calls(limit=10))
    yield Question(what="overview", pages=(overview,), target_ms=150)


def sample_of(calls: int) -> Sample:
    today = SystemClock().now().date()
    return Sample(
        days=[today - timedelta(days=ago) for ago in range(30, 330, 10)],
        numbers=[f"+4420{10_000_000 + n}" for n in range(0, calls, max(1, calls // 20))],
        frequent=line_name(0),
    )


def _calls(**filters: Any) -> tuple[tuple[str, Mapping[str, Any]], ...]:
    return (("/v1/calls", {"account_id": BUSIEST, **filters}),)


def _day(day: date) -> dict[str, str]:
    return {"from": f"{day}T00:00:00Z", "to": f"{day + timedelta(days=1)}T00:00:00Z"}


async def ask(session: aiohttp.ClientSession, question: Question) -> list[float]:
    """How long each took, in milliseconds."""
    found = []
    for page in islice(cycle(question.pages), ASKED):
        begun = time.perf_counter()
        for path, query in page:
            async with session.get(path, params=query) as response:
                response.raise_for_status()
                await response.read()
        found.append((time.perf_counter() - begun) * 1000)
    return found


def late(found: list[float]) -> float:
    return sorted(found)[len(found) - 1 - len(found) // OUT_OF]


async def _take_csv(session: aiohttp.ClientSession, server: Server) -> list[Figure]:
    """All calls of the account as one file, and what the gateway's memory grows by meanwhile."""
    before, most, lines, begun = server.rss_mb(), 0.0, -1, time.perf_counter()
    query = {"account_id": str(BUSIEST)}
    async with session.get("/v1/calls", params=query, headers={"Accept": "text/csv"}) as response:
        response.raise_for_status()
        async for part in response.content.iter_any():
            lines += part.count(b"\n")
            most = max(most, server.rss_mb())
    per_second = lines / (time.perf_counter() - begun)
    return [
        Figure(what="CSV", value=lines, unit="rows"),
        Figure(what="CSV a second", value=per_second, unit="rows/s", target=20_000, at_most=False),
        Figure(what="memory that CSV takes", value=most - before, unit="MB", target=30),
    ]
