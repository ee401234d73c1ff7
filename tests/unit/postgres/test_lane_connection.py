"""Between failures a lane rests, and what the server has not let go of is never more than a few connections."""

import asyncio
import itertools

from gateway.domain.errors import DatabaseAway
from gateway.postgres.lane_connection import PARTING_MAX, REST_FIRST_S, REST_MAX_S
from tests.support.group_commits import outcomes, stage


async def test_after_one_failure_the_next_event_is_tried_at_once_and_after_two_in_a_row_none_is() -> None:
    async with stage() as on:
        on.database.failures["BEGIN"] = [ConnectionResetError(), ConnectionResetError()]
        assert await outcomes([on.commits.submit("a")]) == [DatabaseAway]
        assert await outcomes([on.commits.submit("b")]) == [DatabaseAway]

        assert await outcomes([on.commits.submit("c"), on.commits.submit("d")]) == [DatabaseAway] * 2
        assert len(on.database.acquired) == 2

        await asyncio.sleep(REST_FIRST_S)
        assert await on.commits.submit("e") == "E"


async def test_nobody_is_refused_for_a_connection_that_the_server_closed_while_nothing_waited() -> None:
    async with stage() as on:
        await on.commits.submit("a")
        on.database.acquired[0].has_ended = True

        assert await on.commits.submit("b") == "B"
        assert len(on.database.acquired) == 2
        assert on.database.released == []


async def test_a_commit_ends_the_row_of_failures() -> None:
    async with stage() as on:
        for event in "abc":
            on.database.failures["BEGIN"] = [ConnectionResetError()]
            assert await outcomes([on.commits.submit(event)]) == [DatabaseAway]

            assert await on.commits.submit(event) == event.upper()


async def test_it_rests_longer_and_longer_and_never_longer_than_a_moment() -> None:
    async with stage() as on:
        loop = asyncio.get_running_loop()
        on.database.failures["acquire"] = [ConnectionRefusedError() for _ in range(5)]
        tried: list[float] = []
        while on.database.failures["acquire"]:
            left = len(on.database.failures["acquire"])
            assert await outcomes([on.commits.submit("a")]) == [DatabaseAway]
            if len(on.database.failures["acquire"]) < left:
                tried.append(loop.time())
            await asyncio.sleep(0.01)

        rests = [after - before for before, after in itertools.pairwise(tried)]
        assert rests[0] < REST_FIRST_S / 2
        for rest, expected in zip(rests[1:], (1, 2, 4), strict=True):
            assert 0 <= rest - min(REST_FIRST_S * expected, REST_MAX_S) < 0.1


async def test_while_the_server_lets_go_of_nothing_no_further_connection_is_opened() -> None:
    async with stage() as on:
        on.database.hanging.add("release")
        for _ in range(3 * PARTING_MAX):
            on.database.failures["COMMIT"] = [ConnectionResetError()]
            await outcomes([on.commits.submit("a")])
            await asyncio.sleep(REST_FIRST_S + 0.01)

        assert len(on.database.acquired) == PARTING_MAX


async def test_what_the_server_does_not_let_go_of_is_closed_hard_after_a_while() -> None:
    async with stage() as on:
        on.database.hanging.add("release")
        await on.commits.submit("a")

        await on.stop()

        assert [each.is_terminated for each in on.database.acquired] == [True]


async def test_where_one_connection_has_failed_the_others_are_opened_anew() -> None:
    async with stage() as on:
        on.database.failures["BEGIN"] = [ConnectionResetError()]

        await outcomes([on.commits.submit("a")])
        await asyncio.sleep(0)

        assert on.database.expired == 1
