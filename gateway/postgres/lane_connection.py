"""The connection of a group commit and its transactions: opened when it is needed, and not in a hurry after failures.

A server that does not answer may be at work all the same, as one whose commits wait for a standby that is lost. So what
nobody waits for any more is cancelled there, and its connection is given back when the server has let go of it. There
are never more than some of those, and between failures the lane rests.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final, TypeVar

from gateway.postgres.errors import is_database_away
from gateway.postgres.pool import discard, give_back, has_ended
from gateway.postgres.types import PgConnection, Pool, PoolConnection

# After the second failure in a row the next connection waits for so long, after each further one twice as long.
REST_FIRST_S: Final = 0.2
REST_MAX_S: Final = 1.0
# So long the server is given to let go of what was cancelled.
PARTING_S: Final = 3.0
PARTING_MAX: Final = 2
# At the end of the process nobody has much time.
LAST_PARTING_S: Final = 0.5

T = TypeVar("T")


class LaneConnection:
    """A connection that is kept, with a transaction on it at a time; none waits longer for a lock than it may."""

    def __init__(self, pool: Pool, *, lock_wait: timedelta) -> None:
        self._pool = pool
        self._begin = f"; SET LOCAL lock_timeout = {round(lock_wait / timedelta(milliseconds=1))}"
        self._conn: PoolConnection | None = None
        self._is_begun = False
        self._failures = 0
        self._rests_until = 0.0
        self._parting: set[asyncio.Task[None]] = set()
        # Whether the answer to a COMMIT is out, so that nobody knows what became of it.
        self.is_committing = False

    @property
    def is_resting(self) -> bool:
        """Whether no connection may be opened for now."""
        return self._conn is None and (
            asyncio.get_running_loop().time() < self._rests_until or len(self._parting) >= PARTING_MAX
        )

    async def begin(self) -> PgConnection:
        """The connection, in a transaction; another one where the server closed it while nothing waited."""
        conn = await self._open()
        if not self._is_begun:
            await conn.execute(f"BEGIN{self._begin}")
            self._is_begun = True
        return conn

    async def at_once(self, work: Callable[[PgConnection], Awaitable[T]]) -> T:
        """Have work done that is one statement and commits by itself; nothing is done where the server refuses it."""
        conn = await self._open()
        self.is_committing = True
        try:
            result = await work(conn)
        except Exception as error:
            self.is_committing = is_database_away(error)
            raise
        self.is_committing = False
        self._failures = 0
        return result

    async def _open(self) -> PoolConnection:
        if self._conn is not None and has_ended(self._conn):
            self._conn, self._is_begun = None, False
        if self._conn is None:
            self._conn = await self._pool.acquire()
        return self._conn

    async def commit(self, *, and_begin: bool) -> None:
        """Commit; where others wait already, their transaction begins in the same round trip."""
        if self._conn is None or not self._is_begun:
            return
        self.is_committing = True
        self._is_begun = False
        await self._conn.execute(f"COMMIT AND CHAIN{self._begin}" if and_begin else "COMMIT")
        self._is_begun, self.is_committing = and_begin, False
        self._failures = 0

    async def roll_back(self) -> None:
        """Undo what was done since the last commit."""
        self._is_begun = False
        if self._conn is not None:
            await self._conn.execute("ROLLBACK")
        self.is_committing = False

    async def lend(self) -> None:
        """Have others use the connection while nothing waits, so that no transaction was begun."""
        conn, self._conn = self._conn, None
        if conn is not None:
            await give_back(self._pool, conn)

    def part(self) -> None:
        """Give the connection up after a failure: nobody knows what it is waiting for."""
        self._failures += 1
        if self._failures > 1:
            rest_s = min(REST_FIRST_S * 2.0 ** min(self._failures - 2, 10), REST_MAX_S)
            self._rests_until = asyncio.get_running_loop().time() + rest_s
        conn, self._conn = self._conn, None
        self._is_begun = self.is_committing = False
        if conn is not None:
            parting = asyncio.create_task(discard(self._pool, conn, within_s=PARTING_S))
            self._parting.add(parting)
            parting.add_done_callback(self._parting.discard)

    async def close(self) -> None:
        """Give everything back, within a moment."""
        for parting in self._parting:
            parting.cancel()
        if self._conn is not None:
            await discard(self._pool, self._conn, within_s=LAST_PARTING_S)
