"""What waits for an account that somebody else has locked leaves its batch, and its neighbours do not notice."""

import asyncio
from collections.abc import Sequence

import asyncpg

from gateway.domain.errors import DatabaseAway, HeldByOthers
from tests.support.group_commits import LATEST_S, locked_stage, outcomes, stage


async def test_its_neighbours_are_answered_at_once_and_it_is_when_the_account_is_free() -> None:
    async with locked_stage() as (on, locked):
        locked.add("a")
        waits, other = on.commits.submit("a"), on.commits.submit("b")

        assert await other == "B"
        assert not waits.done()
        locked.clear()
        assert await waits == "A"


async def test_an_event_alone_waits_for_its_turn() -> None:
    async with locked_stage() as (on, locked):
        locked.add("a")
        on.database.at_lock = locked.clear

        assert await on.commits.submit("a") == "A"
        assert on.database.statements == ["BEGIN", "lock [97]", "COMMIT"]


async def test_who_is_locked_for_longer_than_a_turn_is_waited_for_once_and_then_looked_at() -> None:
    async with locked_stage() as (on, locked):
        locked.add("a")
        on.database.failures["lock"] = [asyncpg.LockNotAvailableError("x")]

        waits = [on.commits.submit("a")]
        for _ in range(20):
            assert await on.commits.submit("b") == "B"
            waits.append(on.commits.submit("a"))
            await asyncio.sleep(0.01)

        assert sum(statement == "lock [97]" for statement in on.database.statements) == 1
        locked.clear()
        assert await outcomes(waits) == ["A"] * 21


async def test_r34_who_waits_in_vain_is_refused_in_time_and_it_is_known_that_nothing_became_of_it() -> None:
    async with locked_stage() as (on, locked):
        loop = asyncio.get_running_loop()
        locked.add("a")
        on.database.failures["lock"] = [asyncpg.LockNotAvailableError("x")]
        began = loop.time()

        assert await outcomes([on.commits.submit("a")]) == [HeldByOthers]
        assert loop.time() - began < LATEST_S


async def test_an_account_that_is_free_again_is_waited_for_again() -> None:
    async with locked_stage() as (on, locked):
        locked.add("a")
        on.database.failures["lock"] = [asyncpg.LockNotAvailableError("x")]
        waits = on.commits.submit("a")
        await asyncio.sleep(0.01)
        locked.clear()
        assert await waits == "A"

        locked.add("a")
        on.database.at_lock = locked.clear
        assert await on.commits.submit("a") == "A"
        assert on.database.statements[-2:] == ["lock [97]", "COMMIT"]


async def test_a_server_that_goes_while_a_turn_is_waited_for_is_away() -> None:
    async with locked_stage() as (on, locked):
        locked.add("a")
        on.database.failures["lock"] = [ConnectionResetError()]

        assert await outcomes([on.commits.submit("a")]) == [DatabaseAway]


async def test_what_waits_aside_is_refused_with_the_others_when_the_database_goes() -> None:
    async with locked_stage() as (on, locked):
        locked.add("a")
        on.database.failures["lock"] = [asyncpg.LockNotAvailableError("x")]
        waits = on.commits.submit("a")
        await asyncio.sleep(0.01)
        on.database.failures["work"] = [ConnectionResetError()]

        assert await outcomes([on.commits.submit("b"), waits]) == [DatabaseAway] * 2
        await asyncio.sleep(0.03)
        assert await on.commits.submit("c") == "C"


async def test_an_event_that_waits_for_another_row_lets_the_others_go_first() -> None:
    is_locked = True

    async def work(events: Sequence[str]) -> Sequence[str]:
        if "a" in events and is_locked:
            raise asyncpg.LockNotAvailableError("x")
        return [event.upper() for event in events]

    async with stage(work) as on:
        waits = on.commits.submit("a")
        assert await on.commits.submit("b") == "B"
        assert not waits.done()
        is_locked = False

        assert await waits == "A"
