"""The lanes in which starts, and what follows them, are worked in batches."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from gateway.clock import Clock
from gateway.domain.calls.call import Limits
from gateway.metrics import Metrics
from gateway.postgres.batch_item import Again
from gateway.postgres.group_commit import GroupCommit
from gateway.postgres.locked_accounts import Locked
from gateway.postgres.types import PgConnection, Pool
from gateway.usecases.calls.at_once.close import EndsAtOnce, closing
from gateway.usecases.calls.at_once.memory import Memory
from gateway.usecases.calls.at_once.open import StartsAtOnce, opening
from gateway.usecases.calls.ends.end import end_calls
from gateway.usecases.calls.ends.end_request import EndRequest, EndResult
from gateway.usecases.calls.starts.authorize import authorize_calls
from gateway.usecases.calls.starts.start_request import StartRequest, StartResult

# Nobody waits for what is replayed, and many of its batches may be in front of it on a slow link.
REPLAY_WAIT_MAX_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lanes:
    starts: GroupCommit[StartRequest, StartResult]
    ends: GroupCommit[EndRequest, EndResult]


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchWork:
    """What is done with a batch: by what the process remembers, in one statement, or with all facts gathered."""

    clock: Clock
    limits: Limits
    metrics: Metrics
    memory: Memory

    def opening(self, events: Sequence[StartRequest], *, is_held: Callable[[int], bool]) -> StartsAtOnce | None:
        return opening(events, self.memory, now=self.clock.now(), limits=self.limits, is_held=is_held)

    async def authorize(
        self, conn: PgConnection, requests: Sequence[StartRequest]
    ) -> list[StartResult | Again | Locked]:
        now, limits, tally = self.clock.now(), self.limits, self.metrics.count_flags
        return await authorize_calls(conn, requests, now=now, limits=limits, tally=tally, memory=self.memory)

    def closing(self, events: Sequence[EndRequest], *, is_held: Callable[[int], bool]) -> EndsAtOnce | None:
        now, limits, tally = self.clock.now(), self.limits, self.metrics.count_flags
        return closing(events, self.memory, now=now, limits=limits, tally=tally, is_held=is_held)

    async def end(self, conn: PgConnection, requests: Sequence[EndRequest]) -> list[EndResult | Again | Locked]:
        now, limits, tally = self.clock.now(), self.limits, self.metrics.count_flags
        return await end_calls(conn, requests, now=now, limits=limits, tally=tally, memory=self.memory)


def live_lanes(pool: Pool, work: BatchWork, *, wait_max_s: float, lock_wait: timedelta) -> Lanes:
    """For webhooks, which somebody waits for."""
    observe = work.metrics.observe_batch
    return Lanes(
        starts=GroupCommit(
            pool,
            work.authorize,
            quick_way=work.opening,
            observe=observe("starts"),
            wait_max_s=wait_max_s,
            lock_wait=lock_wait,
        ),
        ends=GroupCommit(
            pool,
            work.end,
            quick_way=work.closing,
            observe=observe("ends"),
            wait_max_s=wait_max_s,
            lock_wait=lock_wait,
        ),
    )


def replay_lanes(pool: Pool, work: BatchWork, *, wait_max_s: float, lock_wait: timedelta) -> Lanes:
    """For what waited on the disk. The connections are lent while nothing does."""
    observe, wait_max_s = work.metrics.observe_batch, max(wait_max_s, REPLAY_WAIT_MAX_S)
    return Lanes(
        starts=GroupCommit(
            pool,
            work.authorize,
            observe=observe("starts"),
            wait_max_s=wait_max_s,
            lock_wait=lock_wait,
            keeps_connection=False,
        ),
        ends=GroupCommit(
            pool,
            work.end,
            observe=observe("ends"),
            wait_max_s=wait_max_s,
            lock_wait=lock_wait,
            keeps_connection=False,
        ),
    )
