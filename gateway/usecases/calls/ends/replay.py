"""Bring what waits on disk into the database, in its order, once it is back (R34)."""

import asyncio
from collections.abc import Sequence
from typing import Final

from gateway.domain.errors import DatabaseAway
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.spool.file import Record, SpoolFile, put_aside, read_record, reject
from gateway.spool.spool import Spool
from gateway.usecases.calls.book import CallBook

CHUNK: Final = 500
# So few are applied while new ones wait for their turn.
LAST_FEW: Final = 50

_Key = tuple[str, str]


async def replay_spool(spool: Spool, book: CallBook) -> int:
    """Replay what dead processes left behind, then this process's file; how many records that were."""
    total = 0
    spool.take_left_behind()
    while spool.left_behind:
        total += await _replay_file(spool.left_behind[0], book)
        spool.left_behind.pop(0).close()
    if spool.file.count:
        # New records are written behind while this goes on. Under load there is always one more, so the last few wait.
        total += await _replay_chunk(spool.file, book)
        while spool.file.count > LAST_FEW and (applied := await _replay_chunk(spool.file, book)):
            total += applied
        async with spool.turn:
            total += await _replay_file(spool.file, book)
            spool.file.empty()
    if total:
        logger().info(LogEvent.SPOOL_REPLAYED, records=total)
    return total


async def _replay_file(file: SpoolFile, book: CallBook) -> int:
    count = 0
    while applied := await _replay_chunk(file, book):
        count += applied
    return count


async def _replay_chunk(file: SpoolFile, book: CallBook) -> int:
    """Apply the next records of a file, or raise DatabaseAway. What nothing can be done with is put aside."""
    lines = file.read(CHUNK)
    records = [read_record(line) for line in lines]
    rejected = await _replay_chains(book, _chains([record for record in records if record is not None]))
    for line, record in zip(lines, records, strict=True):
        if record is None:
            logger().error(LogEvent.SPOOL_FAILED, file=file.path.name, why="a line cannot be read")
            put_aside(file.path, line)
    for record, why in rejected:
        logger().error(LogEvent.SPOOL_FAILED, connection=record.connection, why=why)
        reject(file.path, record, why)
    file.mark_applied(lines)
    return len(lines)


def _chains(records: Sequence[Record]) -> list[list[Record]]:
    """The records by call, each call's in their order; a forwarded call belongs to the one it came in by."""
    chains: dict[_Key, list[Record]] = {}
    for record in records:
        call_id = "" if record.event is None else record.event.call_id
        chain = chains.setdefault((record.connection, call_id), [])
        if record.started is not None and record.started.parent_call_id is not None and not chain:
            parent = chains.setdefault((record.connection, record.started.parent_call_id), chain)
            chain = chains[record.connection, call_id] = parent
        chain.append(record)
    return list({id(chain): chain for chain in chains.values()}.values())


async def _replay_chains(book: CallBook, chains: Sequence[Sequence[Record]]) -> list[tuple[Record, str]]:
    """Apply chains side by side; the records that the database will not take, and why. All have ended on return."""
    rejected: list[tuple[Record, str]] = []
    for result in await asyncio.gather(*(_replay_chain(book, chain) for chain in chains), return_exceptions=True):
        if isinstance(result, BaseException):
            raise result
        rejected += result
    return rejected


async def _replay_chain(book: CallBook, chain: Sequence[Record]) -> list[tuple[Record, str]]:
    rejected = []
    for record in chain:
        try:
            await book.replay(record)
        except DatabaseAway:
            raise
        except Exception as error:  # noqa: BLE001 - one record must not keep the others on the disk
            # Of the first line only: the rest of a message of PostgreSQL's is the row.
            rejected.append((record, str(error).partition("\n")[0] or type(error).__name__))
    return rejected
