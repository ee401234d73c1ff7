"""Webhooks in batches: what arrives while a transaction runs goes together in the next one.

A group commit has one transaction under way at a time, on a connection of its own. A batch of one is the ordinary
case. If the work on a batch fails, its events are worked one by one, so that one event's failure never takes its
neighbours along. What waits for a lock leaves the batch, and is looked at again. If the database does not answer, all
that wait are told so at once; so they are when it ends.

What can go the quick way, where there is one, is done in one statement that commits by itself; a transaction does the
rest.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Final, Generic, TypeVar

from gateway.domain.errors import DatabaseAway, HeldByOthers, OutcomeUnknown
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.batch_item import AGAIN, Again, Item, QuickWay, away, settle
from gateway.postgres.errors import is_database_away, is_lock_held, is_retryable
from gateway.postgres.lane_connection import LaneConnection
from gateway.postgres.locked_accounts import Locked, LockedAccounts, await_turn, in_milliseconds
from gateway.postgres.types import PgConnection, Pool

E = TypeVar("E")
R = TypeVar("R")

# R34: a start is refused within 1.5 s; what is left of it after this is for the reply.
WAIT_MAX_S: Final = 1.3
# What an event is given at least, even if it waited long for its turn.
MOMENT_S: Final = 0.1
BATCH_MAX: Final = 128
TRIES_MAX: Final = 8
# Transactions here last milliseconds. Who holds a lock for longer is stuck, and others must not wait for that.
LOCK_WAIT: Final = timedelta(milliseconds=100)
# An account is waited for only so long: those that come meanwhile wait along.
TURN_OF_LOCK_WAIT: Final = 1 / 10
# An event whose account is locked is looked at again so soon, then later and later: it costs its place in a batch.
LOOK_AGAIN_S: Final = 0.005
LOOKS_MAX: Final = 5
# One that waits for another row keeps its lane waiting whenever it is tried.
TRY_AGAIN_S: Final = 0.1
# What waited for a lock is given up so long before its time, so that its last try can be a whole one.
LAST_TRY_S: Final = 0.4


class GroupCommit(Generic[E, R]):
    """A queue of events, worked in batches by `work`, which is given the connection and gives a result for each."""

    def __init__(
        self,
        pool: Pool,
        work: Callable[[PgConnection, Sequence[E]], Awaitable[Sequence[R | Again | Locked]]],
        *,
        observe: Callable[[int], None],
        wait_max_s: float = WAIT_MAX_S,
        lock_wait: timedelta = LOCK_WAIT,
        keeps_connection: bool = True,
        quick_way: QuickWay[E, R] | None = None,
    ) -> None:
        self._work = work
        self._quick_way = quick_way
        self._observe = observe
        self._wait_max_s = wait_max_s
        self._turn = lock_wait * TURN_OF_LOCK_WAIT
        self._connection = LaneConnection(pool, lock_wait=lock_wait)
        # Else it is given back whenever nothing waits.
        self._keeps_connection = keeps_connection
        self._locked = LockedAccounts()
        self._waiting: deque[Item[E, R]] = deque()
        self._aside: set[Item[E, R]] = set()
        self._under_way: list[Item[E, R]] = []
        self._wake = asyncio.Event()
        self._is_over = False

    def submit(self, event: E) -> "asyncio.Future[R]":
        """The result of an event; DatabaseAway if the database does not answer in time."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append(Item(event, future, loop.time()))
        if self._is_over:
            self._refuse("the gateway is stopping")
        self._wake.set()
        return future

    async def run(self) -> None:
        """Work until cancelled; what is not done by then is refused, as nobody knows what became of it."""
        try:
            while True:
                await self._wake.wait()
                while self._waiting:
                    # What has arrived at the sockets meanwhile is read first, and goes along.
                    await asyncio.sleep(0)
                    self._under_way = self._next_batch()
                    await self._work_batch(self._under_way)
                self._under_way = []
                self._wake.clear()
                if not self._keeps_connection:
                    await self._connection.lend()
        finally:
            self._is_over = True
            self._refuse("the gateway is stopping", under_way=self._under_way)
            await self._connection.close()

    def _next_batch(self) -> list[Item[E, R]]:
        """Those that have waited longest; one whose batch failed is worked alone."""
        batch = [self._waiting.popleft()]
        while self._waiting and len(batch) < BATCH_MAX and not (batch[0].is_alone or self._waiting[0].is_alone):
            batch.append(self._waiting.popleft())
        return batch

    async def _work_batch(self, batch: list[Item[E, R]]) -> None:
        if self._connection.is_resting:
            self._refuse("the database did not answer before", under_way=batch)
            return
        self._observe(len(batch))
        try:
            batch = await self._work_at_once(batch)
            results = await self._transact(batch) if batch else ()
        except Exception as error:  # noqa: BLE001 - whatever it was, each event gets its answer
            await self._failed(batch, error)
            return
        in_front = [item for item, result in zip(batch, results, strict=True) if not self._answer(item, result)]
        self._waiting.extendleft(reversed(in_front))

    async def _work_at_once(self, batch: list[Item[E, R]]) -> list[Item[E, R]]:
        """Have done what goes the quick way; what is left. Whose fault a failure of it is, the other way will tell."""
        if self._quick_way is None or batch[0].is_alone:
            return batch
        work = self._quick_way([item.event for item in batch], is_held=self._locked.is_held)
        if work is None:
            return batch
        try:
            async with asyncio.timeout_at(self._until(batch)):
                results = await self._connection.at_once(lambda conn: work(conn, in_milliseconds(self._turn)))
        except Exception as error:
            if is_database_away(error):
                raise
            if not is_retryable(error):
                logger().warning(LogEvent.BATCH_DETOURED, exc_info=error)
            return batch
        done = zip(batch, results, strict=True)
        return [item for item, result in done if isinstance(result, Again) or not self._answer(item, result)]

    async def _transact(self, batch: list[Item[E, R]]) -> Sequence[R | Again | Locked]:
        events = [item.event for item in batch]
        async with asyncio.timeout_at(self._until(batch)):
            conn = await self._connection.begin()
            results = await self._work(conn, events)
            turn = self._locked.turn_of(results)
            if turn and await await_turn(conn, turn, within=self._turn):
                results = await self._work(conn, events)
            elif turn:
                for account_id in turn:
                    self._locked.hold(account_id)
                await self._connection.roll_back()
            await self._connection.commit(and_begin=bool(self._waiting) and self._quick_way is None)
            return results

    def _until(self, batch: list[Item[E, R]]) -> float:
        """When the one that has waited longest must be told; a moment is given even to one that was often overtaken."""
        return max(batch[0].since + self._wait_max_s, asyncio.get_running_loop().time() + MOMENT_S)

    def _answer(self, item: Item[E, R], result: R | Again | Locked) -> bool:
        """Tell an event its result; False where it is to be worked again before all that wait."""
        if isinstance(result, Again):
            item.tries += 1
            if item.tries == TRIES_MAX:
                settle(item.future, DatabaseAway("the event was overtaken too often"))
            return item.tries >= TRIES_MAX
        if isinstance(result, Locked):
            item.account_id = result.account_id
            if not self._locked.is_held(result.account_id):
                return False
            self._locked.hold(result.account_id)
            self._put_aside(item, LOOK_AGAIN_S)
            return True
        if item.account_id is not None:
            self._locked.free(item.account_id)
        if not item.future.done():
            item.future.set_result(result)
        return True

    async def _failed(self, batch: list[Item[E, R]], error: Exception) -> None:
        if is_database_away(error) or not await self._roll_back(batch):
            self._refuse("the database did not answer", error, under_way=batch)
            self._connection.part()
        elif len(batch) > 1:
            for item in batch:
                item.is_alone = True
            self._waiting.extendleft(reversed(batch))
        elif is_lock_held(error):
            self._put_aside(batch[0], TRY_AGAIN_S, error)
        elif is_retryable(error):
            self._once_more(batch[0], error)
        else:
            settle(batch[0].future, error)

    async def _roll_back(self, batch: list[Item[E, R]]) -> bool:
        """Whether the connection can be used again."""
        try:
            async with asyncio.timeout_at(self._until(batch)):
                await self._connection.roll_back()
        except Exception:  # noqa: BLE001 - a connection that cannot even do this is of no use
            return False
        return True

    def _once_more(self, item: Item[E, R], error: Exception) -> None:
        """Another transaction was in the way: there is another try within the time that may be waited."""
        if asyncio.get_running_loop().time() >= item.since + self._wait_max_s:
            settle(item.future, away("another transaction was in the way", error))
        elif not self._answer(item, AGAIN):
            self._waiting.appendleft(item)

    def _put_aside(self, item: Item[E, R], first_s: float, error: Exception | None = None) -> None:
        """Let an event wait for a lock beside the others; it is tried again later and later, while there is time."""
        loop = asyncio.get_running_loop()
        if loop.time() >= item.since + self._wait_max_s - LAST_TRY_S:
            settle(item.future, away("somebody else has locked what it needs", error, HeldByOthers))
            return
        self._aside.add(item)
        loop.call_later(first_s * 2**item.looks, self._take_up, item)
        item.looks = min(item.looks + 1, LOOKS_MAX)

    def _take_up(self, item: Item[E, R]) -> None:
        if item in self._aside:
            self._aside.remove(item)
            self._waiting.append(item)
            self._wake.set()

    def _refuse(self, why: str, error: Exception | None = None, *, under_way: Sequence[Item[E, R]] = ()) -> None:
        """Tell all that wait, each with an exception of its own; of those under way it may be unknown what became."""
        kind = OutcomeUnknown if self._connection.is_committing else DatabaseAway
        for item in under_way:
            settle(item.future, away(why, error, kind))
        for item in (*self._waiting, *self._aside):
            settle(item.future, away(why, error))
        self._waiting.clear()
        self._aside.clear()
