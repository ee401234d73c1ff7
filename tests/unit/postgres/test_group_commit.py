"""Group commits: events in batches, on a database that is played."""

import asyncio
from collections.abc import Sequence

import asyncpg
import pytest

from gateway.domain.errors import DatabaseAway, HeldByOthers, OutcomeUnknown
from gateway.postgres.batch_item import AGAIN, Again
from gateway.postgres.group_commit import BATCH_MAX, TRIES_MAX, WAIT_MAX_S
from tests.support.group_commits import LATEST_S, outcomes, stage


class Poisoned(Exception):
    """What one event raises, whoever is its neighbour."""


class TestBatches:
    async def test_an_event_alone_is_a_batch_of_one_in_a_transaction(self) -> None:
        async with stage() as on:
            assert await on.commits.submit("a") == "A"

            assert on.database.statements == ["BEGIN", "COMMIT"]
            assert on.sizes == [1]

    async def test_what_arrives_while_a_transaction_runs_goes_together_in_the_next(self) -> None:
        async with stage() as on:
            first = await on.under_way("a")
            later = [on.commits.submit(event) for event in "bcd"]
            on.gate.set()

            assert await outcomes([*first, *later]) == ["A", "B", "C", "D"]
            assert on.batches == [["a"], ["b", "c", "d"]]
            assert on.sizes == [1, 3]

    async def test_a_batch_has_an_upper_limit_and_the_order_is_kept(self) -> None:
        async with stage() as on:
            events = [str(number) for number in range(BATCH_MAX + 5)]

            assert await outcomes([on.commits.submit(event) for event in events]) == events
            assert on.batches == [events[:BATCH_MAX], events[BATCH_MAX:]]

    async def test_a_lane_keeps_its_connection(self) -> None:
        async with stage() as on:
            await on.commits.submit("a")
            await on.commits.submit("b")

            assert len(on.database.acquired) == 1
            assert on.database.released == []

    async def test_an_event_whose_sender_has_gone_is_worked_all_the_same(self) -> None:
        async with stage() as on:
            first = await on.under_way("a")
            gone, kept = on.commits.submit("b"), on.commits.submit("c")
            gone.cancel()
            on.gate.set()

            assert await outcomes([*first, kept]) == ["A", "C"]
            assert on.batches[1] == ["b", "c"]


class TestFailures:
    async def test_one_poisoned_event_fails_alone_and_its_neighbours_succeed(self) -> None:
        async def work(events: Sequence[str]) -> Sequence[str]:
            if "poison" in events:
                raise Poisoned
            return [event.upper() for event in events]

        async with stage(work) as on:
            futures = [on.commits.submit(event) for event in ("a", "poison", "b")]

            assert await outcomes(futures) == ["A", Poisoned, "B"]
            assert on.batches == [["a", "poison", "b"], ["a"], ["poison"], ["b"]]
            assert on.database.statements == [
                *["BEGIN", "ROLLBACK"],
                "BEGIN",
                "COMMIT",
                "BEGIN",
                "ROLLBACK",
                "BEGIN",
                "COMMIT",
            ]
            assert on.database.released == []

    async def test_without_a_connection_there_is_nothing_to_roll_back(self) -> None:
        async with stage() as on:
            on.database.failures["acquire"] = [Poisoned()]

            assert await outcomes([on.commits.submit("a")]) == [Poisoned]
            assert on.database.statements == []

    async def test_a_failed_commit_is_a_failure_too(self) -> None:
        async with stage() as on:
            on.database.failures["COMMIT"] = [Poisoned(), Poisoned()]

            assert await outcomes([on.commits.submit("a"), on.commits.submit("b")]) == [Poisoned, "B"]

    async def test_those_that_come_later_do_not_join_events_that_are_worked_alone(self) -> None:
        async def work(events: Sequence[str]) -> Sequence[str]:
            if "poison" in events:
                raise Poisoned
            return [event.upper() for event in events]

        async with stage(work) as on:
            first = await on.under_way("poison", "a")
            later = [on.commits.submit(event) for event in "bc"]
            on.gate.set()

            assert await outcomes([*first, *later]) == [Poisoned, "A", "B", "C"]
            assert on.batches == [["poison", "a"], ["poison"], ["a"], ["b", "c"]]

    @pytest.mark.parametrize(
        "error",
        [asyncpg.SerializationError("x"), asyncpg.DeadlockDetectedError("x"), asyncpg.LockNotAvailableError("x")],
    )
    async def test_a_batch_that_met_another_transaction_is_worked_one_by_one(self, error: Exception) -> None:
        async with stage() as on:
            on.database.failures["work"] = [error]

            assert await outcomes([on.commits.submit("a"), on.commits.submit("b")]) == ["A", "B"]
            assert on.batches == [["a", "b"], ["a"], ["b"]]
            assert on.database.statements == ["BEGIN", "ROLLBACK", "BEGIN", "COMMIT", "BEGIN", "COMMIT"]

    async def test_a_transaction_that_never_gets_through_fails_in_the_end(self) -> None:
        async with stage() as on:
            on.database.failures["COMMIT"] = [asyncpg.SerializationError("x") for _ in range(100)]

            assert await outcomes([on.commits.submit("a")]) == [DatabaseAway]
            assert len(on.batches) == TRIES_MAX

    async def test_r34_an_event_that_others_are_in_the_way_of_for_too_long_is_refused_in_time(self) -> None:
        loop = asyncio.get_running_loop()
        in_the_way = asyncpg.LockNotAvailableError("x")

        async def work(events: Sequence[str]) -> Sequence[str]:
            if "b" in events:
                late = asyncio.Event()
                loop.call_at(began + WAIT_MAX_S + 0.01, late.set)
                await late.wait()
                raise in_the_way
            return events

        async with stage(work) as on:
            began = loop.time()
            first = await on.under_way("a")
            later = on.commits.submit("b")
            loop.call_at(began + WAIT_MAX_S - 0.05, on.gate.set)

            assert await outcomes([*first, later]) == ["a", HeldByOthers]
            assert loop.time() - began < LATEST_S
            assert later.exception().__cause__ is in_the_way

    async def test_results_that_do_not_match_the_events_end_the_lane_and_nobody_waits_for_ever(self) -> None:
        async def work(events: Sequence[str]) -> Sequence[str]:
            return []

        async with stage(work) as on:
            assert await outcomes([on.commits.submit("a"), on.commits.submit("b")]) == [DatabaseAway] * 2
            assert on.task is not None
            assert on.task.done()


class TestAgain:
    async def test_what_was_overtaken_is_worked_again_in_its_order_before_what_came_later(self) -> None:
        seen: set[str] = set()

        async def work(events: Sequence[str]) -> Sequence[str | Again]:
            """Of events of the same call (the same letter) only the first is worked."""
            results: list[str | Again] = []
            letters: set[str] = set()
            for event in events:
                results.append(AGAIN if event[0] in letters else event.upper())
                letters.add(event[0])
            seen.update(events)
            return results

        async with stage(work) as on:
            first = await on.under_way("a1", "b1", "a2", "a3", "b2")
            later = [on.commits.submit("c1")]
            on.gate.set()

            assert await outcomes([*first, *later]) == ["A1", "B1", "A2", "A3", "B2", "C1"]
            assert on.batches == [["a1", "b1", "a2", "a3", "b2"], ["a2", "a3", "b2", "c1"], ["a3"]]

    async def test_what_is_always_overtaken_fails_in_the_end(self) -> None:
        async def work(events: Sequence[str]) -> Sequence[str | Again]:
            return [AGAIN if event == "slow" else event.upper() for event in events]

        async with stage(work) as on:
            assert await outcomes([on.commits.submit("slow"), on.commits.submit("a")]) == [DatabaseAway, "A"]
            assert len(on.batches) == TRIES_MAX


class TestDatabaseAway:
    @pytest.mark.parametrize(
        "error",
        [
            ConnectionRefusedError(),
            asyncpg.ConnectionDoesNotExistError("gone"),
            asyncpg.AdminShutdownError("bye"),
            asyncpg.QueryCanceledError("statement timeout"),
            asyncpg.TooManyConnectionsError("full"),
        ],
    )
    @pytest.mark.parametrize("step", ["acquire", "BEGIN", "work", "COMMIT"])
    async def test_r34_all_that_wait_are_refused_at_once(self, step: str, error: Exception) -> None:
        async with stage() as on:
            on.database.failures[step] = [error]
            futures = [on.commits.submit(event) for event in "abc"]

            assert await outcomes(futures) == [OutcomeUnknown if step == "COMMIT" else DatabaseAway] * 3
            assert len(on.batches) == (step in {"work", "COMMIT"})
            raised = [future.exception() for future in futures]
            assert len(set(map(id, raised))) == 3
            assert all(each is not None and each.__cause__ is error for each in raised)

    async def test_r34_what_waits_behind_the_transaction_is_refused_with_it(self) -> None:
        async with stage() as on:
            first = await on.under_way("a")
            later = [on.commits.submit(event) for event in "bc"]
            on.database.failures["COMMIT"] = [ConnectionResetError()]
            on.gate.set()

            assert await outcomes([*first, *later]) == [OutcomeUnknown, DatabaseAway, DatabaseAway]
            assert on.batches == [["a"]]

    async def test_a_sender_that_has_gone_does_not_keep_the_others_from_being_told(self) -> None:
        async with stage() as on:
            first = await on.under_way("a")
            gone, kept = on.commits.submit("b"), on.commits.submit("c")
            gone.cancel()
            on.database.failures["COMMIT"] = [ConnectionResetError()]
            on.gate.set()

            assert await outcomes([*first, kept]) == [OutcomeUnknown, DatabaseAway]

    async def test_the_connection_is_given_back_and_the_next_event_gets_a_new_one(self) -> None:
        async with stage() as on:
            on.database.failures["COMMIT"] = [ConnectionResetError()]
            assert await outcomes([on.commits.submit("a")]) == [OutcomeUnknown]

            assert await on.commits.submit("b") == "B"

            old, _new = on.database.acquired
            assert on.database.released == [old]

    async def test_a_poisoned_event_on_a_connection_that_cannot_roll_back_counts_as_away(self) -> None:
        async with stage() as on:
            on.database.failures["work"] = [Poisoned()]
            on.database.failures["ROLLBACK"] = [ConnectionResetError()]

            assert await outcomes([on.commits.submit("a"), on.commits.submit("b")]) == [DatabaseAway] * 2
            assert await on.commits.submit("c") == "C"
            assert on.database.released == [on.database.acquired[0]]

    async def test_the_neighbours_of_a_poisoned_event_are_refused_together_when_the_database_goes(self) -> None:
        async with stage() as on:
            on.database.failures["work"] = [Poisoned(), ConnectionResetError()]
            futures = [on.commits.submit(str(number)) for number in range(100)]

            assert await outcomes(futures) == [DatabaseAway] * 100
            assert len(on.batches) == 2

    async def test_r34_a_server_that_hangs_refuses_all_that_wait_in_time(self) -> None:
        """Wherever it hangs; each is on its own, so that they can be waited for together."""

        async def hang(step: str) -> None:
            async with stage() as on:
                loop = asyncio.get_running_loop()
                on.database.hanging.add(step)
                if step == "ROLLBACK":
                    on.database.failures["work"] = [Poisoned()]
                began = loop.time()
                first = [on.commits.submit(event) for event in "ab"]
                await on.database.hangs.wait()
                later = [on.commits.submit(event) for event in "cd"]

                under_way = OutcomeUnknown if step == "COMMIT" else DatabaseAway
                assert await outcomes([*first, *later]) == [under_way] * 2 + [DatabaseAway] * 2
                assert loop.time() - began < LATEST_S

                on.database.hanging.clear()
                on.database.failures.clear()
                assert await on.commits.submit("e") == "E"
                assert on.database.released == on.database.acquired[:-1]
                assert len(on.database.released) == (step != "acquire")

        await asyncio.gather(*(hang(step) for step in ("acquire", "BEGIN", "work", "COMMIT", "ROLLBACK")))

    async def test_r34_a_server_that_hangs_on_events_worked_alone_refuses_them_together(self) -> None:
        async with stage() as on:
            loop = asyncio.get_running_loop()
            began = loop.time()

            async def work(events: Sequence[str]) -> Sequence[str]:
                if len(events) > 1:
                    raise Poisoned
                on.database.hanging.add("COMMIT")
                return events

            on._work = work
            futures = [on.commits.submit(str(number)) for number in range(BATCH_MAX)]

            assert await outcomes(futures) == [OutcomeUnknown] + [DatabaseAway] * (BATCH_MAX - 1)
            assert WAIT_MAX_S - 0.01 < loop.time() - began < LATEST_S


class TestStop:
    @pytest.mark.parametrize("step", ["acquire", "BEGIN", "work", "COMMIT"])
    async def test_nothing_is_left_waiting_when_the_lane_is_stopped(self, step: str) -> None:
        async with stage() as on:
            on.database.hanging.add(step)
            first = [on.commits.submit(event) for event in "ab"]
            await on.database.hangs.wait()
            later = [on.commits.submit(event) for event in "cd"]

            await on.stop()

            under_way = OutcomeUnknown if step == "COMMIT" else DatabaseAway
            assert await outcomes([*first, *later]) == [under_way] * 2 + [DatabaseAway] * 2

    async def test_what_was_done_before_keeps_its_result(self) -> None:
        async with stage() as on:
            done = on.commits.submit("a")
            await done
            await on.stop()

            assert await outcomes([done]) == ["A"]

    async def test_what_comes_after_the_stop_is_refused_at_once(self) -> None:
        async with stage() as on:
            await on.commits.submit("a")
            await on.stop()

            assert await outcomes([on.commits.submit("b")]) == [DatabaseAway]

    async def test_its_connection_is_given_back(self) -> None:
        async with stage() as on:
            await on.commits.submit("a")
            await on.stop()

            assert len(on.database.acquired) == 1
            assert on.database.released == on.database.acquired

    async def test_what_was_to_be_worked_again_or_alone_is_refused_too(self) -> None:
        async with stage() as on:
            on.database.failures["work"] = [Poisoned()]
            on.database.hanging.add("work")
            futures = [on.commits.submit(event) for event in "abc"]
            await on.database.hangs.wait()

            await on.stop()

            assert await outcomes(futures) == [DatabaseAway] * 3
