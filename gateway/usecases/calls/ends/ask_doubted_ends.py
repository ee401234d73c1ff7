"""Calls that ended with nothing though somebody says that they talked: their providers are asked (R21).

Who reports a leg and the call may have told of the leg, while the call's own report got lost. What the provider says is
an end like any other: seconds beat a zero, bounded by what passed by our clock, and nothing is ever charged less.
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Final, assert_never

from gateway.context import Context
from gateway.domain.calls.call import Flag
from gateway.domain.events import CallEnded
from gateway.due.queue import Queue, Turn
from gateway.postgres.calls import doubted_ends
from gateway.postgres.calls.doubted_ends import DoubtedEnd
from gateway.postgres.types import PgConnection
from gateway.providers.base import Live, Unknown
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.ends.ask_fate import ask_fate

# Longer than a provider may take to answer.
CLAIM: Final = timedelta(seconds=30)
# After the first, second, … question that settled nothing. Lists of legs lag behind; a call lasts an hour at most.
ASK_AGAIN: Final = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=1))


def doubts(book: CallBook) -> Queue[DoubtedEnd]:
    """The ends to ask about; what is told goes into the book."""
    return Queue(
        name="doubted ends",
        interval_s=5,
        batch=100,
        claimed_for=CLAIM,
        claim=_claim,
        work=partial(_ask, book),
        identify=lambda end: {"call_id": end.call_id},
    )


async def _claim(conn: PgConnection, turn: Turn) -> Sequence[DoubtedEnd]:
    return await doubted_ends.claim(conn, now=turn.now, until=turn.until, limit=turn.limit)


async def _ask(book: CallBook, context: Context, end: DoubtedEnd) -> None:
    if not end.is_doubted:
        await _forget(context, end)
        return
    fate = await ask_fate(context, connection=end.connection, call_id=end.call_id, ref=end.ref)
    match fate:
        case CallEnded():
            # No more can have been talked than until we heard of the end, unless the call was up after that.
            heard_at = None if end.was_up else end.heard_at
            await book.record(end.connection, fate, Flag.END_ASKED, is_asked=True, received_at=heard_at)
            await _forget(context, end)
        case Live() | Unknown():
            await _ask_later(context, end, is_up=isinstance(fate, Live))
        case None:
            await _forget(context, end)
        case _ as never:
            assert_never(never)


async def _ask_later(context: Context, end: DoubtedEnd, *, is_up: bool) -> None:
    """Ask again, a few times at most."""
    if end.tries > len(ASK_AGAIN):
        await _forget(context, end)
        return
    due_at = context.clock.now() + ASK_AGAIN[end.tries - 1]
    async with context.pool.acquire() as conn:
        await doubted_ends.ask_later(conn, end.call_id, due_at=due_at, is_up=is_up)


async def _forget(context: Context, end: DoubtedEnd) -> None:
    async with context.pool.acquire() as conn:
        await doubted_ends.forget(conn, end.call_id)
