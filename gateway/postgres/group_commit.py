"""Webhooks in batches: what arrives while a transaction runs goes together in the next one.

A group commit has one transaction under way at a time, on a connection of its own. A batch of one is the ordinary
case. If the work on a batch fails, its events are worked one by one, so that one event's failure never takes its
neighbours along. If the database does not answer, all that wait are told so at once; so they are when it ends.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from gateway.domain.errors import DatabaseAway
from gateway.postgres.errors import is_database_away, is_retryable
from gateway.postgres.pool import discard, give_back
from gateway.postgres.types import PgConnection, Pool, PoolConnection

E = TypeVar("E")
R = TypeVar("R")

# R34: a start is refused within 1.5 s; what is left of it after this is for the reply.
WAIT_MAX_S: Final = 1.3
# What an event is given at least, even if it waited long for its turn.
MOMENT_S: Final = 0.1
BATCH_MAX: Final = 128
TRIES_MAX: Final = 8


class Again:
    """A result that says: another transaction was quicker, work this event once more."""


AGAIN: Final = Again()


class _Item(Generic[E, R]):
    __slots__ = ("event", "future", "is_alone", "since", "tries")

    def __init__(self, event: E, future: "asyncio.Future[R]", since: float) -> None:
        self.event = event
        self.future = future
        self.since = since
        self.tries = 0
        # Its batch failed: it gets a transaction of its own.
        self.is_alone = False


class GroupCommit(Generic[E, R]):
    """A queue of events, worked in batches by `work`, which is given the connection and gives a result for each."""

    def __init__(
        self,
        pool: Pool,
        work: Callable[[PgConnection, Sequence[E]], Awaitable[Sequence[R | Again]]],
        *,
        observe: Callable[[int], None],
        wait_max_s: float = WAIT_MAX_S,
        keeps_connection: bool = True,
    ) -> None:
        self._pool = pool
        self._work = work
        self._observe = observe
        self._wait_max_s = wait_max_s
        # Else it is given back whenever nothing waits.
        self._keeps_connection = keeps_connection
        self._waiting: deque[_Item[E, R]] = deque()
        self._under_way: list[_Item[E, R]] = []
        self._wake = asyncio.Event()
        self._conn: PoolConnection | None = None
        self._is_begun = False
        self._is_over = False

    def submit(self, event: E) -> "asyncio.Future[R]":
        """The result of an event; DatabaseAway if the database does not answer in time."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[R] = loop.create_future()
        self._waiting.append(_Item(event, future, loop.time()))
        if self._is_over:
            self._refuse([], "the gateway is stopping")
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
                    await self._give_back_connection()
        finally:
            self._is_over = True
            self._refuse(self._under_way, "the gateway is stopping")
            await self._drop_connection()

    def _next_batch(self) -> list[_Item[E, R]]:
        """Those that have waited longest; one whose batch failed is worked alone."""
        batch = [self._waiting.popleft()]
        while self._waiting and len(batch) < BATCH_MAX and not (batch[0].is_alone or self._waiting[0].is_alone):
            batch.append(self._waiting.popleft())
        return batch

    async def _work_batch(self, batch: list[_Item[E, R]]) -> None:
        self._observe(len(batch))
        try:
            results = await self._transact(batch)
        except Exception as error:  # noqa: BLE001 - whatever it was, each event gets its answer
            await self._failed(batch, error)
            return
        overtaken = []
        for item, result in zip(batch, results, strict=True):
            if isinstance(result, Again):
                overtaken.append(item)
            elif not item.future.done():
                item.future.set_result(result)
        self._again(overtaken)

    async def _transact(self, batch: list[_Item[E, R]]) -> Sequence[R | Again]:
        async with asyncio.timeout_at(self._until(batch)):
            if self._conn is None:
                self._conn = await self._pool.acquire()
            if not self._is_begun:
                await self._conn.execute("BEGIN")
            self._is_begun = False
            results = await self._work(self._conn, [item.event for item in batch])
            # Where others wait already, their transaction begins in the same round trip.
            is_next_begun = bool(self._waiting)
            await self._conn.execute("COMMIT AND CHAIN" if is_next_begun else "COMMIT")
            self._is_begun = is_next_begun
            return results

    def _until(self, batch: list[_Item[E, R]]) -> float:
        """When the one that has waited longest must be told; a moment is given even to one that was often overtaken."""
        return max(batch[0].since + self._wait_max_s, asyncio.get_running_loop().time() + MOMENT_S)

    async def _failed(self, batch: list[_Item[E, R]], error: Exception) -> None:
        if is_database_away(error) or not await self._roll_back(batch):
            self._refuse(batch, "the database did not answer", error)
            await self._drop_connection()
        elif len(batch) == 1 and is_retryable(error):
            self._once_more(batch[0], error)
        elif len(batch) == 1:
            _settle(batch[0].future, error)
        else:
            for item in batch:
                item.is_alone = True
            self._waiting.extendleft(reversed(batch))

    async def _roll_back(self, batch: list[_Item[E, R]]) -> bool:
        """Whether the connection can be used again."""
        try:
            async with asyncio.timeout_at(self._until(batch)):
                if self._conn is not None:
                    await self._conn.execute("ROLLBACK")
        except Exception:  # noqa: BLE001 - a connection that cannot even do this is of no use
            return False
        return True

    def _once_more(self, item: _Item[E, R], error: Exception) -> None:
        """Another transaction was in the way: there is another try within the time that may be waited."""
        if asyncio.get_running_loop().time() < item.since + self._wait_max_s:
            self._again([item])
        else:
            away = DatabaseAway("another transaction was in the way")
            away.__cause__ = error
            _settle(item.future, away)

    def _again(self, items: list[_Item[E, R]]) -> None:
        """Put events back in front, in their order; one that never gets through fails."""
        for item in reversed(items):
            item.tries += 1
            if item.tries < TRIES_MAX:
                self._waiting.appendleft(item)
            else:
                _settle(item.future, DatabaseAway("the event was overtaken too often"))

    def _refuse(self, batch: list[_Item[E, R]], why: str, error: Exception | None = None) -> None:
        """Tell these and all that wait, each with an exception of its own."""
        for item in (*batch, *self._waiting):
            away = DatabaseAway(why)
            away.__cause__ = error
            _settle(item.future, away)
        self._waiting.clear()

    async def _give_back_connection(self) -> None:
        """Nothing waits, so no transaction was begun."""
        conn, self._conn = self._conn, None
        if conn is not None:
            await give_back(self._pool, conn)

    async def _drop_connection(self) -> None:
        """Close the connection hard: after a failure nobody knows what it is waiting for."""
        conn, self._conn, self._is_begun = self._conn, None, False
        if conn is not None:
            await discard(self._pool, conn)


def _settle(future: "asyncio.Future[R]", error: Exception) -> None:
    if not future.done():
        future.set_exception(error)
