"""Bring what waits on disk into the database once it is back (R34): the records of a call in their order.

Progress is kept by the record. One that meets a fault of its surroundings waits, with the later ones of its call, and
is tried again; one that cannot be recorded for what it says itself is put aside.
"""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from gateway.domain.errors import DatabaseAway
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.errors import is_database_away, is_own_fault
from gateway.postgres.group_commit import BATCH_MAX
from gateway.spool.file import SpoolFile, SpoolLine
from gateway.spool.record import Call, Record
from gateway.spool.set_aside import put_aside, reject
from gateway.spool.spool import Spool
from gateway.usecases.calls.book import CallBook

# What goes in one transaction of either kind.
CHUNK: Final = BATCH_MAX
# After a chunk that takes longer there is as long a pause.
QUICK_S: Final = 0.1
PAUSE_MAX_S: Final = 1.0
# Records that met a fault which is not the database's absence are tried again after this.
REST_S: Final = 30.0


@dataclass(slots=True)
class _Pass:
    """How far a file was gone through, and the calls of which something waits; it begins anew at `again_at`."""

    position: int = 0
    held: set[Call] = field(default_factory=set)
    is_any_away: bool = False
    is_any_faulty: bool = False
    again_at: float = 0.0

    def note(self, told: "_Told", *, up_to: int) -> None:
        """So far everything was tried, and this became of the last of it."""
        self.position = up_to
        self.is_any_away |= told.is_any_away
        self.is_any_faulty |= bool(told.faults)
        for why, records in told.faults.items():
            logger().error(LogEvent.SPOOL_FAILED, records=records, why=why)


@dataclass(slots=True)
class _Told:
    """What became of some records."""

    applied: int = 0
    took_s: float = 0.0
    is_any_away: bool = False
    # How many waited for each cause that is none of the database's absence.
    faults: dict[str, int] = field(default_factory=dict)


class Replay:
    """Replays a spool, turn by turn."""

    def __init__(self, spool: Spool, book: CallBook) -> None:
        self._spool = spool
        self._book = book
        self._passes: dict[SpoolFile, _Pass] = {}

    async def once(self) -> int:
        """Go once through all that waits; how many records have left the spool. DatabaseAway ends it early."""
        await self._spool.take_left_behind()
        total = 0
        held: set[Call] = set()
        try:
            for file in self._spool.files:
                total += await self._go_through(file, held)
        finally:
            self._passes = {file: each for file, each in self._passes.items() if file.count}
            await self._spool.forget_applied()
            if total:
                logger().info(LogEvent.SPOOL_REPLAYED, records=total)
        return total

    async def _go_through(self, file: SpoolFile, held: set[Call]) -> int:
        """Go through a file, or what is new of it; `held` are the calls of which something waits in those before it."""
        now = asyncio.get_running_loop().time()
        its = self._passes.get(file)
        if its is None or its.again_at <= now:
            its = self._passes[file] = _Pass()
        its.held.update(held)
        applied = 0
        while entries := file.read(its.position, CHUNK):
            told = await self._apply(file, entries, its)
            applied += told.applied
            its.note(told, up_to=entries[-1].end)
            if told.is_any_away and not told.applied:
                its.again_at = 0.0
                await self._book.see_database()
            await _give_way(told.took_s)
        held.update(its.held)
        if its.is_any_away or not its.is_any_faulty:
            its.again_at = 0.0
        elif not its.again_at:
            its.again_at = now + REST_S
        return applied

    async def _apply(self, file: SpoolFile, entries: Sequence[SpoolLine], its: _Pass) -> _Told:
        """Apply the chains of some entries side by side. All have ended on return."""
        told, began = _Told(), asyncio.get_running_loop().time()
        work = [self._apply_chain(file, chain, its.held, told) for chain in _chains(entries)]
        for result in await asyncio.gather(*work, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result
        told.took_s = asyncio.get_running_loop().time() - began
        return told

    async def _apply_chain(self, file: SpoolFile, chain: Sequence[SpoolLine], held: set[Call], told: _Told) -> None:
        """Apply a chain to its end, or to the first that has to wait: then the others of these calls wait too."""
        calls = {call for entry in chain if entry.record is not None for call in entry.record.calls}
        if not held.isdisjoint(calls):
            held.update(calls)
            return
        for entry in chain:
            try:
                await self._apply_one(file, entry)
            except Exception as error:  # noqa: BLE001 - one record must not keep the others on the disk
                held.update(calls)
                if isinstance(error, DatabaseAway) or is_database_away(error):
                    told.is_any_away = True
                else:
                    why = _words(error)
                    told.faults[why] = told.faults.get(why, 0) + 1
                return
            told.applied += 1
            file.mark_applied(entry)

    async def _apply_one(self, file: SpoolFile, entry: SpoolLine) -> None:
        """Have a record in the database, or put aside for an operator: it leaves the spool only for one of the two."""
        if entry.record is None:
            with _of_the_disk():
                put_aside(file.path, entry.line)
            logger().error(LogEvent.SPOOL_SET_ASIDE, file=file.path.name, why="this version does not understand it")
            return
        try:
            await self._book.replay(entry.record)
        except Exception as error:
            if not is_own_fault(error):
                raise
            with _of_the_disk():
                reject(file.path, entry.line, _words(error))
            logger().error(LogEvent.SPOOL_SET_ASIDE, connection=entry.record.connection, why=_words(error))


async def replay_spool(spool: Spool, book: CallBook) -> int:
    """Replay all that can be replayed now; how many records have left the spool."""
    return await Replay(spool, book).once()


async def _give_way(took_s: float) -> None:
    """Let webhooks have accounts that were locked for long, as they are on a slow link."""
    if took_s > QUICK_S:
        await asyncio.sleep(min(took_s, PAUSE_MAX_S))


def _chains(entries: Sequence[SpoolLine]) -> list[list[SpoolLine]]:
    """The entries by call, each call's in their order; a forwarded call belongs to the one it came in by."""
    chains: dict[Call, list[SpoolLine]] = {}
    others = []
    for entry in entries:
        if entry.record is None:
            others.append([entry])
        else:
            _chain_of(entry.record, chains).append(entry)
    return [*others, *{id(chain): chain for chain in chains.values()}.values()]


def _chain_of(record: Record, chains: dict[Call, list[SpoolLine]]) -> list[SpoolLine]:
    own, *parent = record.calls
    chain = chains.setdefault(own, [])
    if parent and not chain:
        chain = chains[own] = chains.setdefault(parent[0], chain)
    return chain


@contextmanager
def _of_the_disk() -> Iterator[None]:
    """An error of our own disk, which is not to be taken for one of the network."""
    try:
        yield
    except OSError as error:
        raise RuntimeError(f"it cannot be put aside: {error}") from None


def _words(error: Exception) -> str:
    """Of the first line only: the rest of a message of PostgreSQL's is the row."""
    return str(error).partition("\n")[0] or type(error).__name__
