"""Calls that somebody should have heard of: never answered within the ring time, or past their deadline (R15, R22).

The provider is asked where it can be asked. What it knows closes the call with its figures. An unanswered call whose
fate nobody knows gives back its hold; a call past its deadline is closed after 24 h with the charge 0. Where the
provider forgets a call soon after its end, it is asked every so often before the deadline too.
"""

import asyncio
from datetime import datetime, timedelta
from typing import Final

from gateway.context import Deps
from gateway.domain.calls.call import END_GRACE, FATE_UNKNOWN_MAX, Flag, next_look
from gateway.domain.errors import DatabaseAway, ProviderFailed
from gateway.domain.events import CallAnswered, CallEnded, Cause
from gateway.log import logger
from gateway.log_events import LogEvent
from gateway.postgres.calls import live_calls
from gateway.postgres.calls.live_calls import DueSweep
from gateway.postgres.types import PgConnection
from gateway.providers.base import AskedAgain, Fate, Live, Unknown
from gateway.providers.forgetful import ask_every
from gateway.usecases.calls.book import CallBook

BATCH: Final = 100
# How long a claim keeps others away; longer than a provider may take to answer.
CLAIM: Final = timedelta(seconds=30)
ASK_AGAIN: Final = timedelta(minutes=5)


async def sweep_calls(deps: Deps, book: CallBook) -> bool:
    """Look after one batch; True if there may be more."""
    now = deps.clock.now()
    async with deps.pool.acquire() as conn:
        due = await live_calls.claim_sweeps(conn, now=now, next_at=now + CLAIM, limit=BATCH)
    results = await asyncio.gather(*(_sweep(deps, book, call) for call in due), return_exceptions=True)
    for call, result in zip(due, results, strict=True):
        if isinstance(result, Exception) and not isinstance(result, DatabaseAway):
            logger().error(LogEvent.WORKER_FAILED, worker="sweeper", call_id=call.call_id, exc_info=result)
    return len(due) == BATCH


async def _sweep(deps: Deps, book: CallBook, call: DueSweep) -> None:
    try:
        asked = await ask_fate(deps, call)
    except ProviderFailed as error:
        logger().warning(LogEvent.PROVIDER_FAILED, connection=call.connection, call_id=call.call_id, why=str(error))
        asked = Unknown()
    fate = asked or Unknown()
    logger().info(LogEvent.CALL_FATE_ASKED, call_id=call.call_id, fate=type(fate).__name__.lower())
    deps.metrics.fates.labels(type(fate).__name__.lower()).inc()
    match fate:
        case CallEnded():
            await book.record(call.connection, fate, Flag.END_ASKED)
        case Live():
            await _still_up(deps, book, call, fate)
        case Unknown():
            await _unknown(deps, book, call, is_asked=asked is not None)


async def ask_fate(deps: Deps, call: DueSweep) -> Fate | None:
    """What the provider knows of a call; None where it cannot be asked."""
    connection = deps.settings.connections.get(call.connection)
    if connection is None:
        return None
    adapter = deps.adapters[connection.kind]
    now = deps.clock.now()
    request = adapter.ask_fate(connection, call.ref, now)
    if request is None:
        return None
    fate = adapter.read_fate(await deps.provider_client.send(call.connection, request), call.ref)
    if isinstance(adapter, AskedAgain) and isinstance(fate, Unknown):
        for rest in adapter.ask_rest(connection, call.ref, now):
            fate = adapter.read_rest(await deps.provider_client.send(call.connection, rest), call.ref, now)
            if not isinstance(fate, Unknown):
                break
    return fate


async def _still_up(deps: Deps, book: CallBook, call: DueSweep, fate: Live) -> None:
    """A call that is up keeps its hold, and its clocks go on as they are; one overdue is cut."""
    if call.answered_at is None and fate.answered_at is not None:
        await book.record(call.connection, CallAnswered(call_id=call.ref.call_id, at=fate.answered_at))
        return
    now = deps.clock.now()
    async with deps.pool.acquire() as conn:
        if now >= call.must_end_at:
            await live_calls.cut_now(conn, call.call_id, now=now)
            await live_calls.sweep_later(conn, call.call_id, sweep_at=now + END_GRACE)
        else:
            await live_calls.sweep_later(conn, call.call_id, sweep_at=_next_look(deps, call, now))


async def _unknown(deps: Deps, book: CallBook, call: DueSweep, *, is_asked: bool) -> None:
    """Who can be asked is asked again soon: it may know later, as a list of legs that lags behind the call."""
    now = deps.clock.now()
    if now >= call.must_end_at + FATE_UNKNOWN_MAX:
        end = CallEnded(call_id=call.ref.call_id, cause=Cause.FAILED, seconds=0)
        await book.record(call.connection, end, Flag.END_LOST)
        logger().warning(LogEvent.CALL_EXPIRED, call_id=call.call_id)
        return
    is_overdue = now >= call.must_end_at + END_GRACE
    again_at = min(now + ASK_AGAIN, call.must_end_at + FATE_UNKNOWN_MAX)
    look_at = again_at if is_overdue else _next_look(deps, call, now)
    next_at = min(look_at, again_at) if is_asked else look_at
    async with deps.pool.acquire() as conn, conn.transaction():
        if call.answered_at is not None or await _may_talk(deps, conn, call):
            await live_calls.sweep_later(conn, call.call_id, sweep_at=next_at)
            return
        if call.account_id is not None:
            await live_calls.lock_accounts(conn, [call.account_id])
        await live_calls.release_hold(conn, call.call_id, sweep_at=next_at)


def _next_look(deps: Deps, call: DueSweep, now: datetime) -> datetime:
    connection = deps.settings.connections.get(call.connection)
    often = None if connection is None else ask_every(deps.adapters[connection.kind])
    return next_look(call.must_end_at, often, now)


async def _may_talk(deps: Deps, conn: PgConnection, call: DueSweep) -> bool:
    """Whether a call without an answer may be talking all the same, so that its hold must stay until its deadline.

    So it is where the connection is set not to report answers, and where one of the account's latest calls by it
    gave back its hold and was charged in the end.
    """
    connection = deps.settings.connections.get(call.connection)
    if connection is not None and not connection.reports_answers:
        return True
    if call.account_id is None:
        return False
    return await live_calls.was_silent(conn, account_id=call.account_id, connection=call.connection)
