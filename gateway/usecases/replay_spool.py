"""Bring what waits on disk into the database, in its order, once it is back (R34)."""

import asyncio
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from gateway.domain.errors import DatabaseAway
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.spool import Record, Spool, read_records, reject
from gateway.usecases.call_book import CallBook

CHUNK: Final = 500


async def replay_file(book: CallBook, path: Path) -> int:
    """Apply the records of a file, or raise DatabaseAway. A record that nothing can be done with is put aside."""
    count = 0
    records = read_records(path)
    while chunk := list(islice(_readable(path, records), CHUNK)):
        results = await asyncio.gather(*(book.replay(record) for record in chunk), return_exceptions=True)
        for result in results:
            if isinstance(result, DatabaseAway):
                raise result
        for record, result in zip(chunk, results, strict=True):
            if isinstance(result, BaseException):
                if not isinstance(result, Exception):
                    raise result
                logger().error(LogEvent.SPOOL_FAILED, connection=record.connection, why=str(result))
                reject(path, record, str(result))
        count += len(chunk)
    return count


def _readable(path: Path, records: Iterator[Record]) -> Iterator[Record]:
    try:
        yield from records
    except msgspec.DecodeError as error:
        logger().error(LogEvent.SPOOL_FAILED, file=path.name, why=str(error))
        raise


async def replay_spool(spool: Spool, book: CallBook) -> int:
    """Replay this process's file and those that dead processes left behind; how many records that were."""
    total = 0
    for file in spool.take_left_behind():
        try:
            total += await replay_file(book, file.path)
        except BaseException:
            file.close(delete=False)
            raise
        file.close(delete=True)
    if spool.count:
        async with spool.turn:
            total += await replay_file(book, spool.file.path)
            spool.file.empty()
            spool.count = 0
    if total:
        logger().info(LogEvent.SPOOL_REPLAYED, records=total)
    return total
