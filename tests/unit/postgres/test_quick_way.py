"""The quick way of a group commit: one statement for what can go it, a transaction for the rest."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import pytest
from structlog.testing import capture_logs

from gateway.domain.errors import DatabaseAway, OutcomeUnknown
from gateway.postgres.batch_item import AGAIN, Again, QuickWork
from tests.support.group_commits import FakeDatabase, Stage, outcomes, stage


class Quick:
    """A quick way for events of digits; it fails as its database does."""

    def __init__(self) -> None:
        self.database: FakeDatabase | None = None
        self.batches: list[list[str]] = []
        self.held: list[bool] = []

    def __call__(self, events: Sequence[str], *, is_held: Callable[[int], bool]) -> QuickWork[str] | None:
        self.held.append(is_held(1))
        if not any(event.isdigit() for event in events):
            return None

        async def work(_conn: Any, turn: str) -> list[str | Again]:
            assert turn == "10"
            self.batches.append(list(events))
            assert self.database is not None
            await self.database.meet("quick")
            return [f"quick {event}" if event.isdigit() else AGAIN for event in events]

        return work


@asynccontextmanager
async def quick_stage() -> AsyncIterator[tuple[Stage, Quick]]:
    quick = Quick()
    async with stage(quick_way=quick) as on:
        quick.database = on.database
        yield on, quick


async def test_what_goes_the_quick_way_needs_no_transaction() -> None:
    async with quick_stage() as (on, quick):
        assert await on.commits.submit("1") == "quick 1"

        assert (on.database.statements, on.batches, quick.held) == ([], [], [False])


async def test_what_is_left_goes_on_in_a_transaction_and_each_has_its_own_result() -> None:
    async with quick_stage() as (on, quick):
        futures = [on.commits.submit(event) for event in ("a", "1", "b", "2")]

        assert await outcomes(futures) == ["A", "quick 1", "B", "quick 2"]
        assert quick.batches == [["a", "1", "b", "2"]]
        assert on.batches == [["a", "b"]]
        assert on.database.statements == ["BEGIN", "COMMIT"]


async def test_where_nothing_can_go_it_nothing_is_sent_for_it() -> None:
    async with quick_stage() as (on, quick):
        assert await on.commits.submit("a") == "A"

        assert quick.batches == []


async def test_what_the_server_refuses_there_goes_the_other_way() -> None:
    async with quick_stage() as (on, _):
        on.database.failures["quick"] = [asyncpg.LockNotAvailableError("held")]

        assert await outcomes([on.commits.submit(event) for event in ("1", "a")]) == ["1", "A"]
        assert on.batches == [["1", "a"]]
        assert await on.commits.submit("2") == "quick 2"


async def test_a_failure_that_is_no_meeting_of_others_is_told() -> None:
    with capture_logs() as lines:
        async with quick_stage() as (on, _):
            on.database.failures["quick"] = [
                asyncpg.LockNotAvailableError("held"),
                asyncpg.InsufficientPrivilegeError("no right"),
            ]
            assert [await on.commits.submit(event) for event in "12"] == ["1", "2"]

    assert [line["event"] for line in lines] == ["batch.detoured"]


@pytest.mark.parametrize("failure", [ConnectionResetError(), TimeoutError()])
async def test_where_its_answer_is_lost_nobody_knows_what_became_of_it(failure: Exception) -> None:
    async with quick_stage() as (on, _):
        on.database.failures["quick"] = [failure]

        assert await outcomes([on.commits.submit("1")]) == [OutcomeUnknown]
        assert await on.commits.submit("2") == "quick 2"
        assert len(on.database.acquired) == 2


async def test_where_no_connection_is_to_be_had_nothing_was_done() -> None:
    async with quick_stage() as (on, _):
        on.database.failures["acquire"] = [ConnectionRefusedError()]

        assert await outcomes([on.commits.submit("1")]) == [DatabaseAway]
