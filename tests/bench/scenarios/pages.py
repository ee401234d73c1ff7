"""What people are shown by pages beside many calls, and what a list of 100 calls costs the processor."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import aiohttp

from gateway.clock import SystemClock
from gateway.domain.access.actor import command_line
from gateway.domain.access.roles import Role
from gateway.postgres.session import connected
from gateway.usecases.access.members import Invitation, invite
from gateway.usecases.access.sessions import UserAgent, begin_session
from tests.bench.figures import Figure, Result
from tests.bench.scenarios.lists import ASKED, BUSIEST, UNLIMITED, Question, ask, late, sample_of, wait_for_roll_up
from tests.bench.stage import Stage

COOKIE: Final = "gateway"
LISTED: Final = 100


async def pages(stage: Stage) -> Result:
    """Pages of an account that has a fifth of all closed calls, and the operator's list of all."""
    calls = stage.sizes.listed_calls // (10 if stage.is_quick else 1)
    dsn, world = await stage.world("lists", closed_calls=calls, has_busiest=True)
    async with stage.subject("pages", dsn, world, environment=UNLIMITED) as subject:
        await wait_for_roll_up(dsn, calls)
        async with aiohttp.ClientSession(subject.server.url, cookies={COOKIE: await _session_of(dsn)}) as session:
            asked = questions(calls)
            timed = {each.what: await ask(session, each) for each in asked}
            before = subject.server.cpu_s()
            await ask(session, _list_of_100())
            processor_ms = (subject.server.cpu_s() - before) / ASKED * 1000
    figures = [
        Figure(what=each.what, value=late(timed[each.what]), unit="ms, 95 of 100", target=each.target_ms)
        for each in asked
    ]
    listed = Figure(what="processor of a list of 100 calls", value=processor_ms, unit="ms", target=5)
    return Result(figures=[*figures, listed], raw=timed)


def questions(calls: int) -> list[Question]:
    """The limits are those of the API for the same."""
    account, sample = f"/a/{BUSIEST}", sample_of(calls)
    days = tuple(_calls({"from": str(day), "to": str(day)}) for day in sample.days)
    numbers = tuple(_calls({"number": each}) for each in sample.numbers)
    return [
        Question(what="first page", pages=(_calls(),), target_ms=20),
        Question(what="of a day", pages=days, target_ms=100),
        Question(what="refused", pages=(_calls({"state": "refused"}),), target_ms=100),
        Question(what="of a reason", pages=(_calls({"reason": "no_money"}),), target_ms=100),
        Question(what="of a number", pages=numbers, target_ms=100),
        Question(what="of a number with many calls", pages=(_calls({"number": sample.frequent}),), target_ms=100),
        Question(what="all calls", pages=((("/calls", {}),),), target_ms=100),
        Question(what="usage", pages=(((f"{account}/usage", {}),),), target_ms=50),
        Question(what="overview", pages=(((account, {}),),), target_ms=150),
        Question(what="an account, as its operator sees it", pages=(((f"/accounts/{BUSIEST}", {}),),), target_ms=150),
    ]


def _calls(filters: Mapping[str, str] = MappingProxyType({})) -> tuple[tuple[str, Mapping[str, str]], ...]:
    return ((f"/a/{BUSIEST}/calls", filters),)


def _list_of_100() -> Question:
    return Question(what="100 calls", pages=((("/calls", {"limit": str(LISTED)}),),), target_ms=100)


async def _session_of(dsn: str) -> str:
    """What the browser of an operator who has signed in keeps."""
    now = SystemClock().now()
    async with connected(dsn, application_name="bench") as conn, conn.transaction():
        invitation = Invitation(email="bench@example.com", role=Role.OPERATOR, account_id=None, language="en")
        member = await invite(conn, actor=command_line("bench"), invitation=invitation, now=now)
        visitor = UserAgent(address="127.0.0.1", agent="bench")
        session = await begin_session(conn, person_id=member.person_id, visitor=visitor, by="bench", now=now)
    return session.secret
