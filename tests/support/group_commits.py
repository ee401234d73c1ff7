"""A group commit under test, on a database that is played here."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

from asyncpg import InterfaceError

from gateway.postgres.batch_item import Again, QuickWay
from gateway.postgres.group_commit import GroupCommit
from gateway.postgres.locked_accounts import Locked
from gateway.postgres.sql import sql

# A start is refused within 1.5 s (R34).
LATEST_S = 1.5


class FakeConnection:
    """Remembers its statements; fails or hangs where it is told to."""

    def __init__(self, database: "FakeDatabase") -> None:
        self._database = database
        self.is_terminated = False
        self.has_ended = False

    def is_closed(self) -> bool:
        """A connection that the server has ended is not in its pool any more, which the driver does not say kindly."""
        if self.has_ended:
            raise InterfaceError("connection has been released back to the pool")
        return self.is_terminated

    async def execute(self, statements: str) -> None:
        """COMMIT AND CHAIN is a COMMIT and the BEGIN of the next transaction in one round trip."""
        statement, _, setting = statements.partition("; ")
        assert setting.startswith("SET LOCAL lock_timeout = ") == (statement not in {"COMMIT", "ROLLBACK"})
        for step in {"COMMIT AND CHAIN": ("COMMIT", "BEGIN")}.get(statement, (statement,)):
            self._database.statements.append(step)
            await self._database.meet(step)

    async def fetch(self, statement: str, accounts: Sequence[int], milliseconds: str) -> None:
        assert (statement, milliseconds) == (sql("accounts_turn"), "10")
        self._database.statements.append(f"lock {accounts}")
        await self._database.meet("lock")
        self._database.at_lock()

    def terminate(self) -> None:
        self.is_terminated = True


class FakeDatabase:
    """A pool of connections, and what happens at each step: nothing, an exception, or no answer for ever.

    Steps are `acquire`, `BEGIN`, `work`, `lock`, `COMMIT`, `ROLLBACK`, `release`.
    """

    def __init__(self) -> None:
        self.failures: dict[str, list[Exception]] = {}
        self.hanging: set[str] = set()
        self.statements: list[str] = []
        self.acquired: list[FakeConnection] = []
        self.released: list[FakeConnection] = []
        self.expired = 0
        self.hangs = asyncio.Event()
        self.at_lock: Callable[[], None] = lambda: None

    async def acquire(self) -> FakeConnection:
        await self.meet("acquire")
        self.acquired.append(FakeConnection(self))
        return self.acquired[-1]

    async def release(self, conn: FakeConnection) -> None:
        await self.meet("release")
        self.released.append(conn)

    async def expire_connections(self) -> None:
        self.expired += 1

    async def meet(self, step: str) -> None:
        if self.failures.get(step):
            raise self.failures[step].pop(0)
        if step in self.hanging:
            self.hangs.set()
            await asyncio.Event().wait()


Work = Callable[[Sequence[str]], Awaitable[Sequence[str | Again | Locked]]]


class Stage:
    """A group commit under test: `batches` are those it worked, `gate` keeps a transaction under way while shut."""

    def __init__(self, work: Work | None = None, quick_way: QuickWay[str, str] | None = None) -> None:
        self.database = FakeDatabase()
        self.batches: list[list[str]] = []
        self.sizes: list[int] = []
        self.gate = asyncio.Event()
        self.gate.set()
        self.entered = asyncio.Event()
        self._work = work
        # The fakes have as much of a pool and its connections as a group commit needs.
        pool: Any = self.database
        self.commits: GroupCommit[str, str] = GroupCommit(
            pool, self._batch, observe=self.sizes.append, quick_way=quick_way
        )
        self.task: asyncio.Task[None] | None = None

    async def _batch(self, _conn: Any, events: Sequence[str]) -> Sequence[str | Again | Locked]:
        self.batches.append(list(events))
        self.entered.set()
        await self.gate.wait()
        await self.database.meet("work")
        if self._work is not None:
            return await self._work(events)
        return [event.upper() for event in events]

    async def under_way(self, *events: str) -> list["asyncio.Future[str]"]:
        """Have a transaction under way with these events; it waits for the gate."""
        self.gate.clear()
        self.entered.clear()
        futures = [self.commits.submit(event) for event in events]
        await self.entered.wait()
        return futures

    async def stop(self) -> None:
        assert self.task is not None
        self.task.cancel()
        await asyncio.gather(self.task, return_exceptions=True)


@asynccontextmanager
async def stage(work: Work | None = None, quick_way: QuickWay[str, str] | None = None) -> AsyncIterator[Stage]:
    on = Stage(work, quick_way)
    on.task = asyncio.create_task(on.commits.run())
    try:
        yield on
    finally:
        await on.stop()


@asynccontextmanager
async def locked_stage() -> AsyncIterator[tuple[Stage, set[str]]]:
    """A stage with the events whose accounts somebody else has locked; each event has the account of its letter."""
    locked: set[str] = set()

    async def work(events: Sequence[str]) -> Sequence[str | Locked]:
        return [Locked(ord(event)) if event in locked else event.upper() for event in events]

    async with stage(work) as on:
        yield on, locked


async def outcomes(futures: Sequence["asyncio.Future[str]"]) -> list[str | type[BaseException]]:
    """The result of each, or the class of what it raised; none may hang."""
    async with asyncio.timeout(5):
        results = await asyncio.gather(*futures, return_exceptions=True)
    return [type(result) if isinstance(result, BaseException) else result for result in results]
