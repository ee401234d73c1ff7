"""Whatever goes wrong between us and the database, an end is kept and a start is answered (R34)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from gateway.domain.calls.call import Limits
from gateway.domain.connection import Connection
from gateway.domain.errors import MalformedHook
from gateway.domain.events import CallEnded, CallStarted, Cause, Direction
from gateway.metrics import Metrics
from gateway.postgres.errors import is_own_fault
from gateway.providers.base import Acknowledged
from gateway.providers.registry import adapters
from gateway.spool.file import read_records
from gateway.spool.spool import Spool, open_spool
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.starts.start_request import Decided
from tests.support.failures import FAILURES
from tests.support.world import FakeClock

ADAPTERS = adapters()
METRICS = Metrics()
PBX = Connection(name="pbx", kind="native", secrets=("s",))
END = CallEnded(call_id="a1", cause=Cause.NORMAL, seconds=60)
START = CallStarted(
    call_id="a1", direction=Direction.OUTBOUND, caller="+15550100001", callee="+442079460000", line="+15550100001"
)


class FailingPool:
    """Has no connection to give."""

    def __init__(self, failure: Exception) -> None:
        self.failure = failure

    async def acquire(self) -> None:
        raise self.failure


@asynccontextmanager
async def book_that_fails(failure: Exception, spool: Spool) -> AsyncIterator[CallBook]:
    pool: Any = FailingPool(failure)
    book = CallBook(
        pool=pool,
        clock=FakeClock(),
        limits=Limits(),
        public_url="http://gateway",
        connections={"pbx": PBX},
        adapters=ADAPTERS,
        metrics=METRICS,
        spool=spool,
    )
    tasks = [asyncio.create_task(task) for task in book.tasks()]
    try:
        with capture_logs():  # else each is written with its traceback, which takes longer than all the rest
            yield book
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_r34_every_failure_that_is_no_verdict_about_the_event_keeps_the_end(tmp_path: Path) -> None:
    lost = []
    for number, failure in enumerate(each for each in FAILURES if not is_own_fault(each)):
        async with open_spool(tmp_path / str(number)) as spool, book_that_fails(failure, spool) as book:
            told = await book.take(PBX, END)
            if told != Acknowledged() or [each.ended for each in read_records(spool.file.path)] != [END]:
                lost.append(failure)

    assert number > 200
    assert lost == []


@pytest.mark.parametrize("failure", [each for each in FAILURES if is_own_fault(each)][:3], ids=repr)
async def test_what_is_the_events_own_fault_is_answered_as_such_and_not_kept(
    tmp_path: Path, failure: Exception
) -> None:
    async with open_spool(tmp_path) as spool, book_that_fails(failure, spool) as book:
        with pytest.raises(MalformedHook, match="cannot be recorded"):
            await book.take(PBX, END)

        assert spool.count == 0


async def test_r34_every_failure_at_a_start_has_its_caller_told(tmp_path: Path) -> None:
    async with open_spool(tmp_path) as spool:
        for failure in FAILURES:
            async with book_that_fails(failure, spool) as book:
                told = await book.start(PBX, START)

            assert isinstance(told, Decided)
            assert b"unavailable" in told.reply
