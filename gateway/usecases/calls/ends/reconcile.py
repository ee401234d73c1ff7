"""Calls that somebody should have heard of: never answered within the ring time, or past their deadline (R15, R22).

The provider is asked where it can be asked. What it knows closes the call with its figures. An unanswered call whose
status nobody knows gives back its hold; a call past its deadline is closed after 24 h with the charge 0. Where the
provider forgets a call soon after its end, it is asked every so often before the deadline too.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from gateway.context import Context
from gateway.domain.calls.call import END_GRACE, STATUS_UNKNOWN_MAX, Flag, next_look
from gateway.domain.events import CallAnswered, CallEnded, Cause
from gateway.due.queue import Queue, Turn
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.calls import live_calls
from gateway.postgres.calls.live_calls import DueReconciliation
from gateway.postgres.types import PgConnection
from gateway.providers.abilities import ask_every
from gateway.providers.base import Live, Unknown
from gateway.usecases.calls.book import CallBook
from gateway.usecases.calls.ends.ask_fate import ask_fate

# How long a claim keeps others away; longer than a provider may take to answer.
CLAIM: Final = timedelta(seconds=30)
ASK_AGAIN: Final = timedelta(minutes=5)


def reconciliations(book: CallBook) -> Queue[DueReconciliation]:
    """The calls to look after, whose ends and answers go into the book."""
    return Queue(
        # The name that its failures are counted and logged by.
        name="sweeper",
        interval_s=2,
        batch=100,
        claimed_for=CLAIM,
        claim=_claim,
        work=partial(_reconcile, book),
        identify=lambda call: {"call_id": call.call_id},
    )


async def reconcile_calls(context: Context, book: CallBook) -> bool:
    """Look after one batch; whether there was any."""
    return await reconciliations(book).once(context)


async def _claim(conn: PgConnection, turn: Turn) -> Sequence[DueReconciliation]:
    return await live_calls.claim_reconciliations(conn, now=turn.now, until=turn.until, limit=turn.limit)


async def _reconcile(book: CallBook, context: Context, call: DueReconciliation) -> None:
    asked = await ask_fate(context, connection=call.connection, call_id=call.call_id, ref=call.ref)
    status = asked or Unknown()
    match status:
        case CallEnded():
            await book.record(call.connection, status, Flag.END_ASKED, is_asked=True)
        case Live():
            await _still_up(context, book, call, status)
        case Unknown():
            await _unknown(context, book, call, is_asked=asked is not None)


async def _still_up(context: Context, book: CallBook, call: DueReconciliation, status: Live) -> None:
    """A call that is up keeps its hold, and its clocks go on as they are; one overdue is cut."""
    if call.answered_at is None and status.answered_at is not None:
        answer = CallAnswered(call_id=call.ref.call_id, at=status.answered_at)
        await book.record(call.connection, answer, is_asked=True)
        return
    now = context.clock.now()
    async with context.pool.acquire() as conn:
        if now >= call.must_end_at:
            await live_calls.cut_now(conn, call.call_id, now=now)
            await live_calls.reconcile_later(conn, call.call_id, reconcile_due_at=now + END_GRACE)
        else:
            await live_calls.reconcile_later(conn, call.call_id, reconcile_due_at=_next_look(context, call, now))


async def _unknown(context: Context, book: CallBook, call: DueReconciliation, *, is_asked: bool) -> None:
    """Who can be asked is asked again soon: it may know later, as a list of legs that lags behind the call."""
    now = context.clock.now()
    if now >= call.must_end_at + STATUS_UNKNOWN_MAX:
        end = CallEnded(call_id=call.ref.call_id, cause=Cause.FAILED, seconds=0)
        await book.record(call.connection, end, Flag.END_LOST)
        logger().warning(LogEvent.CALL_EXPIRED, call_id=call.call_id)
        return
    is_overdue = now >= call.must_end_at + END_GRACE
    again_at = min(now + ASK_AGAIN, call.must_end_at + STATUS_UNKNOWN_MAX)
    look_at = again_at if is_overdue else _next_look(context, call, now)
    due_at = min(look_at, again_at) if is_asked else look_at
    async with context.pool.acquire() as conn, conn.transaction():
        if is_overdue:
            if call.account_id is not None:
                await live_calls.lock_accounts(conn, [call.account_id])
            await live_calls.owe_hold(conn, call.call_id, now=now)
        may_talk = not is_overdue and await _may_talk(context, conn, call)
        if call.answered_at is not None or may_talk:
            await live_calls.reconcile_later(conn, call.call_id, reconcile_due_at=due_at)
            return
        rings_until = call.started_at + timedelta(seconds=context.settings.limits.ring_s)
        if now < rings_until:  # asked early, as after a hang-up: a call that rings keeps its hold
            await live_calls.reconcile_later(conn, call.call_id, reconcile_due_at=min(due_at, rings_until))
            return
        if call.account_id is not None:
            await live_calls.lock_accounts(conn, [call.account_id])
        await live_calls.release_hold(conn, call.call_id, reconcile_due_at=due_at)


def _next_look(context: Context, call: DueReconciliation, now: datetime) -> datetime:
    connection = context.settings.connections.get(call.connection)
    often = None if connection is None else ask_every(context.adapters[connection.kind])
    return next_look(call.must_end_at, often, now)


async def _may_talk(context: Context, conn: PgConnection, call: DueReconciliation) -> bool:
    """Whether a call without an answer may be talking all the same, so that its hold must stay until its deadline.

    So it is where the connection is set not to report answers, and where one of the account's latest calls by it
    gave back its hold and was charged in the end. After its deadline nobody talks.
    """
    connection = context.settings.connections.get(call.connection)
    if connection is not None and not connection.reports_answers:
        return True
    if call.account_id is None:
        return False
    return await live_calls.was_silent(conn, account_id=call.account_id, connection=call.connection)
