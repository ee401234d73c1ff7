"""How long a worker rests after turns that failed."""

import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from gateway.domain.errors import DatabaseAway
from gateway.workers.loop import AWAY_REST_MAX, REST_MAX, Worker, run_worker
from gateway.workers.loop import _rest_s as rest_s


async def nothing() -> bool:
    return False


@pytest.mark.parametrize(
    ("interval_s", "longest", "rests"),
    [
        (0.2, REST_MAX, [0.5, 1, 2, 4, 8, 10, 10]),
        (1, REST_MAX, [2, 4, 8, 10, 10]),
        (10, REST_MAX, [10, 10]),
        (0.2, AWAY_REST_MAX, [0.5, 1, 1]),
        (5, AWAY_REST_MAX, [5, 5]),
    ],
)
def test_a_worker_rests_longer_after_each_failure_and_never_less_than_its_interval(
    interval_s: float, longest: timedelta, rests: list[float]
) -> None:
    worker = Worker(name="some", once=nothing, interval_s=interval_s)

    assert [rest_s(worker, failures, longest) for failures in range(1, len(rests) + 1)] == rests


async def test_a_turn_that_fails_is_counted_and_followed_by_a_rest() -> None:
    stop, failed, turns = asyncio.Event(), [], []

    async def once() -> bool:
        turns.append(asyncio.get_running_loop().time())
        if len(turns) == 4:
            stop.set()
        if len(turns) in {1, 3}:
            raise DatabaseAway("gone")
        return False

    await asyncio.wait_for(run_worker(Worker(name="some", once=once, interval_s=0.01), stop, failed.append), 30)

    first, _, third = (after - before for before, after in pairwise(turns))
    assert failed == ["some", "some"]
    assert min(first, third) >= 0.4
